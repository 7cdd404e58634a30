"""A new prescription, as a clinician has decided: prescribe -> write -> written, and then the one whose place it takes is
asked to be canceled. What stands on it is never changed afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Refused
from ...models import (
    REQUEST_OPEN,
    Customer,
    Prescription,
    PrescriptionRequest,
    Provider,
    RequestKind,
    RequestStatus,
    Visit,
)
from ...vendors.healthcare import Face, PrescriptionFacts
from .. import outbox
from .._act import act, concerns, performing, say
from .._actor import Actor
from ..outbox import Reopened, keeper, promise
from ._ask import NotKnownThere, dropped, not_asked, patient_of, put
from ._face import face_of, kept
from ._follow import locked, move
from ._mirror import mirror
from ._two import LIVE, live

_R = RequestStatus


class AlreadyPrescribed(Refused):
    """There is a live prescription for the product, or one under way: a patient is never to have two."""


def prescribe(
    *,
    customer: Customer,
    provider: Provider,
    face: Face,
    sku: str,
    prior: Prescription | None,
    visit_id: str | None,
    says: str,
) -> PrescriptionRequest:
    """Have a new prescription written, signed by `provider`, within the act of a clinician that is under way; it goes out
    when that act can no longer be undone (`take_back` undoes it). The customer is locked.

    It takes the place of `prior`, which is asked to be canceled once the new one is there. `says` is the sentence that
    people read, without health data. Raises AlreadyPrescribed, NotKnownThere.
    """
    patient = patient_of(customer)
    if provider.external_id is None:
        raise NotKnownThere(f"The healthcare system does not know {provider.name}: they cannot sign there.")
    _one_at_a_time(customer, sku, prior)
    performance = performing()
    request = PrescriptionRequest(
        status=_R.PLANNED,
        kind=RequestKind.PRESCRIBE.value,
        customer_id=customer.id,
        prescription_id=prior.id if prior else None,
        prescription_external_id=prior.external_id if prior else None,
        visit_id=visit_id,
        provider_id=provider.id,
        sku=sku,
        says=says,
        by=performance.by.label,
        by_id=performance.by.id,
        trace_id=performance.trace,
        created_at=performance.now,
    )
    request.face = kept(face)
    request.add()
    asked = _asks(request, patient, provider)
    promise(write, request, lane=request.lane, says=asked.says, arguments=asked.arguments)
    return request


def _one_at_a_time(customer: Customer, sku: str, prior: Prescription | None) -> None:
    others = [one for one in live(customer.id, sku) if prior is None or one.id != prior.id]
    if others:
        raise AlreadyPrescribed(
            f"Prescription {others[0].external_id} for {sku} is live: the new one has to take its place, or it is "
            "canceled first."
        )
    query = select(PrescriptionRequest.id).where(
        PrescriptionRequest.customer_id == customer.id,
        PrescriptionRequest.sku == sku,
        PrescriptionRequest.kind == RequestKind.PRESCRIBE,
        PrescriptionRequest.status.in_(REQUEST_OPEN),
    )
    if db.session.scalar(query.limit(1)):
        raise AlreadyPrescribed(f"A new prescription for {sku} is being written already.")


def _asks(request: PrescriptionRequest, patient: str, provider: Provider) -> Reopened:
    """What the healthcare system is asked. What stands on the prescription is in no promise: `_sealed` reads it."""
    visit = Visit.get(request.visit_id) if request.visit_id else None
    return Reopened(
        request.says,
        {
            "patient": patient,
            "prescriber": provider.external_id,
            "visit": visit.external_id if visit else None,
            "prior": request.prescription_external_id,
        },
    )


def _sealed(request_id: str) -> dict[str, Any]:
    text = PrescriptionRequest.require(request_id).face
    assert text is not None
    return {"face": face_of(text)}


@act(robots=("worker",))
def written(
    request_id: str, *, facts: PrescriptionFacts, fetched_at: datetime, by: Actor
) -> PrescriptionRequest:
    """It is written and signed. The one whose place it takes is asked to be canceled, if it lives."""
    request = locked(request_id)
    assert request.customer_id
    made = mirror(facts, Customer.require(request.customer_id), fetched_at=fetched_at)
    request.made_id = made.id
    move(request, _R.CONFIRMED)
    concerns(made.id)
    _cancel_prior(request, by)
    say(f"The healthcare system wrote prescription {made.external_id}")
    return request


def _cancel_prior(request: PrescriptionRequest, by: Actor) -> None:
    prior = Prescription.lock(request.prescription_id) if request.prescription_id else None
    if prior is None or prior.status not in LIVE:
        return
    if not PrescriptionRequest.open_of(prior.id, RequestKind.CANCEL):
        put(prior, RequestKind.CANCEL, reason="replaced", visit_id=request.visit_id, by=by)


def _reopened(request_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries a declined prescription again, as it is: another one is another decision."""
    request = locked(request_id)
    if request.status != _R.DECLINED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    assert request.customer_id and request.provider_id and request.sku
    customer = Customer.require(request.customer_id)
    prior = Prescription.get(request.prescription_id) if request.prescription_id else None
    _one_at_a_time(customer, request.sku, prior)
    request.failure_code = request.failure_reason = None
    request.move_to(_R.PLANNED)
    return _asks(request, patient_of(customer), Provider.require(request.provider_id))


def _done_outside(request_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody had it written there by hand, and says under which id."""
    request = locked(request_id)
    made = Prescription.by_external(external_id)
    if made is None or made.customer_id != request.customer_id:
        words = f"No prescription {external_id} of this customer was told of yet. Wait until the healthcare system has."
        raise Refused(words, field="external_id", code="not_known")
    request.made_id, request.raw_status = made.id, "done outside"
    move(request, _R.CONFIRMED)
    _cancel_prior(request, by)


def take_back(request: PrescriptionRequest) -> None:
    """Undo what was asked, within the act under way. Raises AlreadyWithdrawn, and NotWithdrawable once the healthcare system
    may have been asked."""
    if request.status == _R.WITHDRAWN:
        raise outbox.AlreadyWithdrawn("This was undone already.")
    outbox.withdraw(request)
    request.move_to(_R.WITHDRAWN)


write = keeper(
    "prescriptions.write",
    call="healthcare.prescribe",
    then=written,
    declined=not_asked,
    locks=locked,
    reads=_sealed,
    reopened=_reopened,
    done_outside=_done_outside,
    dropped=dropped,
    expects=("request.answered", "prescription.written"),
)
