"""Sending a draft now, instead of when its hour is over."""

from __future__ import annotations

from ...models import Change
from .. import changes
from .._act import act, say, tell_change, warn
from .._actor import Actor
from ._not_finalised import stuck_words
from ._settle import changed
from ._stands import ready_for

asks_finalise = changes.keeps("billing.finalise", "billing.finalise", then=changed)


@act(undo=60)
def finalise(invoice_id: str, *, by: Actor) -> Change:
    """Fix a draft's amounts and collect it now, held or not. Raises NotADraft."""
    invoice = ready_for("finalise", invoice_id)
    tell_change(
        invoice, "status", "draft", "open, and paid once the card has paid" if invoice.due else "paid"
    )
    if invoice.due > 0:
        warn(
            f"The customer's card is charged {invoice.money('due')} at once. After that no line can be changed."
        )
    if stuck := stuck_words(invoice):
        warn(f"{stuck.what} {stuck.todo}")
    say(f"Send {invoice.called_as} of {invoice.money('total')} now")
    return changes.plan(
        asks_finalise,
        invoice=invoice,
        says=f"Stripe sends {invoice.called_as} of {invoice.money('total')} and collects it",
        arguments={"invoice": invoice.external_id},
    )
