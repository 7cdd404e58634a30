"""Credit notes: what an invoice comes to less than was said, before it is paid or after.

What is still to be paid is lessened first. The rest was paid: it goes back to the card, to the customer's balance, or
by some other way, and all of it must be said where (https://docs.stripe.com/invoicing/integration/workflow-transitions).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from . import _invoice_life, balance_transactions, invoice_payments, refunds
from ._errors import ApiError, Malformed
from ._form import Schema, hash_of, integer, list_of, merge_metadata, metadata, one_of, text
from ._invoice_lines import TAX_WORDS, Line, credits, summed
from ._money import shown
from ._proration import share
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show
from .invoice_lines import PAGED, paged
from .prices import decimal

KIND = "credit_note"
REASONS = ("duplicate", "fraudulent", "order_change", "product_unsatisfactory")
PDF = "https://pay.stripe.com/credit_notes/acct_sandbox/test_"


@shape_of(KIND)
def credit_note(facts: Facts) -> dict[str, Any]:
    lines, less = facts["lines"], facts["discount_amounts"]
    before, after = facts["pre_payment_amount"], facts["post_payment_amount"]
    return {
        "id": facts["id"],
        "object": KIND,
        "amount": facts["total"],
        "amount_shipping": 0,
        "created": facts["created"],
        "currency": facts["currency"],
        "customer": facts["customer"],
        "customer_account": None,
        "customer_balance_transaction": facts.get("customer_balance_transaction"),
        "discount_amount": sum(amount["amount"] for amount in less),
        "discount_amounts": less,
        "effective_at": facts["effective_at"],
        "invoice": facts["invoice"],
        "lines": {
            "object": "list",
            "data": [_shown_line(line) for line in lines[:10]],
            "has_more": len(lines) > 10,
            "url": f"/v1/credit_notes/{facts['id']}/lines",
        },
        "livemode": False,
        "memo": facts.get("memo"),
        "metadata": facts["metadata"],
        "number": facts["number"],
        "out_of_band_amount": facts["out_of_band_amount"],
        "pdf": f"{PDF}{facts['id']}/pdf",
        "post_payment_amount": after,
        "pre_payment_amount": before,
        "pretax_credit_amounts": credits(less),
        "reason": facts.get("reason"),
        "refunds": [
            {**refund, "payment_record_refund": None, "type": "refund"} for refund in facts["refunds"]
        ],
        "shipping_cost": None,
        "status": facts["status"],
        "subtotal": facts["subtotal"],
        "subtotal_excluding_tax": facts["subtotal"],
        "total": facts["total"],
        "total_excluding_tax": facts["total_excluding_tax"],
        "total_taxes": facts["total_taxes"],
        "type": "mixed" if before and after else "pre_payment" if before else "post_payment",
        "voided_at": facts.get("voided_at"),
    }


def _shown_line(line: Line) -> dict[str, Any]:
    less = line["discount_amounts"]
    return {
        "id": line["id"],
        "object": "credit_note_line_item",
        "amount": line["amount"],
        "description": line["description"],
        "discount_amount": sum(amount["amount"] for amount in less),
        "discount_amounts": less,
        "invoice_line_item": line["invoice_line_item"],
        "livemode": False,
        "metadata": line["metadata"],
        "pretax_credit_amounts": credits(less),
        "quantity": line["quantity"],
        "tax_rates": [],
        "taxes": line["taxes"],
        "type": line["type"],
        "unit_amount": line["unit_amount"],
        "unit_amount_decimal": None if line["unit_amount"] is None else str(line["unit_amount"]),
    }


LINE: Schema = {
    "amount": integer(1),
    "description": text(),
    "invoice_line_item": text(),
    "metadata": metadata(),
    "quantity": integer(1),
    "type": one_of("custom_line_item", "invoice_line_item"),
    "unit_amount": integer(1),
    "unit_amount_decimal": decimal(),
}
REFUND: Schema = {"amount_refunded": integer(1), "refund": text(), "type": one_of("refund")}
CREATE: Schema = {
    "amount": integer(1),
    "credit_amount": integer(0),
    "effective_at": integer(0),
    "email_type": one_of("credit_note", "none"),
    "invoice": text(),
    "lines": list_of(hash_of(LINE, needs=("type",))),
    "memo": text(),
    "metadata": metadata(),
    "out_of_band_amount": integer(0),
    "reason": one_of(*REASONS),
    "refund_amount": integer(0),
    "refunds": list_of(hash_of(REFUND, needs=("refund",))),
}


#: Where what was paid goes.
GIVEN_BACK = {"credit_amount", "out_of_band_amount", "refund_amount", "refunds"}


@route("POST", "/credit_notes", CREATE, needs=("invoice",))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    return show(KIND, _issue(turn, values))


@route("GET", "/credit_notes/preview", CREATE, needs=("invoice",))
def preview(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """What would come of it; nothing does. Who wants to know first what it comes to need not say where it goes."""
    with _nothing_stays(turn):
        return show(KIND, _issue(turn, values, asks=True))


@route("GET", "/credit_notes/preview/lines", {**CREATE, **PAGED}, needs=("invoice",))
def preview_lines(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    with _nothing_stays(turn):
        lines = _issue(turn, values, asks=True)["lines"]
    return paged([_shown_line(line) for line in lines], values, "/v1/credit_notes/preview/lines", KIND)


@contextmanager
def _nothing_stays(turn: Turn) -> Iterator[None]:
    turn.db.execute("SAVEPOINT preview")
    try:
        yield
    finally:
        turn.db.execute("ROLLBACK TO preview")
        turn.db.execute("RELEASE preview")


def _issue(turn: Turn, values: dict[str, Any], *, asks: bool = False) -> Facts:
    invoice = turn.need("invoice", values["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid"):
        raise ApiError(
            f"You can only create a credit note for an open or paid invoice. This one is {invoice['status']}.",
            param="invoice",
        )
    if ("amount" in values) == ("lines" in values):
        raise Malformed("You must specify exactly one of amount or lines.", param="amount")
    earlier = [note for note in turn.all(KIND, invoice=invoice["id"]) if note["status"] == "issued"]
    facts: Facts = {
        "id": new_id("cn"),
        "created": turn.created,
        "customer": invoice["customer"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "number": f"{invoice['number']}-CN-{len(list(turn.all(KIND, invoice=invoice['id']))) + 1:02}",
        "status": "issued",
        "effective_at": values.get("effective_at", turn.created),
        "memo": values.get("memo"),
        "reason": values.get("reason"),
        "metadata": merge_metadata({}, values.get("metadata") or {}),
        "lines": _lines(invoice, earlier, values),
    }
    _sum_up(facts)
    _check_whole(invoice, earlier, facts)
    facts["pre_payment_amount"] = min(facts["total"], _invoice_life.left_to_pay(invoice))
    facts["post_payment_amount"] = facts["total"] - facts["pre_payment_amount"]
    if asks and not GIVEN_BACK & set(values):
        facts.update(refunds=[], out_of_band_amount=None, credit_amount=0)
    else:
        _give_back(turn, invoice, facts, values)
    turn.add(KIND, facts)
    turn.record(KIND, facts | {"amount": facts["total"]})
    turn.emit("credit_note.created", KIND, facts)
    _lessen_invoice(turn, invoice, facts)
    return facts


def _lines(invoice: Facts, earlier: list[Facts], values: dict[str, Any]) -> list[Line]:
    if "amount" in values:
        return [_line(values["amount"], "custom_line_item", description="Credit")]
    if not values["lines"]:
        raise Malformed("lines must not be empty.", param="lines")
    credited: dict[str, int] = {}
    for note in earlier:
        for line in note["lines"]:
            if line["invoice_line_item"]:
                credited[line["invoice_line_item"]] = (
                    credited.get(line["invoice_line_item"], 0) + line["amount"]
                )
    return [_credited(invoice, credited, given, f"lines[{n}]") for n, given in enumerate(values["lines"])]


def _line(amount: int, type: str, **more: Any) -> Line:
    blank: Line = dict.fromkeys(("description", "quantity", "unit_amount", "invoice_line_item"))
    empty: Line = {"metadata": {}, "discount_amounts": [], "taxes": []}
    return {"id": new_id("cnli"), "amount": amount, "type": type, **blank, **empty, **more}


def _credited(invoice: Facts, credited: dict[str, int], given: dict[str, Any], within: str) -> Line:
    """One line of a note, its part of the invoice line's discounts and tax with it."""
    words: dict[str, Any] = {"metadata": merge_metadata({}, given.get("metadata") or {})}
    if given["type"] == "custom_line_item":
        each, quantity = _each(given), given.get("quantity", 1)
        if each is None or not given.get("description") or "amount" in given:
            raise Malformed(
                "A custom_line_item needs description and unit_amount, and takes no amount.",
                param=f"{within}[unit_amount]",
            )
        amount = int((each * quantity).quantize(Decimal(1), ROUND_HALF_UP))
        words |= {"description": given["description"], "quantity": quantity, "unit_amount": int(each)}
        return _line(amount, "custom_line_item", **words)
    of = next((line for line in invoice["lines"] if line["id"] == given.get("invoice_line_item")), None)
    if of is None:
        raise ApiError(
            f"No such invoice line item: '{given.get('invoice_line_item')}' on invoice {invoice['id']}.",
            code="resource_missing",
            param=f"{within}[invoice_line_item]",
        )
    amount, quantity = _of_line(of, given, within)
    done = credited.get(of["id"], 0)
    if not 0 < amount <= of["amount"] - done:
        raise ApiError(
            f"The amount ({shown(amount, of['currency'])}) is more than what is left of line {of['id']} "
            f"({shown(max(0, of['amount'] - done), of['currency'])}).",
            param=f"{within}[amount]",
        )
    credited[of["id"]] = done + amount
    parts = {
        name: [_part(entry, amount, of["amount"]) for entry in of[name]]
        for name in ("discount_amounts", "taxes")
    }
    words |= {"description": given.get("description", of["description"]), "invoice_line_item": of["id"]}
    words["unit_amount"] = amount // quantity if quantity and amount % quantity == 0 else None
    return _line(amount, "invoice_line_item", quantity=quantity, **parts, **words)


