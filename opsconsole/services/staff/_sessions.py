"""Where somebody is signed in, and ending that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from ...db import db, instant, touched
from ...lib.refusal import NotFound, Refused
from ...models import SignIn, Staff
from .._act import act, say
from .._actor import Actor
from .._transaction import transaction
from ._sign_in import SignedIn, alive


class NotSignedInAnywhere(Refused):
    """There is no session to end."""


@dataclass(frozen=True)
class Session:
    """One of somebody's running sessions; instants as the console's clock has them."""

    id: str
    device: str
    address: str
    since: datetime
    seen: datetime
    how: str
    second: bool
    this: bool


# What a browser calls itself, in the order that tells them apart: an Edge also says Chrome, a Chrome also Safari.
_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "a Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_words(agent: str) -> str:
    """ "Firefox on Windows", from what the browser says of itself."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    if not browser and not system:
        return re.sub(r"[^ -~]", "", agent.partition("/")[0])[:40] or "Unknown browser"
    return f"{browser or 'A browser'} on {system or 'an unknown system'}"


def sessions_of(me: SignedIn) -> list[Session]:
    """Their running sessions, the one last seen first."""
    ahead = instant() - func.now()
    query = (
        select(SignIn, SignIn.seen_at + ahead)
        .where(SignIn.staff_id == me.actor.id, *alive())
        .order_by(SignIn.seen_at.desc())
    )
    return [
        Session(
            one.id, device_words(one.agent), one.address or "unknown", one.created_at, seen, one.how,
            one.second_at is not None, one.id == me.sign_in_id,
        )
        for one, seen in db.session.execute(query)
    ]  # fmt: skip


def end_one(me: SignedIn, sign_in_id: str) -> None:
    """End one of one's own sessions. Raises NotFound for anybody else's."""
    with transaction():
        mine = (SignIn.id == sign_in_id, SignIn.staff_id == me.actor.id)
        if not touched(db.session.execute(update(SignIn).where(*mine).values(ended_at=instant()))):
            raise NotFound("You have no such session.")


def end_others(me: SignedIn) -> int:
    """End all one's own sessions but this. Returns how many that were."""
    with transaction():
        others = (SignIn.staff_id == me.actor.id, SignIn.id != me.sign_in_id, SignIn.ended_at.is_(None))
        return touched(db.session.execute(update(SignIn).where(*others).values(ended_at=instant())))


@act
def end_sessions(staff_id: str, *, reason: str, by: Actor) -> Staff:
    """Sign somebody out everywhere, from their next request on. Raises NotSignedInAnywhere."""
    person = Staff.lock(staff_id)
    running = (SignIn.staff_id == staff_id, SignIn.ended_at.is_(None))
    if not touched(db.session.execute(update(SignIn).where(*running).values(ended_at=instant()))):
        raise NotSignedInAnywhere(f"{person.name} is not signed in anywhere.")
    say(f"Signed {person.name} out everywhere: {reason}")
    return person
