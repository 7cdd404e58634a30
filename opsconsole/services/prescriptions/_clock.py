"""What time alone changes: a last day passes, and a pharmacy is silent for too long."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db, instant, now
from ...models import (
    Case,
    CaseStatus,
    Customer,
    ExternalId,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    RequestKind,
    RequestStatus,
    UnknownPatient,
    UnknownPatientStatus,
)
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._follow import SILENT, locked
from ._mirror import bring_up
from ._stands import today
from ._unknown import SYSTEM, take_up
from ._windows import ACK_WINDOW

_R = RequestStatus
_UNANSWERED = (_R.REQUESTED, _R.RECEIVED)


def expiring(limit: int = 500) -> list[str]:
    """Prescriptions whose last day has passed and that do not say so yet."""
    query = select(Prescription.id).where(
        Prescription.status.in_((PrescriptionStatus.ACTIVE, PrescriptionStatus.ON_HOLD)),
        Prescription.expires_on < today(now()),
    )
    found = list(db.session.scalars(query.order_by(Prescription.expires_on, Prescription.id).limit(limit)))
    db.session.rollback()
    return found


@act(robots=("clock",))
def expire(prescription_id: str, *, by: Actor) -> Prescription:
    """Its last day has passed: nothing is filled from it any more."""
    Customer.lock(Prescription.require(prescription_id).customer_id)
    rx = Prescription.lock(prescription_id)
    bring_up(rx, rx.status)
    say(f"Prescription {rx.external_id}: {rx.status.replace('_', ' ')}")
    return rx


def unanswered(limit: int = 200) -> list[str]:
    """What pharmacies were asked and have not answered in time, of which nobody was told."""
    told = select(Case.id).where(Case.subject_id == PrescriptionRequest.id, Case.reason == SILENT)
    query = select(PrescriptionRequest.id).where(
        PrescriptionRequest.kind != RequestKind.PRESCRIBE,
        PrescriptionRequest.status.in_(_UNANSWERED),
        PrescriptionRequest.created_at <= instant() - ACK_WINDOW,
        ~told.where(
            (Case.status == CaseStatus.OPEN) | (Case.created_at >= PrescriptionRequest.status_since)
        ).exists(),
    )
    found = list(db.session.scalars(query.order_by(PrescriptionRequest.created_at).limit(limit)))
    db.session.rollback()
    return found


def recognised(limit: int = 200) -> list[str]:
    """Patients of whom nobody knew whose they are, and who are known meanwhile."""
    known = select(ExternalId.id).where(
        ExternalId.system == SYSTEM, ExternalId.external_id == UnknownPatient.external_id
    )
    query = select(UnknownPatient.id).where(
        UnknownPatient.status == UnknownPatientStatus.OPEN, known.exists()
    )
    found = list(db.session.scalars(query.order_by(UnknownPatient.created_at).limit(limit)))
    db.session.rollback()
    return found


@act(robots=("clock",))
def recognise(unknown_patient_id: str, *, by: Actor) -> UnknownPatient:
    """It became known whose a patient is just when something was prescribed to them."""
    known = Customer.by_external(SYSTEM, UnknownPatient.require(unknown_patient_id).external_id)
    customer = Customer.lock(known.id) if known else None
    one = UnknownPatient.lock(unknown_patient_id)
    if customer and one.status == UnknownPatientStatus.OPEN:
        take_up(one, customer)
    say(f"Patient {one.external_id} of the healthcare system is a customer's")
    return one


@act(robots=("clock",))
def escalate(request_id: str, *, by: Actor) -> PrescriptionRequest:
    """A pharmacy is silent: somebody has to call it. Nothing is sent again meanwhile."""
    request = locked(request_id)
    if request.status not in _UNANSWERED or request.created_at + ACK_WINDOW > performing().now:
        say("The pharmacy has answered meanwhile")
        return request
    rx = request.prescription_external_id
    asked = "to cancel" if request.kind == RequestKind.CANCEL else "whether it has"
    words = (
        f"The pharmacy was asked {asked} prescription {rx} at {request.created_at:%H:%M} UTC on "
        f"{request.created_at:%-d %b}, and has not answered. Telephone them; send nothing again before they have."
    )
    suggests = {
        "act": "prescriptions.record_outcome", "url": f"{request.url}/record_outcome",
        "label": "Write down what they said",
    }  # fmt: skip
    cases.open_case(SILENT, request.id, says=words, suggests=suggests, about=request.related())
    say(f"The pharmacy has not answered about prescription {rx}")
    return request
