"""Sending a prescription to its pharmacy again: never beside a copy that lives, or may."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Customer, Prescription, PrescriptionRequest, RequestKind
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._ask import put
from ._follow import NOT_SENT
from ._why_not import why_not_resend


class NotResendable(Refused):
    """A copy lives at a pharmacy, or may: a second one could be filled."""


@act(undo=120)
def resend(prescription_id: str, *, by: Actor) -> PrescriptionRequest:
    """Have the healthcare system send a signed prescription to its pharmacy again, as it is. Raises NotResendable and
    NotKnownThere."""
    Customer.lock(Prescription.require(prescription_id).customer_id)
    rx = Prescription.lock(prescription_id)
    if why_not := why_not_resend(rx, performing().now):
        raise NotResendable(why_not)
    for before in PrescriptionRequest.of_prescription(rx.id):
        cases.close_when_solved(NOT_SENT, before.id, "it was sent again")
    request = put(rx, RequestKind.TRANSMIT, by=by)
    say(f"Prescription {rx.external_id} is sent to its pharmacy again")
    return request
