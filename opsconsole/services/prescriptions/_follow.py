"""Taking in what became of a question about a prescription. The request is locked before."""

from __future__ import annotations

from datetime import datetime

from ...db import db
from ...models import (
    Customer,
    Prescription,
    PrescriptionRequest,
    RequestKind,
    RequestStatus,
)
from ...vendors.healthcare import TaskFacts
from .. import cases
from ._mirror import WORD, newer, seen
from ._two import watch
from ._when_answered import answered

_R = RequestStatus
_STATUS = {
    "requested": _R.REQUESTED, "received": _R.RECEIVED, "accepted": _R.ACCEPTED, "in_progress": _R.ACCEPTED,
    "on_hold": _R.ACCEPTED, "completed": _R.CONFIRMED, "rejected": _R.DENIED, "failed": _R.FAILED,
    "cancelled": _R.FAILED, "entered_in_error": _R.FAILED, "unknown": _R.UNKNOWN,
}  # fmt: skip
ANSWERS = (_R.CONFIRMED, _R.DENIED, _R.FAILED, _R.DECLINED)
CALLED_OFF = "called_off"
#: Codes of NCPDP SCRIPT, and that it was dispensed: others may tell why somebody takes something, and are not kept.
_HARMLESS = frozenset(("600", "601", "602", "900", "dispensed"))
SILENT, DENIED, NOT_SENT = "pharmacy_silent", "cancel_denied", "rx_not_transmitted"


def locked(request_id: str) -> PrescriptionRequest:
    """Customer, prescription, request: the order in which every act here takes its locks."""
    known = PrescriptionRequest.require(request_id)
    if known.customer_id:
        Customer.lock(known.customer_id)
    if known.prescription_id:
        Prescription.lock(known.prescription_id)
    return PrescriptionRequest.lock(request_id)


def follow(request: PrescriptionRequest, facts: TaskFacts, *, fetched_at: datetime) -> bool:
    """Bring a request up to what the vendor says; False when we know of later."""
    if request.external_id and not newer(request, facts, fetched_at):
        return False
    request.external_id = facts.id
    request.raw_status, request.business_status = facts.raw_status[:60], facts.business_status[:100]
    seen(request, facts, fetched_at)
    if request.status == _R.WITHDRAWN:
        words = "It was undone here, yet the healthcare system has it. Tell engineering."
        _case(request, "our_fault", words, None)
        return True
    move(request, _STATUS[facts.status], code=_code(facts))
    return True


def _code(facts: TaskFacts) -> str:
    """Why it came to nothing, as far as that says nothing of anybody's health."""
    if facts.status == "cancelled":
        return CALLED_OFF
    return facts.reason if facts.reason in _HARMLESS else "no_reason"


def move(request: PrescriptionRequest, status: RequestStatus, *, code: str | None = None) -> None:
    """It stands so now, with all that follows: its cases, and what waits for the answer."""
    request.failure_code = code if status in (_R.DENIED, _R.FAILED, _R.DECLINED) else None
    moved = request.move_to(status)
    if status is not _R.UNKNOWN:
        cases.close_when_solved(WORD, request.id, "the word is known now")
    if status in ANSWERS:
        cases.close_when_solved(SILENT, request.id, "the pharmacy has answered")
    if status not in (_R.DENIED, _R.FAILED):
        cases.close_when_solved({DENIED, NOT_SENT}, request.id, "it goes on")
    if moved:
        _tell(request, status)
    rx = Prescription.get(request.prescription_id) if request.prescription_id else None
    if rx and request.kind == RequestKind.CANCEL:
        watch(rx)
    if moved and status in ANSWERS:
        db.session.flush()
        answered(request)


def _tell(request: PrescriptionRequest, status: RequestStatus) -> None:
    rx = request.prescription_external_id
    told = {"act": "prescriptions.record_outcome", "url": f"{request.url}/record_outcome"}
    if status is _R.UNKNOWN:
        words = (
            f"The healthcare system says “{request.raw_status}” of what it was asked about prescription {rx}, which we do "
            "not know."
        )
        _case(request, WORD, words, {"act": "cases.dismiss", "label": "Dismiss it once you know"})
    elif request.kind == RequestKind.CANCEL and status in (_R.DENIED, _R.FAILED):
        why = "would not cancel" if status is _R.DENIED else "did not get the wish to cancel"
        words = (
            f"The pharmacy {why} prescription {rx}: it can still be filled there. Telephone them, and write down what they "
            "say. Until then no money goes back that waits for this."
        )
        _case(request, DENIED, words, told | {"label": "Write down what they said"})
    elif status in (_R.DENIED, _R.FAILED) and request.failure_code != CALLED_OFF:
        words = (
            f"Prescription {rx} did not get through to its pharmacy ({request.business_status or request.raw_status}). Put "
            "right what is wrong, then resend it."
        )
        url = f"/prescriptions/{request.prescription_id}/resend"
        _case(request, NOT_SENT, words, {"act": "prescriptions.resend", "url": url, "label": "Resend it"})


def _case(request: PrescriptionRequest, reason: str, says: str, suggests: dict[str, str] | None) -> None:
    suggests = suggests or {"act": "cases.dismiss", "label": "Dismiss it once that is settled"}
    cases.open_case(reason, request.id, says=says, suggests=suggests, about=request.related())
