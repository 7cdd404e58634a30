"""Changes: what Stripe is asked to change of a subscription, an invoice or a balance, and how far that is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Change, ChangeStatus, Customer, Invoice, Subscription
from ..services import audit, cases, changes, outbox
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._happened import happened
from ._listing import common, found, listed, shown
from ._live import live
from ._masking import written
from ._undoing import sending, undo
from ._who import reads

pages = Blueprint("changes", __name__)


def told(change: Change) -> dict[str, Any]:
    return common(change, [_undo(change)]) | {
        "change": change.verb,
        "says": change.says,
        "subscription": f"/subscriptions/{change.subscription_id}" if change.subscription_id else None,
        "invoice": f"/invoices/{change.invoice_id}" if change.invoice_id else None,
        "customer": f"/customers/{change.customer_id}" if change.customer_id else None,
        "reason": change.reason or None,
        "note": written(change.note),
        "starts_at": at(change.starts_at),
        "waits_for": change.waits_for,
        "external_id": change.external_id,
        "failure_code": change.failure_code,
        "failure_reason": written(change.failure_reason),
        "by": change.by,
        "trace": change.trace_id,
    }


def _undo(change: Change) -> dict[str, Any]:
    found = undo(change, "changes.withdraw", "Stripe has been asked already.")
    if change.status == ChangeStatus.SCHEDULED:
        found |= {"allowed": True, "why_not": None}
    return found


@pages.get("/changes")
@reads("changes", changes.LIST)
def list() -> ResponseReturnValue:
    return listed(found(), told, "changes/list.html", statuses=ChangeStatus)


@pages.get("/changes/<change_id>")
@reads("changes")
def show(change_id: str) -> ResponseReturnValue:
    change = Change.require(change_id)
    looks = [change.status, change.starts_at, audit.movement(change.id)]
    return live(
        looks,
        lambda: shown(change, lambda: told(change), "changes/show.html", lambda: _page(change)),
        final=change.final,
    )


def _page(change: Change) -> dict[str, Any]:
    return (
        _about(change)
        | sending(change)
        | {
            "breakers": [one for one in outbox.health() if one.opened_at and one.method == change.method],
            "cases": cases.of(change.id),
            "timeline": happened(change),
        }
    )


def _about(change: Change) -> dict[str, Any]:
    return {
        "change": change,
        "subscription": Subscription.get(change.subscription_id) if change.subscription_id else None,
        "invoice": Invoice.get(change.invoice_id) if change.invoice_id else None,
        "customer": Customer.get(change.customer_id) if change.customer_id else None,
    }


@pages.route("/changes/<change_id>/withdraw", methods=["GET", "POST"])
@performs(changes.withdraw)
def withdraw(form: NoInput, change_id: str) -> Asked:
    context = _about(Change.require(change_id)) | {"submit": "Undo it"}
    return Asked(change_id, context=context, done="Undone: Stripe is not asked.")
