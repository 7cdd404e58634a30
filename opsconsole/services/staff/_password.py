"""Choosing a password: length counts, known ones are refused (NIST 800-63B-4, 3.1.1.2)."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from sqlalchemy import update

from ...db import db, instant
from ...lib import passwords
from ...lib.refusal import Refused
from ...models import PasswordReset, SignIn, Staff
from .._act import act, performing, say, tell_change
from .._actor import Actor
from ._mail import write_to

DEMO = "demo-password"  # opens the demo's accounts, and only in a sandbox
AT_LEAST, AT_MOST = 15, 200
WORDS = Path(__file__).with_name("common_words.txt")
ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb",
)
_CHANGED = """Hello {name},

the password of your OpsConsole account was changed {how}, on {at:%Y-%m-%d} at {at:%H:%M} UTC, from {address}. Everywhere
else you are signed out.

If that was not you, tell an admin at once: they can lock the account and see what was done with it.
"""
_AS_LETTERS = str.maketrans("@4301$5!7", "aaeoissit")


class WeakPassword(Refused):
    """Too short, too long, or one that guessers try first."""


def hash_of(password: str, *, about: tuple[str, ...] = (), breached: Path | None = None) -> str:
    """The hash to keep of a new password. `about` are the person's name and address, which it may not be made of;
    `breached` is the operator's list. Raises WeakPassword."""
    password = passwords.plain(password)
    if len(password) < AT_LEAST:
        raise WeakPassword(f"Choose a password of at least {AT_LEAST} characters.", field="password")
    if len(password) > AT_MOST:
        raise WeakPassword(f"Choose a password of at most {AT_MOST} characters.", field="password")
    if _made_of_known(password, about) or (breached and _leaked(password, breached)):
        raise WeakPassword(
            "That password is among those that guessers try first. Choose another: a few unrelated words are good.",
            field="password",
        )
    return passwords.hashed(password)


@act(robots=("console",), private=("password_hash",))
def change_password(staff_id: str, *, password_hash: str, keep: str, by: Actor) -> Staff:
    """Somebody's own new password. Every other session of theirs ends; `keep` is the one they ask from."""
    person = Staff.lock(staff_id)
    take(person, password_hash, how="by yourself, signed in", keep=keep)
    say("Changed their own password; their other sessions ended")
    return person


@act(robots=("console",), private=("password_hash",))
def set_password(staff_id: str, *, password_hash: str, by: Actor) -> Staff:
    """A new password for somebody who forgot theirs. Their second factors stay; every session of theirs ends."""
    person = Staff.lock(staff_id)
    take(person, password_hash, how="by whoever runs the console")
    say(f"Gave {person.name} a new password; their sessions ended")
    return person


def take(person: Staff, password_hash: str, *, how: str, keep: str = "") -> None:
    """Inside an act: the new password holds, sessions but `keep` end, links that were mailed are worth nothing, and
    they are told by mail how it came about."""
    person.password_hash = password_hash
    running = (SignIn.staff_id == person.id, SignIn.id != keep, SignIn.ended_at.is_(None))
    links = (PasswordReset.staff_id == person.id, PasswordReset.ended_at.is_(None))
    db.session.execute(update(SignIn).where(*running).values(ended_at=instant()))
    db.session.execute(update(PasswordReset).where(*links).values(ended_at=instant()))
    tell_change(person, "password", "the one before", "a new one")
    at, address = performing().now, performing().by.address or "the server itself"
    text = _CHANGED.format(name=person.name, at=at, how=how, address=address)
    write_to(
        person,
        subject="Your OpsConsole password was changed",
        text=text,
        says=f"{person.name} is told by mail that their password was changed",
    )


def _made_of_known(password: str, about: tuple[str, ...]) -> bool:
    """Only known words, rows of keys, repetitions, digits and signs? Then a guesser's rules find it."""
    own = {part for text in about for part in re.split(r"[^a-z0-9]+", text.lower()) if len(part) > 2}
    small = password.lower()
    disguised = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", small).translate(_AS_LETTERS)  # p@ssw0rd2026!
    return _nothing_left(small, own) or _nothing_left(disguised, own)


def _nothing_left(password: str, own: set[str]) -> bool:
    left = re.sub(r"[\W_]+", "", password)
    if len(set(left)) <= 4:  # aaaaaaaaaaaaaaa, abababababababab
        return True
    found = 0
    for word in sorted({*own, *_rows(), *_known_words()}, key=len, reverse=True):
        if word in left:
            left = left.replace(word, "")
            found += 1
    left = re.sub(r"\d+", "", left)
    # Three different words from the list are a passphrase; what is left of one or two is not.
    return len(left) <= 2 and found <= 2


@lru_cache
def _known_words() -> tuple[str, ...]:
    return tuple(WORDS.read_text().split())


@lru_cache
def _rows() -> tuple[str, ...]:
    """Every walk of four keys and more along a row, forth and back."""
    walks = {
        line[start:end]
        for row in ROWS
        for line in (row, row[::-1])
        for start in range(len(line))
        for end in range(start + 4, len(line) + 1)
    }
    return tuple(walks)


def _leaked(password: str, breached: Path) -> bool:
    """Is it in the operator's file: plain lines, or SHA-1 in hexadecimal (whole, or its first 10 digits and more)?"""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    lines, marks = _list_of(breached, breached.stat().st_mtime_ns)
    return password.lower() in lines or any(digest[:length] in marks for length in range(10, 41))


@lru_cache(maxsize=2)
def _list_of(breached: Path, _: int) -> tuple[frozenset[str], frozenset[str]]:
    lines = [line.strip().partition(":")[0] for line in breached.read_text(errors="replace").splitlines()]
    marks = {line.upper() for line in lines if re.fullmatch(r"[0-9A-Fa-f]{10,40}", line)}
    return frozenset(line.lower() for line in lines if line), frozenset(marks)
