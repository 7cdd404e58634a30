"""Invoice items: what is to be billed once. Pending until an invoice takes them in, fixed when it is finalised.

An item says the same as its line: changing one changes the other.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from . import coupons, prices
from ._errors import ApiError, Malformed
from ._form import (
    Schema,
    boolean,
    hash_of,
    integer,
    merge_metadata,
    metadata,
    one_of,
    text,
)
from ._invoice_life import line_from, take_in
from ._invoice_lines import NEW, Line, left_of, pricing
from ._money import CURRENCIES, MOST
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show
from .invoices import saved

KIND = "invoiceitem"


@shape_of(KIND)
def invoiceitem(facts: Facts) -> dict[str, Any]:
    proration, details = facts["proration"], None
    if proration:
        less = facts["discount_amounts"]
        details = {"credited_items": None, "discount_amounts": less}
    return {
        "id": facts["id"],
        "object": KIND,
        "amount": facts["amount"],
        "currency": facts["currency"],
        "customer": facts["customer"],
        "customer_account": None,
        "date": facts["created"],
        "description": facts["description"],
        "discountable": facts["discountable"],
        "discounts": facts["discounts"],
        "frozen_fields": ["pricing", "quantity", "discounts"] if proration else [],
        "invoice": facts.get("invoice"),
        "invoicing_rules": [],
        "livemode": False,
        "metadata": facts["metadata"],
        "net_amount": None if facts["discountable"] else left_of(facts),
        "parent": _parent(facts),
        "period": facts["period"],
        "pricing": pricing(facts),
        "proration": proration,
        "proration_details": details,
        "quantity": facts["quantity"],
        "quantity_decimal": str(facts["quantity"]),
        "tax_rates": [],
        "test_clock": None,
    }


@shape_of("deleted_invoiceitem")
def deleted_invoiceitem(facts: Facts) -> dict[str, Any]:
    return {"id": facts["id"], "object": KIND, "deleted": True}


def _parent(facts: Facts) -> dict[str, Any] | None:
    if facts["subscription"] is None:
        return None
    details = {"subscription": facts["subscription"]}
    if facts["subscription_item"]:
        details["subscription_item"] = facts["subscription_item"]
    return {"subscription_details": details, "type": "subscription_details"}


def pend(turn: Turn, *, customer: str, subscription: Facts | None, lines: list[Line]) -> None:
    """Keep these lines until the customer's next invoice."""
    for line in lines:
        facts = {**NEW, **line, "subscription": subscription and subscription["id"]}
        _add(
            turn, facts | {"id": new_id("ii"), "created": turn.created, "customer": customer, "invoice": None}
        )


def _add(turn: Turn, facts: Facts) -> None:
    turn.add(KIND, facts)
    turn.record(KIND, facts)
    turn.emit("invoiceitem.created", KIND, facts)


#: How much: an amount, or a price and a quantity.
MONEY: Schema = {
    "amount": integer(-MOST, MOST),
    "price_data": hash_of(prices.INLINE, needs=("currency", "product")),
    "pricing": hash_of({"price": text()}),
    "quantity": integer(0),
    "unit_amount_decimal": prices.decimal(),
}
#: What else a line of an invoice says.
WORDS: Schema = {
    "description": text(clears=True),
    "discountable": boolean(),
    "discounts": coupons.discounts(),
    "metadata": metadata(),
    "period": hash_of({"end": integer(0), "start": integer(0)}, needs=("end", "start")),
}
TAKES: Schema = {
    **MONEY,
    **WORDS,
    "tax_behavior": one_of(*prices.TAX_BEHAVIORS),
    "tax_code": text(clears=True),
}
CREATE: Schema = {**TAKES, "currency": text(3), "customer": text(), "invoice": text(), "subscription": text()}


@route("POST", "/invoiceitems", CREATE)
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    invoice = draft(turn, values["invoice"], "invoice") if "invoice" in values else None
    if invoice:
        values.setdefault("customer", invoice["customer"])
        values.setdefault("currency", invoice["currency"])
    if "customer" not in values:
        raise Malformed("Missing required param: customer.", code="parameter_missing", param="customer")
    holder = turn.need("customer", values["customer"], "customer")
    if invoice and invoice["customer"] != holder["id"]:
        raise ApiError(f"Invoice {invoice['id']} is another customer's.", param="invoice")
    subscription = _subscription(turn, values, holder, invoice)
    facts = new(turn, values, holder, (subscription or {}).get("currency"))
    facts["subscription"] = subscription and subscription["id"]
    if invoice is None:
        _add(turn, facts)
    else:
        put_in(turn, invoice, [facts])
    return show(KIND, facts)


