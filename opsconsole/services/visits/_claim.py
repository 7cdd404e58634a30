"""Taking a visit to decide on it, and giving it back. One clinician at a time; who turns away for long loses it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from ...db import db, instant
from ...lib.refusal import Refused
from ...models import PhiView, Provider, Visit, VisitStatus
from .._act import act, performing, say
from .._actor import Actor
from ._clock import go_on
from ._licences import licence_to_decide
from ._who import SIGN_FOR, clinician, deciding

IDLE = timedelta(minutes=20)
ASSIGN = "visits.assign"  # the right of who may also take a visit away from somebody
_S = VisitStatus


class NotToDecide(Refused):
    """It waits for the patient, or is decided on or over."""


class Taken(Refused):
    """Another clinician has it."""


class NotYours(Refused):
    """Another clinician has it, or nobody."""


@act
def claim(visit_id: str, *, provider: str | None = None, by: Actor) -> Visit:
    """Take a visit: nobody else decides on it until it is given back, at the latest after twenty minutes without a look.

    Raises NotToDecide, Taken, NotLicensed, NotAClinician, Invalid.
    """
    visit = Visit.lock(visit_id)
    take(visit, deciding(by, provider, visit, performing().now))
    say("Took it to decide on it")
    return visit


def take(visit: Visit, provider: Provider) -> None:
    """In an act: a locked visit is theirs from now on. Raises NotToDecide, Taken, NotLicensed."""
    at = performing().now
    if not visit.to_decide and visit.status != _S.NEEDS_INFO:
        raise NotToDecide(f"Nothing is to be decided on it: {visit.state.help}")
    if visit.provider_id and visit.provider_id != provider.id:
        who = Provider.require(visit.provider_id).name
        words = "has it" if visit.status == _S.IN_REVIEW else "is to decide on it"
        raise Taken(f"{who} {words}. They can hand it over, and an ops lead can assign it to you.")
    licence_to_decide(visit, provider, at)
    go_on(visit, at)
    visit.provider_id, visit.claimed_at = provider.id, at
    visit.move_to(_S.IN_REVIEW)


@act
def release(visit_id: str, *, by: Actor) -> Visit:
    """Give a visit back to all who may take it; an ops lead takes it away from whoever has it. Raises NotYours."""
    visit = Visit.lock(visit_id)
    me = clinician(by)
    if visit.status not in (_S.ASSIGNED, _S.IN_REVIEW):
        raise NotYours("Nobody has it.")
    mine = me is not None and visit.provider_id == me.id
    if not (mine or by.may(SIGN_FOR) or (me is None and by.may(ASSIGN))):
        raise NotYours(f"{Provider.require(visit.provider_id or '').name} has it, and gives it back.")
    put_back(visit)
    say("Gave it back to the queue")
    return visit


def put_back(visit: Visit) -> None:
    """In an act: a locked visit is nobody's again."""
    visit.provider_id = visit.claimed_at = None
    visit.move_to(_S.SUBMITTED)


def idle(limit: int = 100) -> list[str]:
    """Visits that somebody has taken and not looked at for twenty minutes: that they looked is written down anyway."""
    long_ago = instant() - IDLE
    looked = exists().where(
        PhiView.customer_id == Visit.customer_id, PhiView.by_id == Provider.staff_id, PhiView.at > long_ago
    )
    query = (
        select(Visit.id)
        .join(Provider, Provider.id == Visit.provider_id)
        .where(Visit.status == _S.IN_REVIEW, Visit.claimed_at <= long_ago, ~looked)
    )
    found = list(db.session.scalars(query.order_by(Visit.claimed_at).limit(limit)))
    db.session.rollback()
    return found


@act(robots=("clock",))
def free(visit_id: str, *, by: Actor) -> Visit:
    """Whoever took it has turned away: it is there for others again."""
    visit = Visit.lock(visit_id)
    if visit.status == _S.IN_REVIEW and visit.claimed_at and visit.claimed_at <= performing().now - IDLE:
        put_back(visit)
        say("Nobody looked at it for twenty minutes: it is back in the queue")
    return visit
