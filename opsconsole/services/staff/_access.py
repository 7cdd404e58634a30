"""What every act on people's access is held to: nobody acts on themselves, and somebody can always let others in."""

from __future__ import annotations

from sqlalchemy import func, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Grant, Role, Staff
from .._actor import Actor

SECOND = "Who may do what is never changed by one person alone."
_LETS_OTHERS_IN = "roles.change"


class NotYourself(Refused):
    """Nobody changes their own access, by whichever account."""


class LastAdmin(Refused):
    """Afterwards nobody could change access any more."""


class NoSuchRole(Refused):
    """There is no role of that name."""


def role_called(name: str) -> Role:
    """The role of that name. Raises NoSuchRole, which names those there are."""
    found = db.session.scalar(select(Role).where(Role.name == name))
    if found is None:
        names = ", ".join(db.session.scalars(select(Role.name).order_by(Role.name)))
        raise NoSuchRole(f"There is no role {name!r}. Choose one of: {names}.", field="role")
    return found


def not_oneself(person: Staff, by: Actor) -> None:
    if by.id == person.id or (by.person and by.person == person.person):
        raise NotYourself("Nobody changes their own access: ask another admin.")


def keep_an_admin() -> None:
    """After the change: is there still somebody who may change access? Locks the roles, so that of two changes at
    once the second one sees the first. Raises LastAdmin."""
    db.session.flush()
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("who lets others in", 0))))
    query = select(func.count()).where(
        Staff.disabled_at.is_(None), Staff.role_id == Grant.role_id, Grant.permission == _LETS_OTHERS_IN
    )
    if not db.session.scalar(query):
        raise LastAdmin(
            "Nobody would be left who may change access. Let somebody else have that right first."
        )


def reasoned(reason: str) -> str:
    """Why, as it stands in the audit. Raises Invalid when it is empty."""
    if not reason.strip() or len(reason) > 500:
        raise Invalid({"reason": ["Say why, in at most 500 characters."]})
    return reason.strip()
