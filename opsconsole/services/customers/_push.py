"""Correcting a customer, step two: a worker has the owner take the change over, and its answer is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...models import Correction, CorrectionStatus, Customer
from ...vendors.crm import ContactFacts
from .._act import act, say
from .._actor import Actor
from ..outbox import Reopened, keeper
from ._mirror import take_in
from ._reach import address, number
from ._systems import OWNERS, holds


def asks(correction: Correction) -> Reopened:
    """What the owner is asked, and how people read it."""
    words = " and ".join("e-mail" if field == "email" else "phone number" for field in correction.fields)
    return Reopened(
        f"Customer.io takes over the customer's new {words}",
        {"customer": correction.customer_id, "email": correction.email, "phone": correction.phone},
    )


@act(robots=("worker",))
def confirmed(correction_id: str, *, facts: ContactFacts, fetched_at: datetime, by: Actor) -> Correction:
    """The owner holds it now, and so it changes here."""
    customer, correction = _locked(correction_id)
    system = holds(facts)
    held = system.reads.facts(facts)
    take_in(customer, system, facts.id, held, fetched_at=fetched_at)
    for field in OWNERS:
        if held[field]:
            setattr(customer, field, held[field])
    correction.confirmed_at = fetched_at
    correction.failure_reason = None
    correction.move_to(CorrectionStatus.SUCCEEDED)
    say("Customer.io confirmed the correction")
    return correction


@act(robots=("worker",))
def uncorrected(correction_id: str, *, code: str, words: str, by: Actor) -> Correction:
    """The owner said no, and nothing changes here. The outbox opens the case."""
    _, correction = _locked(correction_id)
    correction.failure_reason = words
    correction.move_to(CorrectionStatus.FAILED)
    say(f"Customer.io declined the correction: {words}")
    return correction


def _locked(correction_id: str) -> tuple[Customer, Correction]:
    customer = Customer.lock(Correction.require(correction_id).customer_id)
    return customer, Correction.lock(correction_id)


def _reopened(correction_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person tries a declined correction again, perhaps with another address or number."""
    correction = Correction.lock(correction_id)
    if correction.status != CorrectionStatus.FAILED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    if "email" in fix:
        correction.email = address(str(fix["email"]))
    if "phone" in fix:
        correction.phone = number(str(fix["phone"]))
    correction.failure_reason = None
    correction.move_to(CorrectionStatus.PLANNED)
    return asks(correction)


def _done_outside(correction_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody changed it at the owner by hand. A refresh takes it in; a word alone changes nothing here."""
    correction = Correction.lock(correction_id)
    correction.failure_reason = None
    correction.move_to(CorrectionStatus.SUCCEEDED)


def _dropped(correction_id: str) -> None:
    """Somebody decided that it need not be."""
    correction = Correction.lock(correction_id)
    if correction.status in (CorrectionStatus.PLANNED, CorrectionStatus.SUBMITTED):
        correction.failure_reason = "given up"
        correction.move_to(CorrectionStatus.FAILED)


push = keeper(
    "customers.push",
    call="crm.update_contact",
    then=confirmed,
    declined=uncorrected,
    locks=Correction.lock,
    reopened=_reopened,
    done_outside=_done_outside,
    dropped=_dropped,
    fixable=("email", "phone"),
)
