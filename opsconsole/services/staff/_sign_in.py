"""Signing in and out. Sessions live in the database, so that they can be ended there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ...db import db, instant, now
from ...lib import passwords
from ...lib.refusal import Refused
from ...models import FailedSignIn, Grant, Mention, Role, SignIn, Staff
from .._actor import Actor
from .._transaction import transaction

LASTS = timedelta(hours=12)
TRIES = 10  # per account and per address in a quarter of an hour
WINDOW = timedelta(minutes=15)


class WrongPassword(Refused):
    """The e-mail address or the password is wrong; which of them is not said."""


class TooManyTries(Refused):
    """Too many wrong passwords: the next quarter of an hour brings new tries."""


# Made once: every page begins with it.
_WHO = (
    select(
        SignIn.id,
        Staff.id,
        Staff.name,
        Staff.email,
        Staff.person,
        Role.id,
        Role.name,
        Grant.of(Role.id),
        instant(),
        select(func.count()).where(Mention.staff_id == Staff.id, Mention.read_at.is_(None)).scalar_subquery(),
    )
    .join(Staff, Staff.id == SignIn.staff_id)
    .join(Role, Role.id == Staff.role_id)
    .where(
        SignIn.secret_hash == bindparam("secret_hash"),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > instant(),
        Staff.disabled_at.is_(None),
    )
)


@dataclass(frozen=True)
class SignedIn:
    """A person with a session: what every page needs of them, read at once. `at` is the console's now, `mentions`
    how many notes call them that they have not opened."""

    actor: Actor
    sign_in_id: str
    email: str
    role: str
    at: datetime
    mentions: int = 0


def sign_in(email: str, password: str, *, address: str) -> str:
    """Check a person's password and begin a session. Returns its secret. Raises WrongPassword, TooManyTries."""
    doors = [f"account {email.lower()[:320]} from {address}", f"address {address}"]
    with transaction():
        if max(map(_wrong_tries, doors)) >= TRIES:
            raise TooManyTries("Too many wrong passwords. Try again in 15 minutes, or ask an admin.")
        person = db.session.scalar(
            select(Staff).where(Staff.email == email.lower(), Staff.disabled_at.is_(None))
        )
        fits = passwords.fits(password, person.password_hash if person else None)
        secret = passwords.new_secret("sgn")
        if fits and person:
            at = now()
            SignIn(
                staff_id=person.id, secret_hash=passwords.fingerprint(secret), address=address, seen_at=at,
                expires_at=at + LASTS,
            ).add()  # fmt: skip
        else:
            for door in doors:
                _count(door)
    if not fits:
        raise WrongPassword("The e-mail address or the password is wrong.")
    return secret


def signed_in(secret: str, *, address: str) -> SignedIn | None:
    """Who holds this session, with today's grants, in one statement.

    None once it ended, expired or the person was disabled."""
    found = db.session.execute(_WHO, {"secret_hash": passwords.fingerprint(secret)}).first()
    if found is None:
        return None
    sign_in_id, staff_id, name, email, person, role_id, role, grants, at, mentions = found
    actor = Actor("staff", staff_id, name, frozenset(grants), address, role=role_id, person=person)
    return SignedIn(actor, sign_in_id, email, role, at, mentions)


def actor_of(staff_id: str) -> Actor | None:
    """A member of staff with today's rights, for what is done in their name; None once they were disabled."""
    found = db.session.execute(
        select(Staff.name, Staff.person, Staff.role_id, Grant.of(Staff.role_id)).where(
            Staff.id == staff_id, Staff.disabled_at.is_(None)
        )
    ).first()
    if found is None:
        return None
    name, person, role_id, grants = found
    return Actor("staff", staff_id, name, frozenset(grants), role=role_id, person=person)


def end(sign_in_id: str) -> None:
    """Sign out: the session is worth nothing from now on, wherever its cookie is."""
    with transaction():
        db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(ended_at=instant()))


def _wrong_tries(door: str) -> int:
    since = instant() - WINDOW
    query = select(func.coalesce(func.sum(FailedSignIn.count), 0)).where(
        FailedSignIn.what == door, FailedSignIn.window > since
    )
    return int(db.session.scalar(query) or 0)


def _count(door: str) -> None:
    row = insert(FailedSignIn).values(what=door, window=func.date_trunc("minute", instant()), count=1)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["what", "window"], set_={"count": FailedSignIn.count + 1})
    )
