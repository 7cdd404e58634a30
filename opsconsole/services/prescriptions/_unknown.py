"""Prescriptions of patients whom nobody knows: they wait, and somebody says whose they are."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from ... import vendors
from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Customer, ExternalId, UnknownPatient, UnknownPatientStatus
from ...vendors.healthcare import PatientFacts, PrescriptionFacts
from .. import cases, customers
from .._act import Need, act, concerns, performing, say
from .._actor import Actor
from ..outbox import keeper, promise
from ._mirror import mirror

SYSTEM = "healthcare"
UNKNOWN = "patient_unknown"
# How somebody made sure where birth dates alone do not say it. Nothing is typed, so no health detail can slip in.
EVIDENCE = {
    "birth_date": "The birth dates are the same",
    "id_document": "They have shown a document",
    "telephone": "They were called back at the number that we know",
    "clinic": "The clinic has confirmed it",
}


class AlreadyLinked(Refused):
    """Somebody has said whose they are."""


class BirthDateDiffers(Refused):
    """They were born on another day: it is somebody else."""


class OtherPatient(Refused):
    """The customer is another patient there already."""


def wait_for_patient(patient: str, prescription: str) -> UnknownPatient:
    """Write down what waits for it to be known whose a patient is, with its case."""
    one = UnknownPatient.of(patient)
    if one is None:
        one = UnknownPatient(
            status=UnknownPatientStatus.OPEN, external_id=patient, waiting=[], created_at=performing().now
        ).add()
    one = UnknownPatient.lock(one.id)
    one.waiting = sorted({*one.waiting, prescription})
    many = f"{len(one.waiting)} prescriptions wait" if len(one.waiting) > 1 else "A prescription waits"
    cases.open_case(
        UNKNOWN,
        one.id,
        says=f"{many} for patient {patient} of the healthcare system, who is nobody's customer here. Say whose they are.",
        suggests={"act": "prescriptions.link", "url": f"{one.url}/link", "label": "Say whose they are"},
    )
    return one


def patient_now(one: UnknownPatient) -> PatientFacts | None:
    """The patient as the healthcare system has them now, for `link`. Talks to the outside: no transaction may be open."""
    return vendors.port(SYSTEM).fetch_patient(one.external_id)


def why_not_link(one: UnknownPatient) -> str | None:
    return "Somebody has said already whose they are." if one.status == UnknownPatientStatus.LINKED else None


@act(private=("found",))
def link(
    unknown_patient_id: str, *, customer: str, evidence: str, found: PatientFacts | None, by: Actor
) -> UnknownPatient:
    """This patient is that customer, an id, reference or URL: what was prescribed to them is read and taken in. `found` is
    the patient as just read, `evidence` a code of EVIDENCE. Birth dates that differ are never linked; where one is not
    known, or the customer is another patient already, a second person has to agree. Raises AlreadyLinked, BirthDateDiffers,
    OtherPatient, Invalid."""
    known = _named(customer)
    theirs = Customer.lock(known.id)
    one = UnknownPatient.lock(unknown_patient_id)
    if one.status == UnknownPatientStatus.LINKED:
        raise AlreadyLinked("Somebody has said already whose they are.")
    if found is None:
        raise OtherPatient("The healthcare system has no such patient any more: dismiss the case.")
    _same_person(theirs, found, evidence)
    now = performing().now
    ExternalId(
        customer_id=theirs.id, system=SYSTEM, external_id=one.external_id, as_of=now, created_at=now
    ).add()
    take_up(one, theirs)
    say(f"Patient {one.external_id} of the healthcare system is this customer: {EVIDENCE[evidence].lower()}")
    return one


def _same_person(customer: Customer, found: PatientFacts, evidence: str) -> None:
    if evidence not in EVIDENCE:
        raise Invalid({"evidence": [f"Choose one of: {', '.join(EVIDENCE)}."]})
    born, needs = customer.birth_date, performing().needs
    if born and found.birth_date and date.fromisoformat(born) != found.birth_date:
        raise BirthDateDiffers(
            "They were born on different days: this is somebody else, or one of the dates is wrong. Correct that first.",
            field="customer",
        )
    if not (born and found.birth_date):
        if evidence == "birth_date":
            raise Invalid({"evidence": ["One of the birth dates is not known: say how else you made sure."]})
        needs.append(
            Need("One of the birth dates is not known: two people make sure whose prescriptions these are.")
        )
    if customers.patient_of(customer):
        needs.append(
            Need("The customer is another patient there already: two people make sure that both are theirs.")
        )


def _named(customer: str) -> Customer:
    wanted = customer.strip().rsplit("/", 1)[-1]
    found = db.session.scalar(
        select(Customer).where(or_(Customer.id == wanted, Customer.reference == wanted))
    )
    if found is None:
        raise Invalid({"customer": ["There is no such customer: write their id or the shop's number."]})
    return found


def take_up(one: UnknownPatient, customer: Customer) -> None:
    """It is known whose they are: what is prescribed to them is read, in the act under way."""
    one.customer_id = customer.id
    one.waiting = []
    one.move_to(UnknownPatientStatus.LINKED)
    cases.close_when_solved(UNKNOWN, one.id, "it is known whose they are")
    concerns(customer.id)
    promise(
        read_all,
        one,
        lane=f"{SYSTEM}:Patient/{one.external_id}",
        says="What is prescribed to the customer is read",
        arguments={"patient": one.external_id},
        due_in=timedelta(0),
    )


@customers.when_known
def _known(customer: Customer, system: str, external_id: str) -> None:
    """The shop has told whose a patient is."""
    if system == SYSTEM and (one := UnknownPatient.of(external_id)) is not None:
        one = UnknownPatient.lock(one.id)
        if one.status == UnknownPatientStatus.OPEN:
            take_up(one, customer)


@act(robots=("worker",), private=("facts",))
def take_in(
    unknown_patient_id: str, *, facts: tuple[PrescriptionFacts, ...], fetched_at: datetime, by: Actor
) -> UnknownPatient:
    """Take in all that is prescribed to a patient of whom it is known now whose they are."""
    known = UnknownPatient.require(unknown_patient_id)
    assert known.customer_id
    customer = Customer.lock(known.customer_id)
    one = UnknownPatient.lock(unknown_patient_id)
    for each in facts:
        concerns(mirror(each, customer, fetched_at=fetched_at).id)
    say(f"Took in {len(facts)} prescription{'s' if len(facts) != 1 else ''} that waited")
    return one


read_all = keeper("prescriptions.read_all", call="healthcare.prescriptions_of", then=take_in, changes=False)
