"""Writing down what the healthcare system told of a prescription. An older word never overwrites a newer one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from ...db import db
from ...models import (
    Customer,
    Dispense,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    Provider,
)
from ...vendors.healthcare import PrescriptionFacts, Seen
from .. import cases
from .._act import performing
from ._hooks import settled
from ._product import find_product
from ._stands import work_out
from ._two import watch

_S = PrescriptionStatus
WORD = "vendor_status_unknown"


Mirrored = Prescription | PrescriptionRequest | Dispense


def newer(row: Mirrored, facts: Seen, fetched_at: datetime) -> bool:
    """Is what was fetched newer than what we hold? By the vendor's instant first, then by ours."""
    ours, theirs = row.source_updated_at, facts.updated_at
    if ours and theirs and ours != theirs:
        return theirs > ours
    return row.fetched_at is None or fetched_at >= row.fetched_at


def seen(row: Mirrored, facts: Seen, fetched_at: datetime) -> None:
    """Write down as of when the row stands."""
    row.source_version = facts.version
    row.source_updated_at = facts.updated_at or row.source_updated_at
    row.fetched_at = max(fetched_at, row.fetched_at or fetched_at)


def mirror(facts: PrescriptionFacts, customer: Customer, *, fetched_at: datetime) -> Prescription:
    """The prescription as the vendor has it, and all that follows for it and the one whose place it takes. The customer
    is locked before."""
    rx = row_of(facts.id)
    before = rx.status if rx else None
    if rx is None:
        rx = _new(facts, customer)
    elif not newer(rx, facts, fetched_at):
        return rx
    former = rx.prior_external_id
    _copy(rx, facts)
    seen(rx, facts, fetched_at)
    find_product(rx)
    _tie(rx)
    bring_up(rx, before)
    for external_id in {former, rx.prior_external_id} - {None, rx.external_id}:
        if (prior := row_of(str(external_id))) is not None:
            bring_up(prior, prior.status)
    return rx


def bring_up(rx: Prescription, before: str | None) -> None:
    """What follows from what is known now, for a locked prescription; `before` is its status as it was."""
    held = (rx.status, rx.fills_used, rx.expires_on)
    work_out(rx, performing().now)
    _unknown_word(rx)
    watch(rx)
    if before is None or rx in db.session.dirty or held != (rx.status, rx.fills_used, rx.expires_on):
        db.session.flush()
        settled(rx, before)


def row_of(external_id: str) -> Prescription | None:
    """The prescription, locked; None while it is not known."""
    query = select(Prescription).where(Prescription.external_id == external_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def _new(facts: PrescriptionFacts, customer: Customer) -> Prescription:
    return Prescription(
        status=_S.UNKNOWN,
        customer_id=customer.id,
        external_id=facts.id,
        drug=facts.face.drug,
        refills_authorised=facts.face.refills,
        fills_used=0,
        created_at=performing().now,
    ).add()


def _copy(rx: Prescription, facts: PrescriptionFacts) -> None:
    face = facts.face
    rx.drug, rx.sig, rx.quantity, rx.unit = face.drug[:200], face.sig, face.quantity, face.unit[:40]
    rx.keys = [{"system": key.system, "code": key.code} for key in face.keys]
    rx.days_supply, rx.refills_authorised, rx.written_on = face.days_supply, face.refills, face.written_on
    rx.source_expires_on = face.expires_on
    rx.source_status, rx.raw_status = _S(facts.status).value, facts.raw_status[:60]
    rx.status_reason, rx.ref = facts.status_reason, facts.ref or rx.ref
    rx.prior_external_id, rx.visit_external_id = facts.prior, facts.visit
    rx.prescriber_external_id = facts.prescriber
    query = select(Provider.id).where(Provider.external_id == facts.prescriber)
    rx.provider_id = db.session.scalar(query) if facts.prescriber else None


def _tie(rx: Prescription) -> None:
    """What came before it: fills that were told of, and what was asked about it."""
    db.session.flush()
    for noun in (Dispense, PrescriptionRequest):
        db.session.execute(
            update(noun)
            .where(noun.prescription_external_id == rx.external_id, noun.prescription_id.is_(None))
            .values(prescription_id=rx.id, customer_id=rx.customer_id)
        )


def _unknown_word(rx: Prescription) -> None:
    """A word that nobody has mapped is somebody's to look at, until it is known or gone."""
    if rx.status != _S.UNKNOWN:
        cases.close_when_solved(WORD, rx.id, "the word is known now")
        return
    words = (
        f"The healthcare system says “{rx.raw_status}” of prescription {rx.external_id}, which we do not know. Nothing is "
        "filled from it. Ask them what it means, and engineering to add it."
    )
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once you know"}
    cases.open_case(WORD, rx.id, says=words, suggests=suggests, about=rx.related())
