"""Deciding on a request: somebody else approves it and it is done at once, or says no; the asker may take it back."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db, instant
from ...lib.refusal import Denied, Invalid, Refused
from ...models import Approval, ApprovalStatus, Delegation, Limit, Staff
from .. import staff, tokens
from .._act import ACTS, act, concerns, performing, run, say
from .._actor import CONSOLE, Actor
from .._frozen import thaw
from .._perform import WorldChanged, seen
from ._case import over
from ._request import APPROVE


class NotYours(Refused):
    """Nobody approves what they asked for themselves, by whichever account."""


class OnlyPeople(Refused):
    """A program can ask, and never agree."""


class AlreadyDecided(Refused):
    """It was decided, taken back, or has run out."""


class NoLongerAllowed(Refused):
    """Whoever asked has lost the right meanwhile."""


@act
def approve(approval_id: str, *, note: str, hash: str, by: Actor) -> Approval:
    """Agree to exactly what `hash` stands for, and have it done as the one who asked.

    Raises NotYours, OnlyPeople, AlreadyDecided, NoLongerAllowed, Denied without the right to the act itself;
    WorldChanged when it would do something else by now: then nothing was done, and the request is void.
    """
    approval = _waiting(approval_id)
    _somebody_else(approval, by)
    wanted = ACTS[approval.act]
    _may_agree(approval, by)
    if hash != approval.hash:
        raise Invalid({"hash": ["This is not what was asked for: look at the request again."]})
    asker = _asker(approval)
    performing().trace = approval.trace_id  # one story: asked, approved, done
    inputs = thaw(wanted, approval.inputs)
    ran = run(wanted, approval.about_id, inputs, by=asker, approved=True)
    now = seen(wanted, approval.about_id, inputs, ran.performance)
    if now.hash != approval.hash:
        raise WorldChanged(now, afterwards=lambda: void(approval_id, by=CONSOLE))
    approval.done_id = ran.performance.subject
    _decided(approval, ApprovalStatus.APPROVED, by, note)
    concerns(*ran.performance.about)
    say(f"Approved what {approval.asked_by} asked for: {approval.says}")
    return approval


@act
def reject(approval_id: str, *, note: str, by: Actor) -> Approval:
    """Say no, and why. Raises as `approve` does."""
    approval = _waiting(approval_id)
    _somebody_else(approval, by)
    _may_agree(approval, by)
    if not note.strip():
        raise Invalid({"note": ["Say why, for the one who asked."]})
    _decided(approval, ApprovalStatus.REJECTED, by, note)
    say(f"Did not approve what {approval.asked_by} asked for: {approval.says}")
    return approval


@act
def withdraw(approval_id: str, *, by: Actor) -> Approval:
    """Take one's own request back. Raises NotYours, AlreadyDecided."""
    approval = _waiting(approval_id)
    if approval.asked_by_id != by.id:
        raise NotYours(f"Only {approval.asked_by} can take it back. You can say no to it.")
    _decided(approval, ApprovalStatus.WITHDRAWN, by, "")
    say(f"Took the request back: {approval.says}")
    return approval


@act(robots=("console",))
def void(approval_id: str, *, by: Actor) -> Approval:
    """The world changed since it was asked for: it must be asked for anew."""
    approval = Approval.lock(approval_id)
    if approval.status == ApprovalStatus.WAITING:
        approval.move_to(ApprovalStatus.VOID)
        over(approval)
        say(f"Void, because the world changed: {approval.says}")
    return approval


@act(robots=("clock",))
def expire(approval_id: str, *, by: Actor) -> Approval:
    """Nobody decided in time."""
    approval = Approval.lock(approval_id)
    if approval.status == ApprovalStatus.WAITING and approval.expires_at <= performing().now:
        approval.move_to(ApprovalStatus.EXPIRED)
        over(approval)
        say(f"Nobody decided within a day: {approval.says}")
    return approval


def expired(limit: int = 100) -> list[str]:
    """The ids of requests whose time has run out."""
    query = select(Approval.id).where(
        Approval.status == ApprovalStatus.WAITING, Approval.expires_at <= instant()
    )
    return list(db.session.scalars(query.order_by(Approval.created_at).limit(limit)))


def why_not(approval: Approval, by: Actor) -> str | None:
    """Why `by` may not decide on it, None when they may."""
    try:
        _still_waiting(approval)
        _somebody_else(approval, by)
        _may_agree(approval, by)
    except Refused as refused:
        return refused.message
    except Denied:
        return f"You have no right to {approval.act} yourself."
    return None


def _waiting(approval_id: str) -> Approval:
    approval = Approval.lock(approval_id)
    _still_waiting(approval)
    return approval


def _still_waiting(approval: Approval) -> None:
    if approval.status != ApprovalStatus.WAITING:
        raise AlreadyDecided(f"It is {approval.status} already.")
    if approval.expires_at <= db.session.scalar(select(instant())):  # type: ignore[operator]
        raise AlreadyDecided("Its time has run out: ask again if it is still needed.")


def _somebody_else(approval: Approval, by: Actor) -> None:
    if by.kind != "staff":
        raise OnlyPeople("A program cannot approve: a person has to look at it.")
    same = by.id == approval.asked_by_id or (by.person and by.person == approval.person)
    if same or (by.device and by.device == approval.device):
        raise NotYours("You asked for this yourself, or from this device: somebody else has to decide.")
    about = Staff.get(approval.about_id) if approval.about_id else None
    if about and (by.id == about.id or by.person == about.person):
        raise NotYours("This is about your own access: somebody else has to decide.")


def _may_agree(approval: Approval, by: Actor) -> None:
    """Only who may do it, up to that amount: themselves, or in the place of somebody who may."""
    if not (
        _has_the_right(approval, by)
        or any(_has_the_right(approval, other) for other in _in_place_of(approval, by))
    ):
        raise Denied(approval.act, by.label)


def _has_the_right(approval: Approval, by: Actor) -> bool:
    if not (by.may(APPROVE) and by.may(approval.act)):
        return False
    query = select(Limit).where(Limit.role_id == by.role, Limit.act == approval.act)
    limits = {limit.measure: limit.at_most for limit in db.session.scalars(query)}
    return all(
        (most := limits.get(need["measure"])) is None or need["total"] <= most
        for need in approval.needs
        if need["measure"]
    )


def _in_place_of(approval: Approval, by: Actor) -> list[Actor]:
    """Who lets `by` decide for them today. Not the one who asked."""
    query = select(Delegation.from_id).where(
        Delegation.to_id == by.id, Delegation.until > instant(), Delegation.ended_at.is_(None)
    )
    others = [staff.actor_of(id) for id in db.session.scalars(query) if id != approval.asked_by_id]
    return [other for other in others if other and other.person != approval.person]


def _asker(approval: Approval) -> Actor:
    asker = staff.actor_of(approval.asked_by_id) or tokens.actor_by_id(approval.asked_by_id)
    if asker is None or not asker.may(approval.act):
        raise NoLongerAllowed(f"{approval.asked_by} has no right to it any more: ask anew.")
    return asker


def _decided(approval: Approval, status: ApprovalStatus, by: Actor, note: str) -> None:
    approval.decided_by, approval.decided_by_id, approval.note = by.label, by.id, note
    approval.move_to(status)
    over(approval)