def _each(given: dict[str, Any]) -> Decimal | None:
    each = given.get("unit_amount_decimal", given.get("unit_amount"))
    return None if each is None else Decimal(each)


def _of_line(of: Line, given: dict[str, Any], within: str) -> tuple[int, int | None]:
    """How much of an invoice line, and of how many; the whole line where nothing is said."""
    if "amount" in given and {"quantity", "unit_amount", "unit_amount_decimal"} & set(given):
        raise Malformed("You may only specify one of amount or quantity.", param=f"{within}[amount]")
    if "amount" in given:
        return given["amount"], None
    quantity: int = given["quantity"] if "quantity" in given else of["quantity"]
    each = _each(given) or Decimal(of["amount"]) / (of["quantity"] or 1)
    return int((each * quantity).quantize(Decimal(1), ROUND_HALF_UP)), quantity


def _part(entry: dict[str, Any], amount: int, of: int) -> dict[str, Any]:
    numbers = [name for name in ("amount", "taxable_amount") if name in entry]
    return entry | {name: share(entry[name], amount, of) for name in numbers}


def _sum_up(facts: Facts) -> None:
    lines = facts["lines"]
    taxes = summed((entry for line in lines for entry in line["taxes"]), TAX_WORDS)
    less = summed((amount for line in lines for amount in line["discount_amounts"]), ("discount",))
    subtotal = sum(line["amount"] for line in lines)
    off = sum(amount["amount"] for amount in less)
    added = sum(entry["amount"] for entry in taxes if entry["tax_behavior"] == "exclusive")
    within = sum(entry["amount"] for entry in taxes if entry["tax_behavior"] == "inclusive")
    facts.update(
        subtotal=subtotal,
        discount_amounts=less,
        total_taxes=taxes,
        total=subtotal - off + added,
        total_excluding_tax=subtotal - off - within,
    )


