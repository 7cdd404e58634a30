"""How a hold ends: with what Stripe says of the invoice, or with the change by which it was asked."""

from __future__ import annotations

from ...models import Change, ChangeStatus, Invoice, InvoiceHold, InvoiceHoldReason
from .. import cases
from .._act import performing

HOLD = "billing.hold"
FORGOTTEN = "hold_forgotten"  # the reason of the case
_ENDS = {
    "billing.release": "It was released",
    "billing.let_go": "Its time was up",
    "billing.finalise": "It was sent",
}


def follow_hold(invoice: Invoice) -> None:
    """End the hold of an invoice that goes on by itself, or is no draft any more, according to Stripe."""
    standing = InvoiceHold.on(invoice.id)
    if standing is None or invoice.held:
        return
    doing = Change.now_of(invoice_id=invoice.id)
    if doing and doing.verb == HOLD:
        return  # Stripe was not asked yet
    why = _ENDS.get(doing.verb, "It was changed") if doing else "It went on at Stripe"
    end_hold(standing, by=doing.by if doing else "outside the console", why=why)


def end_hold(standing: InvoiceHold, *, by: str, why: str) -> None:
    """It holds nothing any more."""
    standing.released_at, standing.released_by, standing.why = performing().now, by, why
    if (
        standing.reason == InvoiceHoldReason.REISSUED
    ):  # of others the case tells that they were forgotten, and stays
        cases.close_when_solved(FORGOTTEN, standing.invoice_id, "somebody has looked at it")


def follow_hold_asked(change: Change) -> None:
    """A hold stands while Stripe is asked for it, and for as long as that holds."""
    made = InvoiceHold.of_change(change.id)
    if made is None:
        return
    if change.status == ChangeStatus.DONE:
        if (
            made.released_at and InvoiceHold.on(made.invoice_id) is None
        ):  # it was refused, and asked for again
            made.released_at = made.released_by = made.why = None
    elif made.released_at is None:
        undone = change.status == ChangeStatus.WITHDRAWN
        end_hold(made, by=change.by, why="It was undone" if undone else "Stripe would not hold it")
