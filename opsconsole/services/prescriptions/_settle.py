"""The healthcare system tells of a prescription, of a fill of one, or of what was asked about one, in any order: what is
told of before what it belongs to is kept, and comes together once that is known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from ...db import db
from ...models import (
    Customer,
    Dispense,
    DispenseStatus,
    Fill,
    Prescription,
    PrescriptionRequest,
    Provider,
    RequestKind,
    RequestStatus,
)
from ...vendors import Declined
from ...vendors.healthcare import DispenseFacts, PrescriptionFacts, TaskFacts
from .. import cases, providers
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._follow import follow, locked
from ._mirror import WORD, bring_up, mirror, newer, row_of, seen
from ._unknown import wait_for_patient

SYSTEM = "healthcare"
_ASKED_ABOUT = (RequestKind.TRANSMIT, RequestKind.CANCEL)


@act(robots=("healthcare", "worker"))
def settle(
    external_id: str, *, facts: PrescriptionFacts, fetched_at: datetime, by: Actor
) -> Prescription | None:
    """Take in a prescription as freshly read. One of a patient whom nobody knows waits until somebody says whose it is.
    Raises Declined for one that names no patient, which somebody has to look at."""
    if facts.patient is None:
        raise Declined("no_patient", f"Prescription {external_id} names no patient.")
    known = Customer.by_external(SYSTEM, facts.patient)
    if known is None:
        wait_for_patient(facts.patient, facts.id)
        say(f"Prescription {external_id} is of a patient whom nobody knows here")
        return None
    customer = Customer.lock(known.id)
    rx = mirror(facts, customer, fetched_at=fetched_at)
    _same_patient(rx, customer)
    if (request := PrescriptionRequest.of_ref(rx.ref)) is not None:
        concerns(request.id)
    say(f"Prescription {external_id}: {rx.status.replace('_', ' ')}")
    return rx


def _same_patient(rx: Prescription, customer: Customer) -> None:
    """A prescription stays whose it was: somebody has to look when the vendor names another patient."""
    if rx.customer_id == customer.id:
        cases.close_when_solved("patient_mismatch", rx.id, "the patient is the customer's")
        return
    words = (
        f"Prescription {rx.external_id} is another patient's now in the healthcare system. Nothing changes here: find out "
        "whose it is."
    )
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once that is settled"}
    cases.open_case("patient_mismatch", rx.id, says=words, suggests=suggests, about=rx.related())


@act(robots=("healthcare", "worker"))
def settle_dispense(external_id: str, *, facts: DispenseFacts, fetched_at: datetime, by: Actor) -> Dispense:
    """Take in a fill as a pharmacy reported it. It may be told of before its prescription."""
    rx = _prescription(facts.prescription)
    query = select(Dispense).where(Dispense.external_id == external_id).with_for_update()
    one = db.session.scalar(query.execution_options(populate_existing=True))
    if one is not None and not newer(one, facts, fetched_at):
        say(f"Fill {external_id} of a prescription: known as of later")
        return one
    if one is None:
        one = Dispense(
            status=DispenseStatus.UNKNOWN, external_id=external_id, fetched_at=fetched_at,
            created_at=performing().now,
        ).add()  # fmt: skip
    former = one.prescription_external_id
    seen(one, facts, fetched_at)
    one.raw_status, one.quantity, one.days_supply = facts.raw_status[:60], facts.quantity, facts.days_supply
    one.dispensed_at, one.pharmacy = facts.dispensed_at, (facts.pharmacy or "")[:200]
    one.prescription_external_id = facts.prescription
    one.prescription_id, one.customer_id = (rx.id, rx.customer_id) if rx else (None, _customer(facts.patient))
    filled = Fill.get(facts.ref) if facts.ref else None
    one.fill_id = filled.id if filled else None
    one.move_to(DispenseStatus(facts.status))
    _unknown_word(one)
    for changed in {facts.prescription, former} - {None}:
        if (theirs := _prescription(changed)) is not None:
            bring_up(theirs, theirs.status)
    say(f"Fill {external_id} of a prescription: {one.status.replace('_', ' ')}")
    return one


def _prescription(external_id: str | None) -> Prescription | None:
    """The prescription, locked after its customer."""
    known = Prescription.by_external(external_id) if external_id else None
    if known is None:
        return None
    Customer.lock(known.customer_id)
    return row_of(known.external_id)


def _customer(patient: str | None) -> str | None:
    known = Customer.by_external(SYSTEM, patient) if patient else None
    return known.id if known else None


def _unknown_word(one: Dispense) -> None:
    if one.status != DispenseStatus.UNKNOWN:
        cases.close_when_solved(WORD, one.id, "the word is known now")
        return
    words = (
        f"The healthcare system says “{one.raw_status}” of a fill of prescription {one.prescription_external_id}, which we "
        "do not know. It counts as used until somebody knows."
    )
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once you know"}
    cases.open_case(WORD, one.id, says=words, suggests=suggests, about=one.related())


@act(robots=("healthcare", "worker"))
def settle_request(
    external_id: str, *, facts: TaskFacts, fetched_at: datetime, by: Actor
) -> PrescriptionRequest | None:
    """Take in what became of something that was asked about a prescription: by us, or by others outside. What is asked of a
    clinician is none of these."""
    query = select(PrescriptionRequest.id).where(PrescriptionRequest.external_id == external_id)
    ours = PrescriptionRequest.of_ref(facts.ref)
    known = ours.id if ours else db.session.scalar(query)
    if known is None and facts.kind not in _ASKED_ABOUT:
        say(f"Task {external_id} asks nothing of a pharmacy")
        return None
    rx = _prescription(facts.prescription)
    request = locked(known) if known else _asked_outside(facts, rx)
    if not follow(request, facts, fetched_at=fetched_at):
        say(f"Task {external_id}: known as of later")
        return request
    say(f"Task {external_id}, {RequestKind(request.kind).words}: {request.status.replace('_', ' ')}")
    return request


def _asked_outside(facts: TaskFacts, rx: Prescription | None) -> PrescriptionRequest:
    kind = RequestKind(facts.kind)
    return PrescriptionRequest(
        status=RequestStatus.SUBMITTED,
        kind=kind.value,
        customer_id=rx.customer_id if rx else _customer(facts.patient),
        prescription_id=rx.id if rx else None,
        prescription_external_id=facts.prescription,
        provider_id=rx.provider_id if rx else None,
        sku=rx.sku if rx else None,
        says=f"Asked outside: {kind.words}",
        by="the healthcare system",
        by_id="healthcare",
        trace_id=performing().trace,
        created_at=facts.asked_at or performing().now,
    ).add()


@providers.when_settled
def _prescriber_known(provider: Provider) -> None:
    """What was told of before who prescribed it."""
    theirs = Prescription.prescriber_external_id == provider.external_id
    db.session.execute(
        update(Prescription).where(theirs, Prescription.provider_id.is_(None)).values(provider_id=provider.id)
    )
