"""Signing in and out. Sessions live in the database, so that they can be ended there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, update

from ...db import AT_ONCE, db, instant, now
from ...lib import passwords
from ...lib.refusal import Refused
from ...models import BrokenGlass, Factor, Grant, Incident, Mention, Role, SignIn, Staff
from .._actor import Actor
from .._transaction import transaction
from . import _throttle
from ._password import DEMO

LASTS = timedelta(hours=12)
IDLE = timedelta(minutes=15)
FRESH = timedelta(minutes=5)  # how long one proof is enough for what needs a fresh one
_SEEN_EVERY = timedelta(minutes=1)
IN, SECOND, ENROL = "in", "second", "enrol"


class WrongPassword(Refused):
    """The e-mail address or the password is wrong; which of them is not said."""


@dataclass(frozen=True)
class Browser:
    """What somebody signs in from: `device` is the fingerprint of its long-lived cookie."""

    address: str
    device: str = ""
    agent: str = ""


@dataclass(frozen=True)
class SignedIn:
    """A person with a session: what every page needs of them, read at once. `at` is the console's now, `mentions`
    how many notes call them that they have not opened, `incidents` which vendors are in trouble (Incident.standing).

    `stage` is "in", or what is still missing: "second" (their second factor) or "enrol" (to set one up). `second`
    says whether this session showed one, `enrolled` whether they have one, `fresh` whether they proved who they
    are in the last minutes.
    """

    actor: Actor
    sign_in_id: str
    email: str
    role: str
    at: datetime
    fresh_at: datetime
    mentions: int = 0
    stage: str = IN
    second: bool = False
    enrolled: bool = False
    fresh: bool = False
    incidents: Sequence[Mapping[str, Any]] = ()


def sign_in(
    email: str, password: str, *, address: str, device: str = "", agent: str = "", demo: bool = False
) -> str:
    """Check a person's password and begin a session. Returns its secret. Raises WrongPassword, TooManyTries.

    Only ASCII addresses are anybody's, so no look-alike letter is; the demo's password fits only where `demo`.
    """
    browser = Browser(address, device, agent)
    with transaction():
        counted = _throttle.doors(email.lower(), address=address, device=device)
        _throttle.refuse_when_full(counted)
        known = Staff.email == (email.lower() if email.isascii() else "")
        person = db.session.scalar(select(Staff).where(known, Staff.disabled_at.is_(None)))
        fits = passwords.fits(password, person.password_hash if person else None)
        fits = fits and (demo or password != DEMO)
        secret = ""
        if fits and person and person.password_hash:
            if passwords.stale(person.password_hash):
                person.password_hash = passwords.hashed(password)
            secret = begin(person.id, browser)
        else:
            _throttle.count(counted)
    if not secret:
        raise WrongPassword("The e-mail address or the password is wrong.")
    return secret


def begin(staff_id: str, browser: Browser, *, how: str = "password", second: bool = False) -> str:
    """A new session of that person, in the transaction that is open. Returns its secret, which only the browser keeps."""
    secret = passwords.new_secret("sgn")
    SignIn(
        staff_id=staff_id, secret_hash=passwords.fingerprint(secret), address=browser.address[:60],
        device=browser.device, agent=browser.agent[:300], how=how, second_at=func.now() if second else None,
        fresh_at=func.now(), seen_at=func.now(), expires_at=now() + LASTS,
    ).add()  # fmt: skip
    return secret


@cache
def _who() -> Select[Any]:
    """The statement with which every page begins, made once."""
    unread = select(func.count()).where(Mention.staff_id == Staff.id, Mention.read_at.is_(None))
    enrolled = select(Factor.id).where(Factor.staff_id == Staff.id).exists()
    emergency = select(BrokenGlass.id).where(BrokenGlass.open_to(Staff.id)).exists()
    return (
        select(
            SignIn.id, Staff.id, Staff.name, Staff.email, Staff.person, Role.id, Role.name, Grant.of(Role.id),
            instant(), unread.scalar_subquery(), SignIn.device, SignIn.fresh_at, SignIn.second_at, enrolled,
            SignIn.fresh_at > func.now() - FRESH, SignIn.seen_at < func.now() - _SEEN_EVERY, emergency,
            Incident.standing(),
        )
        .join(Staff, Staff.id == SignIn.staff_id)
        .join(Role, Role.id == Staff.role_id)
        .where(SignIn.secret_hash == bindparam("secret_hash"), *alive(), Staff.disabled_at.is_(None))
    )  # fmt: skip


def signed_in(secret: str, *, address: str, demo: bool, polled: bool = False) -> SignedIn | None:
    """Who holds this session, with today's grants, in one statement: every page begins with it.

    None once it ended, expired, nobody came for 15 minutes, or the person was disabled. Where `demo`, who has no
    second factor needs none. What a page asks by itself (`polled`) is no sign of life.
    """
    found = db.session.connection().execute(_who(), {"secret_hash": passwords.fingerprint(secret)}).first()
    if found is None:
        return None
    (sign_in_id, staff_id, name, email, person, role_id, role, grants, at, mentions, device, fresh_at, second_at,
     has_factor, fresh, long_ago, emergency, incidents) = found  # fmt: skip
    second = second_at is not None
    stage = IN if second or (demo and not has_factor) else SECOND if has_factor else ENROL
    if long_ago and not polled and stage == IN:
        _saw(sign_in_id)
    actor = Actor(
        "staff",
        staff_id,
        name,
        frozenset(grants),
        address,
        role=role_id,
        person=person,
        device=device,
        emergency=emergency,
    )
    return SignedIn(
        actor,
        sign_in_id,
        email,
        role,
        at,
        fresh_at,
        mentions,
        stage,
        second,
        has_factor,
        fresh and stage == IN,
        tuple(incidents or ()),
    )


def alive() -> tuple[ColumnElement[bool], ...]:
    """What holds for sessions that are worth something."""
    return SignIn.ended_at.is_(None), SignIn.expires_at > instant(), SignIn.seen_at > func.now() - IDLE


def _saw(sign_in_id: str) -> None:
    """Somebody is there. Outside the request's transaction, so that nothing waits for it."""
    with db.engines[AT_ONCE].connect() as connection:
        connection.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=func.now()))


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
