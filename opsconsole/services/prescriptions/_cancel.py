"""Canceling a prescription, a conversation: asked -> the pharmacy confirms, or says no, and then somebody telephones."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...models import Customer, Prescription, PrescriptionRequest, RequestKind, RequestStatus
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._ask import put
from ._follow import DENIED, SILENT, locked, move
from ._prescribe import take_back
from ._why_not import why_not_cancel, why_not_record, why_not_withdraw

_R = RequestStatus
# Nothing is typed, so no health detail can slip in.
REASONS = {
    "customer_asked": "The customer asked for it",
    "wrong": "It is not what was meant",
    "duplicate": "It is there twice",
    "moved_pharmacy": "It is to be filled elsewhere",
    "clinician_asked": "A clinician asked for it",
    "other": "Something else",
}
# What a pharmacy says on the telephone: what it means for a wish to cancel, and for one that was sent.
OUTCOMES = {
    RequestKind.CANCEL: {
        "canceled": ("They have canceled it", _R.CONFIRMED),
        "not_canceled": ("They will not cancel it", _R.DENIED),
    },
    RequestKind.TRANSMIT: {
        "received": ("They have it", _R.CONFIRMED),
        "not_there": ("They do not have it, and nothing is on its way", _R.FAILED),
    },
}


class NotCancelable(Refused):
    """It is over, or its pharmacy was asked already."""


class NotRecordable(Refused):
    """Nobody waits for an answer."""


class UndoneOtherwise(Refused):
    """It is undone with what it belongs to."""


@act(undo=120)
def cancel(prescription_id: str, *, reason: str, by: Actor) -> PrescriptionRequest:
    """Ask for a prescription to be canceled at its pharmacy, which may say no. `reason` is a code of REASONS. Raises
    NotCancelable, NotKnownThere, Invalid."""
    if reason not in REASONS:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    Customer.lock(Prescription.require(prescription_id).customer_id)
    rx = Prescription.lock(prescription_id)
    if why_not := why_not_cancel(rx):
        raise NotCancelable(why_not)
    for before in PrescriptionRequest.of_prescription(rx.id):
        cases.close_when_solved(DENIED, before.id, "the pharmacy was asked again")
    request = put(rx, RequestKind.CANCEL, reason=reason, by=by)
    say(f"Prescription {rx.external_id} is to be canceled: {REASONS[reason].lower()}")
    return request


@act
def record_outcome(request_id: str, *, outcome: str, evidence: str, by: Actor) -> PrescriptionRequest:
    """Write down what the pharmacy said on the telephone: `outcome` is a code of OUTCOMES, `evidence` who said it and when.
    Raises NotRecordable, Invalid."""
    request = locked(request_id)
    if why_not := why_not_record(request):
        raise NotRecordable(why_not)
    possible = OUTCOMES[RequestKind(request.kind)]
    if outcome not in possible:
        raise Invalid({"outcome": [f"Choose one of: {', '.join(possible)}."]})
    words, status = possible[outcome]
    request.note = f"{words}. {evidence}"[:500]
    request.business_status = f"Recorded by {by.label}"[:100]
    request.fetched_at = performing().now
    move(request, status, code="by_telephone")
    cases.close_when_solved({DENIED, SILENT}, request.id, "the pharmacy was asked on the telephone")
    say(f"{words}, says the pharmacy of prescription {request.prescription_external_id}")
    return request


@act
def withdraw(request_id: str, *, by: Actor) -> PrescriptionRequest:
    """Undo what the healthcare system was not asked yet. Raises AlreadyWithdrawn, NotWithdrawable, UndoneOtherwise."""
    request = locked(request_id)
    if request.kind == RequestKind.PRESCRIBE:
        raise UndoneOtherwise(why_not_withdraw(request) or "")
    take_back(request)
    say(f"Undid what was asked about prescription {request.prescription_external_id}")
    return request
