"""The healthcare system raises or lowers a flag on a patient: ours follows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...models import Customer, FlagEffect, FlagKind, FlagOutcome, FlagSeverity, FlagStatus, ReviewFlag, Visit
from ...vendors.healthcare import FlagFacts
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._overdue import decided
from ._raise import new_flag

_S = FlagStatus
SYSTEM = "healthcare"
_HARMS = {
    FlagKind.PREGNANCY, FlagKind.ALLERGY, FlagKind.INTERACTION, FlagKind.ADVERSE_EVENT, FlagKind.DUPLICATE_THERAPY,
}  # fmt: skip


@act(robots=("healthcare", "worker"), private=("facts",))
def settle(ref: str, *, facts: FlagFacts, fetched_at: datetime, by: Actor) -> ReviewFlag | None:
    """Take in a flag as it was freshly read. An older one never overwrites a newer one. What a clinician here has dealt with
    is open again only when it was raised anew there since. A flag on a patient who is nobody's customer is a case."""
    visit = Visit.by_external(facts.visit) if facts.visit else None
    customer = Customer.lock(_patient(facts).id)
    known = db.session.scalar(select(ReviewFlag).where(ReviewFlag.external_id == facts.id).with_for_update())
    concerns(customer.id)
    if known and known.source_updated_at and facts.updated_at and facts.updated_at < known.source_updated_at:
        say("The healthcare system: a flag known as of later")
        return known
    if known is None and facts.status not in ("active", "unknown"):
        say("The healthcare system: a flag that was lowered before we heard of it")
        return None
    flag = known or _new(facts, customer, visit)
    _follow(flag, facts, anew=known is not None)
    flag.source_updated_at = facts.updated_at
    if visit and flag.visit_id is None:
        flag.visit_id, flag.order_id = visit.id, visit.order_id
    say(f"The healthcare system: a flag is {facts.status.replace('_', ' ')}")
    return flag


def _patient(facts: FlagFacts) -> Customer:
    found = Customer.by_external(SYSTEM, facts.patient) if facts.patient else None
    if found is None:
        raise vendors.Declined(
            "patient_unknown",
            f"It is about a patient whom nobody here knows ({facts.patient or 'none is named'}). Once the shop has told "
            "whose they are, take it in again.",
        )
    return found


def _new(facts: FlagFacts, customer: Customer, visit: Visit | None) -> ReviewFlag:
    kind = FlagKind(facts.kind) if facts.kind in [one.value for one in FlagKind] else FlagKind.OTHER
    harms = kind in _HARMS
    return new_flag(
        kind=kind,
        severity=FlagSeverity.HIGH if harms else FlagSeverity.MODERATE,
        effect=FlagEffect.BLOCK if harms else FlagEffect.REVIEW,
        source=f"{SYSTEM}:{facts.id}"[:80],
        customer_id=customer.id,
        visit_id=visit.id if visit else None,
        order_id=visit.order_id if visit else None,
        external_id=facts.id,
    )


def _follow(flag: ReviewFlag, facts: FlagFacts, *, anew: bool) -> None:
    if facts.status in ("inactive", "entered_in_error") and flag.open:
        flag.outcome, flag.by = FlagOutcome.NO_ACTION.value, performing().by.label
        flag.move_to(_S.RESOLVED)
        decided(flag)
    elif facts.status == "active" and anew and not flag.open and _raised_since(flag, facts):
        flag.outcome, flag.why = None, ""
        flag.move_to(_S.OPEN)


def _raised_since(flag: ReviewFlag, facts: FlagFacts) -> bool:
    """Has the clinic changed it since it was dealt with here, or lowered it itself before?"""
    lowered_there = flag.by == SYSTEM
    return facts.updated_at is not None and (
        (lowered_there and facts.updated_at != flag.source_updated_at) or facts.updated_at > flag.status_since
    )
