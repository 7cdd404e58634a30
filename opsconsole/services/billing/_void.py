"""Calling off an invoice that was sent: void it, or write it off."""

from __future__ import annotations

from ...lib.refusal import Invalid
from ...models import Change, Invoice, InvoiceStatus, Subscription
from .. import changes
from .._act import act, say, tell_change, warn
from .._actor import Actor
from ._settle import changed
from ._stands import ready_for

# Why an invoice is called off, with the words that people choose by.
REASONS = {
    "duplicate": "It bills something twice",
    "wrong_amount": "Its amount is wrong",
    "wrong_customer": "It is somebody else's",
    "not_wanted": "The customer does not want what it is for",
    "not_delivered": "What it is for was never sent",
    "goodwill": "We let it go as a goodwill",
    "fraud": "It may be fraud",
    "other": "Something else",
}
asks_void = changes.keeps("billing.void", "billing.void", then=changed)
asks_write_off = changes.keeps("billing.write_off", "billing.write_off", then=changed)


@act(undo=60, private=("note",))
def void(invoice_id: str, *, reason: str, note: str = "", by: Actor) -> Change:
    """Call an invoice off that was sent and not paid: it asks for nothing any more, for ever. Raises NotOwed, Invalid."""
    checked(reason, note)
    invoice = ready_for("void", invoice_id)
    warn_of_what_goes_on(invoice)
    say(f"Void {invoice.called_as} of {invoice.money('total')}: {REASONS[reason].lower()}")
    return plan_void(invoice, reason, note)


def plan_void(invoice: Invoice, reason: str, note: str) -> Change:
    """In an act: have Stripe void a locked invoice."""
    tell_change(invoice, "status", invoice.status, InvoiceStatus.VOID.value)
    tell_change(invoice, "due", str(invoice.money("remaining")), "nothing")
    return changes.plan(
        asks_void,
        invoice=invoice,
        says=f"Stripe voids {invoice.called_as} of {invoice.money('total')}",
        arguments={"invoice": invoice.external_id},
        reason=reason,
        note=note,
    )


@act(undo=60, private=("note",))
def write_off(invoice_id: str, *, reason: str, note: str = "", by: Actor) -> Change:
    """Expect no payment of it any more; it can still be paid or voided. Raises NotOwed, Invalid."""
    checked(reason, note)
    invoice = ready_for("write_off", invoice_id)
    warn_of_what_goes_on(invoice)
    tell_change(invoice, "status", invoice.status, InvoiceStatus.UNCOLLECTIBLE.value)
    say(f"Write {invoice.called_as} of {invoice.money('remaining')} off: {REASONS[reason].lower()}")
    return changes.plan(
        asks_write_off,
        invoice=invoice,
        says=f"Stripe writes {invoice.called_as} of {invoice.money('remaining')} off",
        arguments={"invoice": invoice.external_id},
        reason=reason,
        note=note,
    )


def checked(reason: str, note: str) -> None:
    """Raises Invalid for a reason that is none, or for another one that is not told."""
    if reason not in REASONS:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    if reason == "other" and not note.strip():
        raise Invalid({"note": ["Say why in the note."]})


def warn_of_what_goes_on(invoice: Invoice) -> None:
    """An invoice is one period: its subscription bills the next one all the same."""
    subscription = Subscription.get(invoice.subscription_id) if invoice.subscription_id else None
    if subscription and subscription.live:
        warn("The subscription goes on and bills again when its next period begins.")