def _subscription(turn: Turn, values: dict[str, Any], holder: Facts, invoice: Facts | None) -> Facts | None:
    if "subscription" not in values:
        return None
    subscription = turn.need("subscription", values["subscription"], "subscription")
    if subscription["customer"] != holder["id"]:
        raise ApiError(f"Subscription {subscription['id']} is another customer's.", param="subscription")
    if subscription.get("status") in ("canceled", "incomplete_expired"):
        raise ApiError(
            "Invoice items cannot be added to a subscription that has ended.", param="subscription"
        )
    if invoice and invoice["subscription"] not in (None, subscription["id"]):
        raise ApiError("The invoice is another subscription's.", param="invoice")
    return subscription


def draft(turn: Turn, id: str, param: str | None = None) -> Facts:
    """The invoice, to be changed. Raises ApiError once it is finalised."""
    invoice = turn.need("invoice", id, param)
    if invoice["status"] != "draft":
        raise ApiError(
            "This invoice is no longer editable: its lines can only change while it is a draft.",
            code="invoice_not_editable",
            param=param,
        )
    return invoice


def new(
    turn: Turn, values: dict[str, Any], holder: Facts, currency: str | None = None, within: str = ""
) -> Facts:
    """An invoice item as it is asked for, stored nowhere yet. Raises for what does not go together."""
    facts: Facts = {
        **NEW,
        "id": new_id("ii"),
        "created": turn.created,
        "customer": holder["id"],
        "currency": (values.get("currency") or currency or holder.get("currency") or "usd").lower(),
        "invoice": None,
        "period": {"start": turn.created, "end": turn.created},
    }
    if facts["currency"] not in CURRENCIES:
        raise Malformed(f"Invalid currency: {facts['currency']}.", param=at(within, "currency"))
    if not {"amount", "price_data", "pricing", "unit_amount_decimal"} & set(values):
        raise ApiError(
            "You must specify one of amount, pricing, price_data or unit_amount_decimal.",
            code="parameter_missing",
            param=at(within, "amount"),
        )
    if "amount" in values and "currency" not in values and not currency:
        raise Malformed(
            "Missing required param: currency.", code="parameter_missing", param=at(within, "currency")
        )
    change(turn, facts, values, within)
    return facts


def at(within: str, *steps: str) -> str:
    """The name of a parameter: `lines[0][amount]`."""
    first, *more = [within, *steps] if within else steps
    return first + "".join(f"[{step}]" for step in more)


def change(turn: Turn, facts: Facts, values: dict[str, Any], within: str = "") -> None:
    """Take over what is given, amount and price together. Raises when two of them are."""
    given = [name for name in ("amount", "price_data", "pricing", "unit_amount_decimal") if name in values]
    if len(given) > 1 or ("amount" in values and "quantity" in values):
        other = given[1] if len(given) > 1 else "quantity"
        raise Malformed(
            f"You may only specify one of these parameters: {given[0]}, {other}.", param=at(within, other)
        )
    _price(turn, facts, values, within)
    if "quantity" in values:
        facts["quantity"] = values["quantity"]
    if "amount" in values:
        facts.update(amount=values["amount"], price=None, product=None, unit_amount_decimal=None, quantity=1)
    elif given or "quantity" in values:
        each = facts["unit_amount_decimal"]
        each = Decimal(facts["amount"]) if each is None else Decimal(each)
        facts["amount"] = int((each * facts["quantity"]).quantize(Decimal(1), ROUND_HALF_UP))
    if abs(facts["amount"]) > MOST:
        raise Malformed("The amount is too large.", code="amount_too_large", param=at(within, "amount"))
    if facts["amount"] < 0 and "discountable" not in values:
        facts["discountable"] = False
    _words(turn, facts, values, within)


