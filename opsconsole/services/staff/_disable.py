"""Taking a person's access away at once, and giving it back."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Refused
from ...models import Approval, ApprovalStatus, SignIn, Staff
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ._access import SECOND, keep_an_admin, not_oneself, reasoned


class AlreadyDisabled(Refused):
    """They cannot come in as it is."""


class NotDisabled(Refused):
    """They can come in as it is."""


@act(second=SECOND)
def disable(staff_id: str, *, reason: str, by: Actor) -> Staff:
    """Their sessions end at once, and what they asked for and nobody has decided on is void.

    Raises NotYourself, AlreadyDisabled, LastAdmin, Invalid.
    """
    person = Staff.lock(staff_id)
    not_oneself(person, by)
    reason = reasoned(reason)
    if person.disabled_at:
        raise AlreadyDisabled(f"{person.name} cannot come in as it is.")
    person.disabled_at = performing().now
    keep_an_admin()
    if ended := _end_sessions(person):
        warn(f"Ends {ended} session{'s' if ended > 1 else ''} of {person.name} at once.")
    if voided := _void_requests(person):
        warn(f"{voided} request{'s' if voided > 1 else ''} of theirs will not be done.")
    say(f"{person.name} cannot come in any more: {reason}")
    return person


@act(second=SECOND)
def enable(staff_id: str, *, reason: str, by: Actor) -> Staff:
    """They can sign in again, with the role they had. Raises NotYourself, NotDisabled, Invalid."""
    person = Staff.lock(staff_id)
    not_oneself(person, by)
    reason = reasoned(reason)
    if not person.disabled_at:
        raise NotDisabled(f"{person.name} can come in as it is.")
    person.disabled_at = None
    say(f"{person.name} can sign in again: {reason}")
    return person


def _end_sessions(person: Staff) -> int:
    now = performing().now
    query = select(SignIn).where(
        SignIn.staff_id == person.id, SignIn.ended_at.is_(None), SignIn.expires_at > now
    )
    sessions = db.session.scalars(query).all()
    for one in sessions:
        one.ended_at = now
    return len(sessions)


def _void_requests(person: Staff) -> int:
    query = select(Approval).where(
        Approval.asked_by_id == person.id, Approval.status == ApprovalStatus.WAITING
    )
    requests = db.session.scalars(query.order_by(Approval.id).with_for_update()).all()
    for one in requests:
        one.move_to(ApprovalStatus.VOID)
        concerns(one.id)
    return len(requests)
