"""The money of an invoice that was sent: try the card now, or have Stripe stop trying."""

from __future__ import annotations

from ...models import Change
from .. import changes
from .._act import act, say, tell_change, warn
from .._actor import Actor
from ._settle import changed
from ._stands import ready_for

asks_collect = changes.keeps("billing.collect", "billing.collect", then=changed)
asks_stop = changes.keeps("billing.stop_collecting", "billing.stop_collecting", then=changed)


@act(undo=10)
def collect(invoice_id: str, *, by: Actor) -> Change:
    """Try the customer's card now with what remains. When Stripe tries by itself stays as it is. Raises NotOwed."""
    invoice = ready_for("collect", invoice_id)
    tell_change(invoice, "remaining", str(invoice.money("remaining")), "nothing, if the card pays")
    if invoice.next_try_at:
        tell_change(invoice, "next try", f"{invoice.next_try_at:%-d %b %Y}", "the same day, if it does not")
    say(f"Try the card for {invoice.money('remaining')} of {invoice.called_as}")
    return changes.plan(
        asks_collect,
        invoice=invoice,
        says=f"Stripe charges the customer's card {invoice.money('remaining')} for {invoice.called_as}",
        arguments={"invoice": invoice.external_id},
    )


@act(undo=60)
def stop_collecting(invoice_id: str, *, by: Actor) -> Change:
    """Have Stripe not try the card by itself any more: the invoice stays open. Raises NotOwed, NotCollecting."""
    invoice = ready_for("stop_collecting", invoice_id)
    tell_change(invoice, "collected", "by itself", "only when somebody says so")
    warn("The customer still owes it. Void it, or write it off, if they do not.")
    say(f"Stop collecting {invoice.called_as}")
    return changes.plan(
        asks_stop,
        invoice=invoice,
        says=f"Stripe does not try the card for {invoice.called_as} by itself any more",
        arguments={"invoice": invoice.external_id},
    )