def _check_whole(invoice: Facts, earlier: list[Facts], facts: Facts) -> None:
    left = invoice["total"] - sum(note["total"] for note in earlier)
    if facts["total"] > left:
        currency = invoice["currency"]
        raise ApiError(
            f"The credit note's amount ({shown(facts['total'], currency)}) is more than what can still be credited "
            f"on the invoice ({shown(max(0, left), currency)}).",
            param="amount",
        )


def _give_back(turn: Turn, invoice: Facts, facts: Facts, values: dict[str, Any]) -> None:
    """What was paid goes where it is said to go, to the cent. Raises ApiError when the sums do not meet."""
    credit, outside = values.get("credit_amount", 0), values.get("out_of_band_amount", 0)
    named = [_named_refund(turn, invoice, given, n) for n, given in enumerate(values.get("refunds", []))]
    whole = (
        values.get("refund_amount", 0) + credit + outside + sum(refund["amount_refunded"] for refund in named)
    )
    due, currency = facts["post_payment_amount"], facts["currency"]
    if whole != due:
        raise ApiError(
            f"The sum of refund_amount, credit_amount, out_of_band_amount and refunds ({shown(whole, currency)}) must "
            f"equal the post payment amount of the credit note ({shown(due, currency)}).",
            param="refund_amount",
        )
    if values.get("refund_amount"):
        named.append(_refund(turn, invoice, values["refund_amount"]))
    facts.update(refunds=named, out_of_band_amount=outside or None, credit_amount=credit)
    if credit:
        entry = balance_transactions.move(
            turn,
            invoice["customer"],
            -credit,
            currency,
            "credit_note",
            credit_note=facts["id"],
            invoice=invoice["id"],
        )
        facts["customer_balance_transaction"] = entry["id"]


def _refund(turn: Turn, invoice: Facts, amount: int) -> dict[str, Any]:
    """Back to the card that paid it. Raises ApiError as any refund does."""
    intent = turn.find("payment_intent", invoice.get("payment_intent") or "")
    if intent is None or intent["status"] != "succeeded":
        raise ApiError(
            f"Invoice {invoice['id']} has no payment that could be refunded.", param="refund_amount"
        )
    refund = refunds.create(turn, {"payment_intent": intent["id"], "amount": amount})
    return {"amount_refunded": amount, "refund": refund["id"]}


