"""An invoice tells how it stands: to whoever hears of an event, or asked for something."""

from __future__ import annotations

from datetime import datetime

from ...models import Change, ChangeStatus, Invoice
from ...vendors.billing import InvoiceFacts, InvoiceState
from .. import changes
from .._act import act, concerns, say
from .._actor import Actor
from ..inbox import Lookup
from ._mirror import mirror_invoice


@act(robots=("stripe", "worker"))
def settle(ref: str, *, facts: InvoiceFacts | None, fetched_at: datetime, by: Actor) -> Invoice | None:
    """Mirror an invoice. A change of ours that it proves, though its answer never came, is done."""
    if facts is None or (facts.state is InvoiceState.DELETED and Invoice.by_external(facts.id) is None):
        say(f"Stripe has no invoice {ref} any more")
        return None
    invoice = mirror_invoice(facts, fetched_at)
    _proves(facts)
    say(told(invoice))
    return invoice


def _proves(facts: InvoiceFacts) -> None:
    """An invoice names the change that was asked for last. One that is issued again is whole only with its lines."""
    named = Change.get(facts.tags.get("opsconsole_subject", ""))
    if named is None or named.status != ChangeStatus.SUBMITTED:
        return
    if named.method == "reissue":
        if not facts.lines:
            return
        named.external_id = facts.id
    changes.happened(named.id)


@act(robots=("worker",))
def changed(change_id: str, *, facts: InvoiceFacts, fetched_at: datetime, by: Actor) -> Change:
    """Stripe has done what a change asks of an invoice, and shows what it is now."""
    invoice = mirror_invoice(facts, fetched_at)
    asked = Change.require(change_id)
    made = facts.id if invoice.id != asked.invoice_id else None  # another one, in its place
    change = changes.done(change_id, external_id=made)
    concerns(invoice.id)
    say(f"Done: {change.says}")
    return change


def lookup(object_id: str) -> Lookup | None:
    """How Stripe is asked for what an event is about; None where that is no invoice, as of an item that waits for one."""
    return Lookup((object_id,)) if object_id.startswith("in_") else None


def told(invoice: Invoice) -> str:
    """How it stands, in a sentence."""
    return f"{invoice.titled} of {invoice.money('total')}: {invoice.state.value}"