def _price(turn: Turn, facts: Facts, values: dict[str, Any], within: str) -> None:
    """A one-off price, one made on the spot, or an amount for each."""
    if "unit_amount_decimal" in values:
        facts.update(price=None, product=None, unit_amount_decimal=values["unit_amount_decimal"])
        return
    if "price_data" in values:
        price = prices.inline(turn, values["price_data"])
    elif "price" in values.get("pricing", {}):
        price = turn.need("price", values["pricing"]["price"], at(within, "pricing", "price"))
    else:
        return
    wrong = None
    if price.get("recurring"):
        wrong = "is set to `type=recurring` but this field only accepts prices with `type=one_time`"
    elif price["currency"] != facts["currency"] and ("currency" in values or facts.get("amount") is not None):
        wrong = f"is in {price['currency']}, not {facts['currency']}"
    elif not price.get("active", True) and "price_data" not in values:
        wrong = "is inactive"
    if wrong:
        raise ApiError(f"The price specified {wrong}.", param=at(within, "pricing", "price"))
    facts.update(
        price=price["id"],
        product=price["product"],
        unit_amount_decimal=price["unit_amount_decimal"],
        currency=price["currency"],
        description=facts["description"] or price.get("name"),
        tax_behavior=price.get("tax_behavior", "unspecified"),
    )


def _words(turn: Turn, facts: Facts, values: dict[str, Any], within: str) -> None:
    for name in ("description", "discountable", "tax_behavior"):
        if name in values:
            facts[name] = values[name]
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts["metadata"], values["metadata"])
    if "discounts" in values:
        facts["discounts"] = coupons.redeem(
            turn,
            values["discounts"] or [],
            customer=None,
            currency=facts["currency"],
            invoice_item=facts["id"],
        )
    if "period" in values:
        if values["period"]["end"] < values["period"]["start"]:
            raise Malformed(
                "The period's end must not be before its start.", param=at(within, "period", "end")
            )
        facts["period"] = values["period"]


def put_in(turn: Turn, invoice: Facts, items: list[Facts]) -> None:
    """New items, in a draft from the start."""
    for item in items:
        if item["currency"] != invoice["currency"]:
            raise ApiError(
                f"The currency of the invoice is {invoice['currency']}, not {item['currency']}.",
                param="currency",
            )
    before = show("invoice", invoice)
    for item in items:
        turn.add(KIND, item)
    take_in(turn, invoice, items)
    saved(turn, invoice, before)
    for item in items:
        turn.record(KIND, item)
        turn.emit("invoiceitem.created", KIND, item)


@route("GET", "/invoiceitems/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


@route("GET", "/invoiceitems", {**LIST, "customer": text(), "invoice": text(), "pending": boolean()})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    also = ("", ())
    if "pending" in values:
        also = (f"invoice IS {'NULL' if values['pending'] else 'NOT NULL'}", ())
    where = {"customer": values.get("customer"), "invoice": values.get("invoice")}
    return page(turn, KIND, values, "/v1/invoiceitems", where=where, also=also)


@route("POST", "/invoiceitems/<id>", TAKES)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """There is no event of it (https://docs.stripe.com/upgrades#2018-05-21); a draft that has it tells."""
    facts = turn.need(KIND, id)
    values.pop("expand", None)
    frozen = [name for name in (*MONEY, "discounts") if name in values and name != "amount"]
    if facts["proration"] and frozen:
        raise ApiError(f"You cannot change {frozen[0]} of a proration.", param=frozen[0])
    invoice = draft(turn, facts["invoice"]) if facts.get("invoice") else None
    change(turn, facts, values)
    turn.save(KIND, facts)
    turn.record("invoiceitem.updated", facts)
    if invoice:
        before = show("invoice", invoice)
        for line in invoice["lines"]:
            if line["invoice_item"] == id:
                line.update(line_from(facts))
        saved(turn, invoice, before)
    return show(KIND, facts)


@route("DELETE", "/invoiceitems/<id>")
def delete(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need(KIND, id)
    if facts.get("invoice"):
        invoice = draft(turn, facts["invoice"])
        before = show("invoice", invoice)
        invoice["lines"] = [line for line in invoice["lines"] if line["invoice_item"] != id]
        forget(turn, facts)
        saved(turn, invoice, before)
    else:
        forget(turn, facts)
    return show("deleted_invoiceitem", facts)


def forget(turn: Turn, facts: Facts) -> None:
    turn.save(KIND, facts, as_kind="deleted_invoiceitem")
    turn.record("invoiceitem.deleted", facts)
    turn.emit("invoiceitem.deleted", KIND, facts)
