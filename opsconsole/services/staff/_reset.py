"""A forgotten password: somebody asks -> a link goes to the mailbox -> whoever opens it chooses a new one.

A request only writes down which address was typed, in the same statements whoever that is. The clock finds out a moment
later whether it is anybody's. So neither words nor time tell a stranger who works here.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from ... import vendors
from ...db import db, instant
from ...lib.refusal import Refused
from ...models import PasswordReset, ResetAsk, Staff
from ...vendors.email import proof
from .._act import act, performing, say
from .._actor import CLOCK, CONSOLE, Actor
from .._transaction import transaction
from . import _throttle
from ._mail import write_to
from ._password import hash_of, take
from ._rules import Rules

PLACE = "/sign-in/reset"  # the page that a link leads to
LASTS = timedelta(minutes=30)
# Links in that time. The last of them is still good when no more are sent, so this locks nobody out.
MAILS = 4
_SUBJECT = "Choose a new password for OpsConsole"
_TEXT = """Hello {name},

somebody, you we hope, forgot the password of your OpsConsole account. Choose a new one here:

{{link}}

The link works once, until {until:%H:%M} UTC, and only if it is the newest one. Your second factor stays as it is.

If that was not you, do nothing: your password stays as it is. It was asked for from {address}.
"""


class NoMail(Refused):
    """This console sends no mail."""


class LinkOver(Refused):
    """The link was used, is too old, is not the newest, or never was one."""


class NoLinkFor(Refused):
    """Somebody who gets no link: disabled, without a password here, or mailed often enough."""


def mails_links(rules: Rules) -> bool:
    """Can a forgotten password be reset by mail here?"""
    return vendors.connected("email") and bool(rules.site)


def forget(email: str, rules: Rules, *, address: str, device: str) -> None:
    """Write down that somebody forgot the password of that address, whoever's it is.

    Raises NoMail; TooManyTries for who asks too often.
    """
    if not mails_links(rules):
        raise NoMail("This console sends no mail. Ask an admin for a new password.")
    with transaction():
        counted = _throttle.doors_of_resets(email.lower(), address=address, device=device)
        _throttle.refuse_when_full(
            counted, "That was asked for too often. Look into your mailbox, or try again in 15 minutes."
        )
        _throttle.count(counted)
        db.session.add(ResetAsk(email=email.lower()[:320], address=address[:60]))


def answer_asks(many: int = 100) -> int:
    """Mail links to those who have an account here. The clock does. Returns how many asks there were."""
    for answered in range(many):
        with transaction():
            oldest = (
                select(ResetAsk.number).order_by(ResetAsk.number).limit(1).with_for_update(skip_locked=True)
            )
            taken = delete(ResetAsk).where(ResetAsk.number == oldest.scalar_subquery())
            ask = db.session.execute(taken.returning(ResetAsk.email, ResetAsk.address)).first()
            if ask is None:
                return answered
            person = (
                db.session.scalar(select(Staff).where(Staff.email == ask.email))
                if ask.email.isascii()
                else None
            )
            if person and _why_not(person) is None:
                ask_reset(person.id, address=ask.address, by=replace(CLOCK, address=ask.address))
    return many


@act(robots=("clock",))
def ask_reset(staff_id: str, *, address: str, by: Actor) -> Staff:
    """Mail somebody a link to choose a new password; the ones before it are worth nothing. Raises NoLinkFor."""
    person = Staff.lock(staff_id)
    if why_not := _why_not(person):
        raise NoLinkFor(why_not)
    until = performing().now + LASTS
    reset = PasswordReset(staff_id=person.id, expires_at=until).add()
    write_to(
        person, subject=_SUBJECT, text=_TEXT.format(name=person.name, until=until, address=address), place=PLACE,
        proves=reset.id, says=f"The mail server takes a link for a new password to {person.name}",
    )  # fmt: skip
    say(f"Somebody at {address} forgot the password of {person.name}: a link goes to their mailbox")
    return person


def whose_link(of: str, token: str, rules: Rules) -> Staff:
    """Who may choose a new password by this link. Raises LinkOver."""
    genuine = hmac.compare_digest(proof(rules.key, PLACE, of).encode(), token.encode())
    reset = PasswordReset.get(of) if genuine else None
    person = Staff.get(reset.staff_id) if reset else None
    if person is None or not _good(of, person):
        raise LinkOver(
            "This link is not good any more: it was used, is older than 30 minutes, or a newer one was sent. Ask for "
            "another."
        )
    return person


def choose(of: str, token: str, password: str, rules: Rules, *, address: str) -> Staff:
    """Take a new password from whoever holds the link. Raises LinkOver, WeakPassword."""
    person = whose_link(of, token, rules)
    kept = hash_of(password, about=(person.email, person.name), breached=rules.breached)
    return reset_password(person.id, reset=of, password_hash=kept, by=replace(CONSOLE, address=address))


@act(robots=("console",), private=("password_hash",))
def reset_password(staff_id: str, *, reset: str, password_hash: str, by: Actor) -> Staff:
    """A new password by a link. Second factors stay; every session ends; they are told by mail. Raises LinkOver."""
    person = Staff.lock(staff_id)
    if not _good(reset, person):
        raise LinkOver("This link was used, or is too old. Ask for another.")
    take(person, password_hash, how="with the link from your mailbox")
    say(f"{person.name} chose a new password by the link from their mailbox; their sessions ended")
    return person


def _good(of: str, person: Staff) -> bool:
    """Is that the newest link of somebody who may come in, and neither used nor too old?"""
    newest = (
        select(PasswordReset)
        .where(PasswordReset.staff_id == person.id)
        .order_by(PasswordReset.created_at.desc(), PasswordReset.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    reset = db.session.scalar(newest)
    now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    good = reset is not None and reset.id == of and reset.ended_at is None and reset.expires_at > now
    return good and person.disabled_at is None and person.password_hash is not None


def _why_not(person: Staff) -> str | None:
    if person.disabled_at or person.password_hash is None:
        return f"{person.name} does not come in with a password."
    lately = (PasswordReset.staff_id == person.id, PasswordReset.created_at > instant() - LASTS)
    mailed = db.session.scalar(select(func.count()).where(*lately)) or 0
    return f"{person.name} was mailed {mailed} links in the last half hour." if mailed >= MAILS else None
