"""Invoice payments: which payment an invoice was, or is to be, paid with. Read only."""

from __future__ import annotations

from typing import Any

from ._errors import Malformed
from ._form import hash_of, one_of, text
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

KIND = "invoice_payment"


@shape_of(KIND)
def invoice_payment(facts: Facts) -> dict[str, Any]:
    paid = facts["status"] == "paid"
    return {
        "id": facts["id"],
        "object": KIND,
        "amount_paid": facts["amount_requested"] if paid else None,
        "amount_requested": facts["amount_requested"],
        "created": facts["created"],
        "currency": facts["currency"],
        "invoice": facts["invoice"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": facts["payment_intent"], "type": "payment_intent"},
        "status": facts["status"],
        "status_transitions": {"canceled_at": facts.get("canceled_at"), "paid_at": facts.get("paid_at")},
    }


def ask_for(turn: Turn, invoice: Facts, intent: Facts) -> None:
    """The invoice is to be paid by that intent."""
    turn.add(KIND, asked_for(invoice, intent, turn.created))


def asked_for(invoice: Facts, intent: Facts, at: int) -> Facts:
    return {
        "id": new_id("inpay"),
        "created": at,
        "invoice": invoice["id"],
        "payment_intent": intent["id"],
        "currency": invoice["currency"],
        "amount_requested": intent["amount"],
        "status": "open",
    }


def change(turn: Turn, invoice: str, **how: Any) -> None:
    """Whatever asks for money on that invoice still: paid, canceled, or for another amount."""
    for facts in list(turn.all(KIND, invoice=invoice)):
        if facts["status"] == "open":
            facts.update(how)
            turn.save(KIND, facts)
            if facts["status"] == "paid":
                turn.emit("invoice_payment.paid", KIND, facts)


def of(turn: Turn, invoice: str) -> dict[str, Any]:
    """The list that stands in an invoice when it is asked for."""
    data = [show(KIND, facts) for facts in turn.all(KIND, invoice=invoice)]
    url = f"/v1/invoice_payments?invoice={invoice}"
    return {"object": "list", "data": data[:10], "has_more": len(data) > 10, "url": url}


@route("GET", "/invoice_payments/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


PAYMENT = {
    "type": one_of("payment_intent", "payment_record"),
    "payment_intent": text(),
    "payment_record": text(),
}
TAKES = {
    **LIST,
    "invoice": text(),
    "payment": hash_of(PAYMENT, needs=("type",)),
    "status": one_of("canceled", "open", "paid"),
}


@route("GET", "/invoice_payments", TAKES)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    payment = values.get("payment", {})
    if payment and payment.get("type") not in payment:
        raise Malformed(
            f"Missing required param: payment[{payment['type']}].",
            code="parameter_missing",
            param=f"payment[{payment['type']}]",
        )
    if "invoice" in values:
        turn.need("invoice", values["invoice"], "invoice")
    conditions, arguments = [], []
    if "status" in values:
        conditions.append("facts ->> 'status' = ?")
        arguments.append(values["status"])
    if payment.get("type") == "payment_record":
        conditions.append("0")
    where = {"invoice": values.get("invoice"), "payment_intent": payment.get("payment_intent")}
    also = (" AND ".join(conditions), tuple(arguments))
    return page(turn, KIND, values, "/v1/invoice_payments", where=where, also=also)