def _named_refund(turn: Turn, invoice: Facts, given: dict[str, Any], number: int) -> dict[str, Any]:
    """A refund that was made before, as far as no other note has it."""
    param = f"refunds[{number}][refund]"
    refund = turn.need("refund", given["refund"], param)
    if refund["payment_intent"] != invoice.get("payment_intent"):
        raise ApiError(f"Refund {refund['id']} is not of a payment of this invoice.", param=param)
    taken = sum(
        named["amount_refunded"]
        for note in turn.all(KIND, invoice=invoice["id"])
        for named in note["refunds"]
        if named["refund"] == refund["id"] and note["status"] == "issued"
    )
    amount = given.get("amount_refunded", refund["amount"] - taken)
    if not 0 < amount <= refund["amount"] - taken or refund["status"] in ("failed", "canceled"):
        raise ApiError(f"Refund {refund['id']} does not have that much left to be credited.", param=param)
    return {"amount_refunded": amount, "refund": refund["id"]}


def _lessen_invoice(turn: Turn, invoice: Facts, facts: Facts) -> None:
    before = show("invoice", invoice)
    invoice["post_payment_credits"] += facts["post_payment_amount"]
    invoice["pre_payment_credits"] += facts["pre_payment_amount"]
    _due_less(turn, invoice, facts["pre_payment_amount"])
    turn.save("invoice", invoice)
    if facts["pre_payment_amount"] and _invoice_life.left_to_pay(invoice) == 0:
        return _invoice_life.settle(turn, invoice, before)
    turn.emit("invoice.updated", "invoice", invoice, before)


def _due_less(turn: Turn, invoice: Facts, amount: int) -> None:
    """So much less (or more) is due, of the payment that is asked for, too."""
    invoice["amount_due"] -= amount
    intent = turn.find("payment_intent", invoice.get("payment_intent") or "")
    if amount and intent and intent["status"] not in ("succeeded", "canceled") and invoice["amount_due"]:
        turn.save("payment_intent", intent | {"amount": invoice["amount_due"]})
        invoice_payments.change(turn, invoice["id"], amount_requested=invoice["amount_due"])


@route("GET", "/credit_notes/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


@route("GET", "/credit_notes/<id>/lines", PAGED)
def find_lines(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    lines = [_shown_line(line) for line in turn.need(KIND, id)["lines"]]
    return paged(lines, values, f"/v1/credit_notes/{id}/lines", "credit_note_line_item")


@route("GET", "/credit_notes", {**LIST, "customer": text(), "invoice": text()})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    where = {"customer": values.get("customer"), "invoice": values.get("invoice")}
    return page(turn, KIND, values, "/v1/credit_notes", where=where)


@route("POST", "/credit_notes/<id>", {"memo": text(), "metadata": metadata()})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need(KIND, id)
    before = show(KIND, facts)
    if "memo" in values:
        facts["memo"] = values["memo"]
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts["metadata"], values["metadata"])
    if show(KIND, facts) != before:
        turn.save(KIND, facts)
        turn.record("credit_note.updated", facts | {"amount": facts["total"]})
        turn.emit("credit_note.updated", KIND, facts, before)
    return show(KIND, facts)


@route("POST", "/credit_notes/<id>/void")
def void(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """Only while its invoice is open, and nothing went back to a card: then as much is due as before."""
    facts = turn.need(KIND, id)
    if facts["status"] == "void":
        raise ApiError("This credit note is already void.")
    invoice = turn.need("invoice", facts["invoice"])
    if invoice["status"] != "open" or facts["refunds"]:
        raise ApiError("You can only void a credit note of an open invoice, from which nothing was refunded.")
    before, before_it = show(KIND, facts), show("invoice", invoice)
    facts.update(status="void", voided_at=turn.created)
    if facts["credit_amount"]:
        back, currency = facts["credit_amount"], facts["currency"]
        balance_transactions.move(turn, invoice["customer"], back, currency, "credit_note", credit_note=id)
    turn.save(KIND, facts)
    turn.record("credit_note.voided", facts | {"amount": facts["total"]})
    turn.emit("credit_note.voided", KIND, facts, before)
    invoice["pre_payment_credits"] -= facts["pre_payment_amount"]
    invoice["post_payment_credits"] -= facts["post_payment_amount"]
    _due_less(turn, invoice, -facts["pre_payment_amount"])
    turn.save("invoice", invoice)
    turn.emit("invoice.updated", "invoice", invoice, before_it)
    return show(KIND, facts)
