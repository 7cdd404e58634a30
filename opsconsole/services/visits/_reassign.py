"""A licence that ended, or was taken away: whoever held it loses what they were to decide on there, the same day."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db, now
from ...models import Provider, Visit, VisitStatus
from .. import providers
from .._act import act, performing, say
from .._actor import Actor
from ._licences import NotLicensed, licence_to_decide, states_of

_HELD = (VisitStatus.ASSIGNED, VisitStatus.IN_REVIEW, VisitStatus.NEEDS_INFO)


def held_without_licence(limit: int = 500) -> Sequence[str]:
    """Visits whose clinician may not decide on them any more."""
    found = _held_without_licence()[:limit]
    db.session.rollback()
    return found


def _held_without_licence() -> list[str]:
    at = now()
    held = (
        select(Visit.id, Visit.patient_state, Visit.provider_id)
        .where(Visit.status.in_(_HELD), Visit.provider_id.is_not(None))
        .order_by(Visit.due_at, Visit.id)
    )
    rows = list(db.session.execute(held))
    may = {
        provider.id: set(states_of(provider, at))
        for provider in Provider.each(row.provider_id for row in rows).values()
    }
    return [row.id for row in rows if row.patient_state not in may[row.provider_id]]


@providers.when_settled
def give_back_at_once(provider: Provider) -> None:
    """The healthcare system told of a prescriber: what they may not decide on any more is given back in the same commit."""
    held = select(Visit.id).where(Visit.provider_id == provider.id, Visit.status.in_(_HELD))
    for visit_id in list(db.session.scalars(held.order_by(Visit.id))):
        reassign(visit_id, by=performing().by)


@act(robots=("clock", "healthcare", "worker"))
def reassign(visit_id: str, *, by: Actor) -> Visit:
    """Give a visit back to the queue whose clinician is not licensed there any more. What waits for the patient goes on
    waiting, for somebody else to read the answer."""
    visit = Visit.lock(visit_id)
    if visit.provider_id is None or visit.status not in _HELD:
        return visit
    provider = Provider.require(visit.provider_id)
    try:
        licence_to_decide(visit, provider, performing().now)
    except NotLicensed as why:
        visit.provider_id = visit.claimed_at = None
        if visit.status != VisitStatus.NEEDS_INFO:
            visit.move_to(VisitStatus.SUBMITTED)
        say(f"Back to the queue: {why.message}")
    return visit
