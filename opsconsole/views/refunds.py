"""Refunds: where each is on its way, and undoing one before it leaves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Customer, Order, Payment, Refund, RefundLine, RefundStatus
from ..services import audit, cases, outbox, refunds
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._happened import happened
from ._listing import Acts, common, found, listed, shown
from ._live import live
from ._masking import written
from ._noting import noting
from ._undoing import sending, undo
from ._who import reads

pages = Blueprint("refunds", __name__)
noting(pages, refunds.note, Refund)


def told(refund: Refund) -> dict[str, Any]:
    of_parts = {line.line_id: line for line in RefundLine.of(refund.id)}
    shipping = of_parts.pop(None, None)
    return common(refund, acts_of(refund)) | {
        "external_id": refund.external_id,
        "raw_status": refund.raw_status,
        "order": f"/orders/{refund.order_id}" if refund.order_id else None,
        "payment": f"/payments/{refund.payment_id}",
        "customer": f"/customers/{refund.customer_id}" if refund.customer_id else None,
        "amount": refund.money.as_json,
        "lines": [{"line": id} | _shares(line) for id, line in of_parts.items()],
        "shipping": _shares(shipping) if shipping else None,
        "reason": refund.reason,
        "note": written(refund.note),
        "pending_reason": refund.pending_reason,
        "failure_reason": written(refund.failure_reason),
        "reference_number": refund.reference_number,
        "by": refund.by,
        "trace": refund.trace_id,
        "fetched_at": at(refund.fetched_at),
    }


def _shares(line: RefundLine) -> dict[str, Any]:
    return {"amount": line.money.as_json, "tax": line.tax_money.as_json}


def acts_of(refund: Refund) -> Acts:
    return [undo(refund, "refunds.withdraw", "Stripe has been asked already.")]


@pages.get("/refunds")
@reads("refunds", refunds.LIST)
def list() -> ResponseReturnValue:
    return listed(found(), told, "refunds/list.html", statuses=RefundStatus, reasons=refunds.REASONS)


@pages.get("/refunds/<refund_id>")
@reads("refunds")
def show(refund_id: str) -> ResponseReturnValue:
    refund = Refund.require(refund_id)
    looks = [refund.status, refund.external_id, refund.fetched_at, audit.movement(refund.id)]
    return live(
        looks,
        lambda: shown(refund, lambda: told(refund), "refunds/show.html", lambda: _page(refund)),
        final=refund.final,
    )


def _page(refund: Refund) -> dict[str, Any]:
    sent = sending(refund)
    waiting = {(one.port, one.method) for one in sent["promises"] if one.status in ("waiting", "claimed")}
    return sent | {
        "refund": refund,
        "breakers": [one for one in outbox.health() if one.opened_at and (one.port, one.method) in waiting],
        "order": Order.get(refund.order_id) if refund.order_id else None,
        "lines": RefundLine.of(refund.id),
        "payment": Payment.require(refund.payment_id),
        "customer": Customer.get(refund.customer_id) if refund.customer_id else None,
        "reason": refunds.REASONS.get(refund.reason),
        "acts": acts_of(refund),
        "cases": cases.of(refund.id),
        "timeline": happened(refund),
    }


@pages.route("/refunds/<refund_id>/withdraw", methods=["GET", "POST"])
@performs(refunds.withdraw)
def withdraw(form: NoInput, refund_id: str) -> Asked:
    refund = Refund.require(refund_id)
    context = {"refund": refund, "payment": Payment.require(refund.payment_id), "submit": "Undo this refund"}
    return Asked(refund_id, context=context, done="The refund was undone.")
