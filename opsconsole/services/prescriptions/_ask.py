"""Asking something about a prescription that is there: to send it to its pharmacy again, or to cancel it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...lib.refusal import Refused
from ...models import (
    Customer,
    Prescription,
    PrescriptionRequest,
    Provider,
    RequestKind,
    RequestStatus,
)
from ...vendors.healthcare import TaskFacts
from .. import customers
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import Reopened, keeper, promise
from ._follow import follow, locked, move

_R = RequestStatus
_SAYS = {
    RequestKind.TRANSMIT: "The healthcare system sends prescription {} to its pharmacy again",
    RequestKind.CANCEL: "The healthcare system asks the pharmacy to cancel prescription {}",
}


class NotKnownThere(Refused):
    """The healthcare system knows no such patient or prescriber: nothing can be asked about them."""


@act(robots=("worker",))
def asked(request_id: str, *, facts: TaskFacts, fetched_at: datetime, by: Actor) -> PrescriptionRequest:
    """The healthcare system took it. The pharmacy's answer comes later."""
    request = locked(request_id)
    follow(request, facts, fetched_at=fetched_at)
    say(
        f"The healthcare system took the question about {request.prescription_external_id}: {facts.raw_status}"
    )
    return request


@act(robots=("worker",))
def not_asked(request_id: str, *, code: str, words: str, by: Actor) -> PrescriptionRequest:
    """The healthcare system would not take it. The outbox opens the case."""
    request = locked(request_id)
    request.failure_reason = words[:500]
    move(request, _R.DECLINED, code=code)
    say(f"The healthcare system declined: {words}")
    return request


def put(
    rx: Prescription, kind: RequestKind, *, reason: str = "", visit_id: str | None = None, by: Actor
) -> PrescriptionRequest:
    """Write down what is asked about a locked prescription, and owe it."""
    request = PrescriptionRequest(
        status=_R.PLANNED,
        kind=kind.value,
        customer_id=rx.customer_id,
        prescription_id=rx.id,
        prescription_external_id=rx.external_id,
        provider_id=rx.provider_id,
        sku=rx.sku,
        visit_id=visit_id,
        reason=reason,
        says=_SAYS[kind].format(rx.external_id),
        by=by.label,
        by_id=by.id,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    told = asks(request)
    promise(ask, request, lane=request.lane, says=told.says, arguments=told.arguments)
    return request


def asks(request: PrescriptionRequest) -> Reopened:
    """What the healthcare system is asked, and how people read it. Raises NotKnownThere."""
    assert request.customer_id
    provider = Provider.get(request.provider_id) if request.provider_id else None
    return Reopened(
        request.says,
        {
            "kind": request.kind,
            "prescription": request.prescription_external_id,
            "patient": patient_of(Customer.require(request.customer_id)),
            "reason": request.reason or None,
            "requester": provider.external_id if provider else None,
        },
    )


def patient_of(customer: Customer) -> str:
    """The customer's id in the healthcare system. Raises NotKnownThere."""
    found = customers.patient_of(customer)
    if found is None:
        raise NotKnownThere(
            "The healthcare system does not know this customer: the shop has told no id of theirs."
        )
    return found


def reopened(request_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries a declined question again."""
    request = locked(request_id)
    if request.status != _R.DECLINED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    request.failure_code = request.failure_reason = None
    request.move_to(_R.PLANNED)
    return asks(request)


def _done_outside(request_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody had it done there by hand, and says where that can be seen."""
    request = locked(request_id)
    request.external_id = external_id
    request.raw_status = "done outside"
    move(request, _R.CONFIRMED)


def dropped(request_id: str) -> None:
    """Somebody found out that it did not happen, and that it need not."""
    request = locked(request_id)
    if request.status in (_R.PLANNED, _R.SUBMITTED):
        request.failure_reason = "given up"
        move(request, _R.DECLINED, code="given_up")


ask = keeper(
    "prescriptions.ask",
    call="healthcare.ask",
    then=asked,
    declined=not_asked,
    locks=locked,
    reopened=reopened,
    done_outside=_done_outside,
    dropped=dropped,
    expects=("request.answered",),
)
