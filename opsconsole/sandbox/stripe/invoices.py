"""Invoices: create, read, change, finalise, pay, send, void. What becomes of them is in `_invoice_life`.

Before they are finalised everything of them can change, afterwards next to nothing
(https://docs.stripe.com/invoicing/overview).
"""

from __future__ import annotations

from typing import Any

from .._agenda import Agenda
from . import coupons, invoice_payments, payment_intents
from ._errors import ApiError, Malformed, no_such
from ._form import (
    Schema,
    boolean,
    hash_of,
    integer,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    text,
    time_range,
)
from ._invoice_life import (
    COLLECTS,
    advance,
    begin,
    blank,
    card_for,
    collect,
    draft_for,
    finalize,
    left_to_pay,
    line_from,
    mark_uncollectible,
    only,
    refresh,
    schedule,
    settle,
    take_in,
    void,
    waiting,
)
from ._invoice_lines import Line, credits, line_in
from ._invoice_lines import shown as shown_line
from ._money import CURRENCIES
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

HOSTED = "https://invoice.stripe.com/i/acct_sandbox/test_"
FIVE_YEARS = 5 * 366 * 86400


@shape_of("invoice")
def invoice(facts: Facts) -> dict[str, Any]:
    final = facts.get("number") is not None and facts["status"] != "draft"
    bill_to, transitions = facts["bill_to"], facts["transitions"]
    url = f"{HOSTED}{facts['id']}" if final else None
    return {
        "id": facts["id"],
        "object": "invoice",
        "account_country": "US",
        "account_name": "Sandbox",
        "account_tax_ids": None,
        "amount_due": facts["amount_due"],
        "amount_overpaid": 0,
        "amount_paid": facts["amount_paid"],
        "amount_paid_off_stripe": facts.get("paid_off_stripe", 0),
        "amount_remaining": left_to_pay(facts),
        "amount_shipping": 0,
        "application": None,
        "attempt_count": facts["attempt_count"],
        "attempted": facts["attempted"],
        "auto_advance": facts["auto_advance"],
        "automatic_tax": _automatic_tax(facts),
        "automatically_finalizes_at": facts["automatically_finalizes_at"],
        "billing_reason": facts["billing_reason"],
        "collection_method": facts["collection_method"],
        "created": facts["created"],
        "currency": facts["currency"],
        "custom_fields": facts.get("custom_fields"),
        "customer": facts["customer"],
        "customer_account": None,
        "customer_address": _whole(bill_to["address"]),
        "customer_email": bill_to["email"],
        "customer_name": bill_to["name"],
        "customer_phone": bill_to["phone"],
        "customer_shipping": _shipped_to(bill_to["shipping"]),
        "customer_tax_exempt": bill_to["tax_exempt"] or "none",
        "customer_tax_ids": [],
        "default_payment_method": facts.get("default_payment_method"),
        "default_source": None,
        "default_tax_rates": [],
        "description": facts.get("description"),
        "discounts": facts["discounts"],
        "due_date": facts.get("due_date"),
        "effective_at": facts.get("effective_at"),
        "ending_balance": facts.get("ending_balance"),
        "footer": facts.get("footer"),
        "from_invoice": facts.get("from_invoice"),
        "hosted_invoice_url": url,
        "invoice_pdf": f"{url}/pdf" if url else None,
        "issuer": {"type": "self"},
        "last_finalization_error": facts.get("last_finalization_error"),
        "latest_revision": facts.get("latest_revision"),
        "lines": {
            "object": "list",
            "data": [shown_line(line) for line in facts["lines"][:10]],
            "has_more": len(facts["lines"]) > 10,
            "url": f"/v1/invoices/{facts['id']}/lines",
        },
        "livemode": False,
        "metadata": facts["metadata"],
        "next_payment_attempt": _next_attempt(facts),
        "number": facts.get("number"),
        "on_behalf_of": None,
        "parent": _parent(facts),
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": facts["period"][1],
        "period_start": facts["period"][0],
        "post_payment_credit_notes_amount": facts["post_payment_credits"],
        "pre_payment_credit_notes_amount": facts["pre_payment_credits"],
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": facts["starting_balance"],
        "statement_descriptor": facts.get("statement_descriptor"),
        "status": facts["status"],
        "status_details": _status_details(facts),
        "status_transitions": {
            name: transitions.get(name)
            for name in ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")
        },
        "subtotal": facts["subtotal"],
        "subtotal_excluding_tax": facts["subtotal_excluding_tax"],
        "test_clock": None,
        "total": facts["total"],
        "total_discount_amounts": facts["total_discount_amounts"],
        "total_excluding_tax": facts["total_excluding_tax"],
        "total_pretax_credit_amounts": credits(facts["total_discount_amounts"]),
        "total_taxes": facts["total_taxes"],
        "webhooks_delivered_at": None if facts["id"].startswith("upcoming") else facts["created"],
    }


