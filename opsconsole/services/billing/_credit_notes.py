"""Taking in a credit note as Stripe holds it: the only way in which one changes here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from ...db import db
from ...models import Change, CreditNote, CreditNoteStatus, Invoice
from ...vendors.billing import CreditNoteFacts
from .. import cases, changes
from .._act import act, concerns, say
from .._actor import Actor
from ._mirror import when_moved

_STATUS = {"issued": CreditNoteStatus.ISSUED, "void": CreditNoteStatus.VOID}
_UNKNOWN_WORD = "vendor_status_unknown"


@act(robots=("stripe", "worker"))
def settle_credit_note(
    ref: str, *, facts: CreditNoteFacts | None, fetched_at: datetime, by: Actor
) -> CreditNote | None:
    """Mirror a credit note, also one that was made elsewhere. A change of ours that it proves is done."""
    if facts is None:
        say(f"Stripe has no credit note {ref}")
        return None
    note = mirror_credit_note(facts, fetched_at)
    named = facts.tags.get("opsconsole_subject")
    if named and (change := Change.get(named)) and change.method == "credit":
        changes.happened(named)
    say(f"{note.titled} of {note.money('amount')}: {note.state.value}")
    return note


@act(robots=("worker",))
def credited(change_id: str, *, facts: CreditNoteFacts, fetched_at: datetime, by: Actor) -> Change:
    """Stripe has made, or voided, the credit note that a change asks for."""
    note = mirror_credit_note(facts, fetched_at)
    change = changes.done(change_id, external_id=facts.id)
    concerns(note.id, note.invoice_id)
    say(f"Done: {change.says}")
    return change


def mirror_credit_note(facts: CreditNoteFacts, fetched_at: datetime) -> CreditNote:
    """Bring our credit note up to what Stripe says, in the act under way. An older fetch never overwrites a newer one."""
    known = Invoice.by_external(facts.invoice)
    invoice = Invoice.lock(known.id) if known else None  # before the note, as acts do
    note = _locked(facts, fetched_at)
    if fetched_at < note.fetched_at:
        return note
    note.fetched_at, note.raw_status, note.number = fetched_at, facts.status[:60], facts.number
    note.reason, note.amount, note.refunded = facts.reason, facts.amount, facts.refunded
    note.credited, note.out_of_band, note.refunds = facts.credited, facts.out_of_band, [*facts.refunds]
    if invoice:
        note.invoice_id, note.customer_id = invoice.id, invoice.customer_id
    status = _STATUS.get(facts.status, CreditNoteStatus.UNKNOWN)
    note.move_to(status)
    if status is CreditNoteStatus.UNKNOWN:
        says = f"Stripe calls this credit note “{facts.status}”, a word we do not know."
        cases.open_case(_UNKNOWN_WORD, note.id, says=says, about=note.related())
    else:
        cases.close_when_solved(_UNKNOWN_WORD, note.id, "Stripe uses a word we know again")
    return note


def _locked(facts: CreditNoteFacts, fetched_at: datetime) -> CreditNote:
    # An event and the answer to a call of ours may both bring it first.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"note {facts.id}", 0))))
    if known := CreditNote.by_external(facts.id):
        return CreditNote.lock(known.id)
    asked = Change.get(facts.tags.get("opsconsole_subject", ""))
    return CreditNote(
        status=_STATUS.get(facts.status, CreditNoteStatus.UNKNOWN),
        external_id=facts.id,
        external_invoice=facts.invoice,
        currency=facts.currency,
        **dict.fromkeys(("amount", "refunded", "credited", "out_of_band"), 0),
        refunds=[],
        by=asked.by if asked else "outside the console",
        created_at=facts.created_at,
        fetched_at=fetched_at,
    ).add()


@when_moved
def _tie(invoice: Invoice) -> None:
    """A credit note whose invoice we did not know when we heard of it."""
    if invoice.credited_before or invoice.credited_after:
        alone = (CreditNote.external_invoice == invoice.external_id) & CreditNote.invoice_id.is_(None)
        values = {"invoice_id": invoice.id, "customer_id": invoice.customer_id}
        db.session.execute(update(CreditNote).where(alone).values(values))