@shape_of("deleted_invoice")
def deleted_invoice(facts: Facts) -> dict[str, Any]:
    return {"id": facts["id"], "object": "invoice", "deleted": True}


def _automatic_tax(facts: Facts) -> dict[str, Any]:
    on = facts["automatic_tax"]
    return {
        "disabled_reason": None,
        "enabled": on,
        "liability": {"type": "self"} if on else None,
        "provider": "stripe" if on else None,
        "status": facts["tax_status"],
    }


ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def _whole(address: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if address is None else {field: address.get(field) for field in ADDRESS}


def _shipped_to(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"address": _whole(given.get("address")), "name": given.get("name"), "phone": given.get("phone")}


def _parent(facts: Facts) -> dict[str, Any] | None:
    if facts["subscription"] is None:
        return None
    details = {"metadata": facts.get("subscription_metadata", {}), "subscription": facts["subscription"]}
    if facts.get("proration_date"):
        details["subscription_proration_date"] = facts["proration_date"]
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def _next_attempt(facts: Facts) -> int | None:
    """A draft that advances is charged when it is finalised."""
    if not facts["auto_advance"] or facts["collection_method"] == "send_invoice":
        return None
    at: int | None = facts["automatically_finalizes_at"]
    return at if facts["status"] == "draft" and at else facts["next_payment_attempt"]


def _status_details(facts: Facts) -> dict[str, Any] | None:
    if facts["status"] != "uncollectible":
        return None
    return {"uncollectible": {"reason": facts.get("uncollectible_reason")}}


#: What a draft takes; of an open one only AFTERWARDS, of a finished one only metadata.
TAKES: Schema = {
    "auto_advance": boolean(),
    "automatic_tax": hash_of({"enabled": boolean()}, needs=("enabled",)),
    "automatically_finalizes_at": integer(0),
    "collection_method": one_of("charge_automatically", "send_invoice"),
    "custom_fields": list_of(
        hash_of({"name": text(40), "value": text(140)}, needs=("name", "value")), most=4
    ),
    "days_until_due": integer(0),
    "default_payment_method": text(),
    "description": text(1500, clears=True),
    "discounts": coupons.discounts(),
    "due_date": integer(0),
    "effective_at": integer(0),
    "footer": text(5000, clears=True),
    "metadata": metadata(),
    "number": text(26),
    "statement_descriptor": text(22),
}
AFTERWARDS = ("auto_advance", "default_payment_method", "metadata")
CREATE: Schema = {
    **TAKES,
    "currency": text(3),
    "customer": text(),
    "from_invoice": hash_of({"action": one_of("revision"), "invoice": text()}, needs=("action", "invoice")),
    "pending_invoice_items_behavior": one_of("exclude", "include"),
    "subscription": text(),
}


@route("POST", "/invoices", CREATE)
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    values.pop("expand", None)
    if "from_invoice" in values:
        return _revised(turn, values)
    subscription = None
    if "subscription" in values:
        subscription = turn.need("subscription", values["subscription"], "subscription")
        if values.setdefault("customer", subscription["customer"]) != subscription["customer"]:
            raise ApiError("The subscription is another customer's.", param="subscription")
    if "customer" not in values:
        raise Malformed("Missing required param: customer.", code="parameter_missing", param="customer")
    holder = turn.need("customer", values["customer"], "customer")
    currency = _currency(values, subscription, holder)
    facts = blank(holder["id"], currency, turn.created)
    if subscription:
        facts |= {
            "subscription": subscription["id"],
            "subscription_metadata": subscription.get("metadata", {}),
        }
    if values.get("pending_invoice_items_behavior") == "include":
        items = waiting(turn, holder["id"], currency)
        if subscription:
            items = [item for item in items if item.get("subscription") == subscription["id"]]
        take_in(turn, facts, items)
    _apply(turn, facts, values)
    begin(turn, facts)
    return show("invoice", facts)


def _currency(values: dict[str, Any], subscription: Facts | None, holder: Facts) -> str:
    given = values.get("currency") or (subscription or {}).get("currency") or holder.get("currency") or "usd"
    if given.lower() not in CURRENCIES:
        raise Malformed(f"Invalid currency: {given}.", param="currency")
    return str(given.lower())


def _revised(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """A draft like an open invoice, which takes its place: that one is void once this one is open."""
    only_these = {"from_invoice", "auto_advance", "metadata", "description"}
    if strange := sorted(set(values) - only_these):
        raise Malformed(f"A revision takes no {strange[0]}.", param=strange[0])
    old = turn.need("invoice", values["from_invoice"]["invoice"], "from_invoice[invoice]")
    if old["status"] not in ("open", "uncollectible"):
        raise ApiError(
            f"Only an open or uncollectible invoice can be revised; {old['id']} is {old['status']}.",
            param="from_invoice[invoice]",
        )
    copied = (
        *("billing_reason", "subscription", "subscription_metadata", "collection_method", "days_until_due"),
        *(
            "description",
            "footer",
            "automatic_tax",
            "discounts",
            "period",
            "default_payment_method",
            "custom_fields",
        ),
    )
    facts = blank(old["customer"], old["currency"], turn.created)
    facts |= {name: old[name] for name in copied if name in old}
    facts["billing_reason"] = "manual"
    facts["lines"] = [line_in(facts["id"], line) for line in old["lines"]]
    for line in facts["lines"]:
        if line["subscription_item"] is None:
            line["invoice_item"] = _item_like(turn, facts, line)
    facts["from_invoice"] = {"action": "revision", "invoice": old["id"]}
    _apply(turn, facts, {name: value for name, value in values.items() if name != "from_invoice"})
    begin(turn, facts)
    turn.save("invoice", old | {"latest_revision": facts["id"]})
    return show("invoice", facts)


def _check_card(turn: Turn, id: str, customer: str, param: str) -> None:
    """Invoices are paid with cards that belong to their customer."""
    if turn.need("payment_method", id, param).get("customer") != customer:
        raise no_such("payment_method", id, param)


def _item_like(turn: Turn, facts: Facts, line: Line) -> str:
    """An invoice item behind a copied line, by which it can be changed."""
    item = line | {"id": new_id("ii"), "created": turn.created, "customer": facts["customer"]}
    turn.add("invoiceitem", item)
    return str(item["id"])


def _apply(turn: Turn, facts: Facts, values: dict[str, Any]) -> None:
    """Take over what is given for a draft. Raises for what does not go together."""
    for name in ("currency", "customer", "subscription", "pending_invoice_items_behavior", "expand"):
        values.pop(name, None)
    if "metadata" in values:
        values["metadata"] = merge_metadata(facts["metadata"], values["metadata"])
    if "automatic_tax" in values:
        values["automatic_tax"] = values["automatic_tax"]["enabled"]
    if "default_payment_method" in values:
        _check_card(turn, values["default_payment_method"], facts["customer"], "default_payment_method")
    if "discounts" in values:
        values["discounts"] = coupons.redeem(
            turn, values["discounts"] or [], customer=None, currency=facts["currency"], invoice=facts["id"]
        )
    facts.update(values)
    if values.get("collection_method") == "charge_automatically":
        facts.update(days_until_due=None, due_date=None)
    if values.get("due_date", turn.now + 1) <= turn.now:
        raise ApiError("due_date must be in the future.", param="due_date")
    sent = facts["collection_method"] == "send_invoice"
    for name in ("days_until_due", "due_date"):
        if name in values and not sent:
            raise ApiError(f"You can only set {name} if collection_method is send_invoice.", param=name)
    if sent and facts.get("days_until_due") is None and facts.get("due_date") is None:
        raise ApiError(
            "You must set either due_date or days_until_due when collection_method is send_invoice.",
            param="days_until_due",
        )
    _check_moment(turn, facts, values)


def _check_moment(turn: Turn, facts: Facts, values: dict[str, Any]) -> None:
    at = values.get("automatically_finalizes_at")
    if at is None:
        return
    if not facts["auto_advance"]:
        raise ApiError(
            "You can only set automatically_finalizes_at on an invoice that has auto_advance enabled.",
            param="automatically_finalizes_at",
        )
    if not turn.now < at <= turn.now + FIVE_YEARS:
        raise ApiError(
            "automatically_finalizes_at must be in the future, within five years.",
            param="automatically_finalizes_at",
        )


@route("GET", "/invoices/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("invoice", id)
    if facts["status"] == "draft":  # the customer's balance and address may have moved since
        refresh(turn, facts)
    return show("invoice", facts)


@route(
    "GET",
    "/invoices",
    {
        **LIST,
        "collection_method": one_of("charge_automatically", "send_invoice"),
        "customer": text(),
        "due_date": time_range(),
        "status": one_of("draft", "open", "paid", "uncollectible", "void"),
        "subscription": text(),
    },
)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    conditions, arguments = ["1"], list[Any]()
    for name in ("collection_method", "status"):
        if name in values:
            conditions.append(f"facts ->> '{name}' = ?")
            arguments.append(values[name])
    for bound, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        if bound in values.get("due_date", {}):
            conditions.append(f"facts ->> 'due_date' {sign} ?")
            arguments.append(values["due_date"][bound])
    where = {"customer": values.get("customer"), "subscription": values.get("subscription")}
    also = (" AND ".join(conditions), tuple(arguments))
    return page(turn, "invoice", values, "/v1/invoices", where=where, also=also)


@route("POST", "/invoices/<id>", TAKES)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("invoice", id)
    before = show("invoice", facts)
    values.pop("expand", None)
    allowed = (
        TAKES if facts["status"] == "draft" else AFTERWARDS if facts["status"] == "open" else ("metadata",)
    )
    if frozen := sorted(set(values) - set(allowed)):
        raise ApiError(
            f"Finalized invoices can't be updated in this way: {frozen[0]}.",
            code="invoice_not_editable",
            param=frozen[0],
        )
    advanced = facts["auto_advance"]
    if values.get("auto_advance") is False:
        facts["automatically_finalizes_at"] = None
    _apply(turn, facts, values)
    saved(turn, facts, before)
    if facts["status"] == "open" and facts["auto_advance"] and not advanced:
        turn.later(0, COLLECTS, id)
    return show("invoice", facts)


def saved(turn: Turn, facts: Facts, before: dict[str, Any]) -> None:
    """Keep a changed invoice, reckoned anew while it is a draft, and tell of it when it shows."""
    if facts["status"] == "draft":
        refresh(turn, facts)
        if facts["automatically_finalizes_at"] != before["automatically_finalizes_at"] or (
            facts["auto_advance"] != before["auto_advance"]
        ):
            schedule(turn, facts)
    turn.save("invoice", facts)
    if show("invoice", facts) != before:
        turn.record("invoice.updated", facts | {"amount": facts["total"]})
        turn.emit("invoice.updated", "invoice", facts, before)


@route("DELETE", "/invoices/<id>")
def delete(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """A one-off draft, for good; the items that were pending are so again."""
    facts = turn.need("invoice", id)
    if facts["status"] != "draft":
        raise ApiError("You can only delete draft invoices.", code="invoice_not_editable")
    if facts["subscription"]:
        raise ApiError(
            "You can only delete one-off invoices: this one is of a subscription. Finalize and void it instead.",
            code="invoice_not_editable",
        )
    for item in list(turn.all("invoiceitem", invoice=id)):
        turn.save("invoiceitem", item | {"invoice": None})
    Agenda.drop(turn.db, id)
    turn.save("invoice", facts, as_kind="deleted_invoice")
    turn.record("invoice.deleted", facts | {"amount": facts["total"]})
    turn.emit("invoice.deleted", "invoice", facts)
    return show("deleted_invoice", facts)


def _finalized(turn: Turn, facts: Facts) -> None:
    """Raises ApiError when it cannot be; that it was tried stays."""
    only(facts, "finalize", "draft")
    if not finalize(turn, facts):
        error = facts["last_finalization_error"]
        code = error.get("code")
        raise ApiError(
            error["message"],
            status=400 if code else 500,
            type=error["type"],
            code=code,
            param="automatic_tax[enabled]" if code else None,
            keeps_effects=True,
        )


@route("POST", "/invoices/<id>/finalize", {"auto_advance": boolean()})
def finalize_invoice(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """Its card is charged right after, unless it does not advance by itself."""
    facts = turn.need("invoice", id)
    if facts["status"] != "draft":
        raise ApiError(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            code="invoice_not_editable",
        )
    facts["auto_advance"] = values.get("auto_advance", facts["auto_advance"])
    _finalized(turn, facts)
    if facts["status"] == "open" and facts["auto_advance"]:
        turn.later(0, COLLECTS, id)
    return show("invoice", facts)


PAY: Schema = {
    "forgive": boolean(),
    "off_session": boolean(),
    "paid_out_of_band": boolean(),
    "payment_method": text(),
}


@route("POST", "/invoices/<id>/pay", PAY)
def pay(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """A draft is finalised first. A card that says no answers 402, and that it was tried stays."""
    facts = turn.need("invoice", id)
    if facts["status"] == "paid":
        raise ApiError("Invoice is already paid", code="invoice_already_paid")
    if facts["status"] == "void":
        raise ApiError("You cannot pay an invoice that is void.", code="invoice_not_editable")
    if values.get("paid_out_of_band") and "payment_method" in values:
        raise Malformed("You may only specify one of these parameters: paid_out_of_band, payment_method.")
    if facts["status"] == "draft":
        _finalized(turn, facts)
    if facts["status"] == "paid":  # nothing was due
        return show("invoice", facts)
    if values.get("paid_out_of_band"):
        settle(turn, facts, out_of_band=True)
        return show("invoice", facts)
    method = values.get("payment_method")
    if method:
        _check_card(turn, method, facts["customer"], "payment_method")
    elif card_for(turn, facts) is None:
        raise ApiError(
            "There is no `default_payment_method` set on this Customer or Invoice. Please set a "
            "`default_payment_method` on this Customer or Invoice.",
            code="resource_missing",
        )
    if not collect(turn, facts, automatic=False, method=method):
        raise _declined(turn, facts)
    return show("invoice", facts)


def _declined(turn: Turn, facts: Facts) -> ApiError:
    intent = turn.need("payment_intent", facts["payment_intent"])
    shown = show("payment_intent", intent)
    if intent["status"] == "requires_action":
        return ApiError(
            "This payment requires additional user action before it can be completed successfully. Payment can be "
            "completed using the PaymentIntent associated with the invoice. For more details see: "
            "https://docs.stripe.com/billing/subscriptions/overview#requires-action",
            status=402, type="card_error", code="invoice_payment_intent_requires_action", keeps_effects=True,
            payment_intent=shown,
        )  # fmt: skip
    error = dict(intent["last_payment_error"])
    message, code = error.pop("message"), error.pop("code")
    for known in ("type", "doc_url"):
        error.pop(known)
    return ApiError(
        message, status=402, type="card_error", code=code, keeps_effects=True, payment_intent=shown, **error
    )


@route("POST", "/invoices/<id>/send")
def send(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("invoice", id)
    if facts["collection_method"] != "send_invoice":
        raise ApiError(
            "You can only manually send an invoice if its collection method is 'send_invoice'.",
            code="invoice_not_editable",
        )
    if facts["status"] == "draft":
        _finalized(turn, facts)
    only(facts, "send", "open", "paid")
    turn.record("invoice.sent", facts | {"amount": facts["total"]})
    turn.emit("invoice.sent", "invoice", facts)
    return show("invoice", facts)


@route("POST", "/invoices/<id>/void")
def void_invoice(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("invoice", id)
    void(turn, facts)
    return show("invoice", facts)


@route("POST", "/invoices/<id>/mark_uncollectible")
def mark(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("invoice", id)
    mark_uncollectible(turn, facts)
    return show("invoice", facts)


def payments_of(turn: Turn, answer: dict[str, Any]) -> dict[str, Any]:
    """`payments`, which stands in an invoice only when it is asked for."""
    return invoice_payments.of(turn, answer["id"])


def tell_upcoming(turn: Turn, subscription: Facts) -> None:
    """Announce the next invoice of a subscription."""
    from . import invoice_previews  # what is foreseen needs subscriptions, which need invoices

    invoice_previews.tell_upcoming(turn, subscription)


def secret_of(turn: Turn, answer: dict[str, Any]) -> dict[str, Any] | None:
    """`confirmation_secret`, which stands in an invoice only when it is asked for."""
    intent = turn.need("invoice", answer["id"]).get("payment_intent")
    if intent is None:
        return None
    secret = payment_intents.payment_intent(turn.need("payment_intent", intent))["client_secret"]
    return {"client_secret": secret, "type": "payment_intent"}


__all__ = [
    "advance", "collect", "draft_for", "finalize", "line_from", "mark_uncollectible", "saved", "void",
]  # fmt: skip
