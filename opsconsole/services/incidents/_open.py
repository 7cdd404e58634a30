"""An incident begins: by itself, when there are signs of trouble, or because a vendor told somebody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Incident, IncidentStatus
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ._words import case_of, sentence

COMES_BACK = timedelta(minutes=10)  # what is in trouble again so soon was never out of it
LONGEST = timedelta(days=14)  # no vendor says for longer than that when it will be back


class AlreadyDeclared(Refused):
    """Somebody has said so already: all its calls are held."""


@act(robots=("clock",))
def open_(
    *, port: str, because: Collection[str], methods: Collection[str], since: datetime, by: Actor
) -> Incident:
    """There are signs of trouble: one incident and one case. What was over less than ten minutes ago, or is on its way
    out, is open again."""
    return _begin(port, because, methods, since)


@act
def declare(*, port: str, words: str, expected_back_at: datetime | None = None, by: Actor) -> Incident:
    """A vendor told somebody that it is down, or will be: from now on nothing goes out to it, and nothing is given up,
    until somebody ends this. `words` is what it said. Raises Invalid for a port that is not connected, AlreadyDeclared.
    """
    system = next((one for one in vendors.SYSTEMS if one.port == port and vendors.connected(port)), None)
    if system is None:
        raise Invalid({"port": ["Choose one of the systems that are connected."]})
    expected(expected_back_at, performing().now)
    live = Incident.live(port)
    if live and live.holds and live.status == IncidentStatus.OPEN:
        raise AlreadyDeclared(f"{system.name} was declared down already: see {live.url}.")
    known = {"declared", *(live.signs if live else ())}
    incident = _begin(port, known, live.methods if live else (), performing().now)
    incident.holds = True
    grow(incident, known, incident.methods)
    incident.expected_words = words
    incident.expected_back_at = expected_back_at or incident.expected_back_at
    say(f"Declared {system.name} down: nothing goes out to it until this is ended")
    return incident


def expected(at: datetime | None, now: datetime) -> None:
    """Raises Invalid for a moment at which nobody can say that a vendor will be back."""
    if at is not None and not now < at <= now + LONGEST:
        raise Invalid({"expected_back_at": ["Choose a moment within the next fourteen days."]})


def _begin(port: str, because: Collection[str], methods: Collection[str], since: datetime) -> Incident:
    incident = _again(port) or _new(port, because, methods, since)
    grow(incident, because, methods)
    name = vendors.system_of(port).name
    say(f"{name} is in trouble{' again' if incident.reopened else ''}: {incident.says}")
    reason, suggests = case_of(incident)
    cases.open_case(
        reason,
        incident.id,
        says=f"Since {incident.opened_at:%-d %b, %H:%M} UTC: {incident.says}",
        suggests=suggests,
        about=[incident.id],
    )
    return incident


def _again(port: str) -> Incident | None:
    """The vendor's incident that is not over, or was until just now; open."""
    latest = select(Incident.id).where(Incident.port == port).order_by(Incident.created_at.desc()).limit(1)
    found = db.session.scalar(latest)
    incident = Incident.lock(found) if found else None
    if incident is None or (incident.ended_at and performing().now - incident.ended_at > COMES_BACK):
        return None
    if incident.status != IncidentStatus.OPEN:
        incident.move_to(IncidentStatus.OPEN)
        incident.reopened += 1
        incident.draining_at = incident.drained_by = incident.ended_at = None
        incident.waited = 0
    return incident


def _new(port: str, because: Collection[str], methods: Collection[str], since: datetime) -> Incident:
    system, now = vendors.system_of(port), performing()
    return Incident(
        status=IncidentStatus.OPEN,
        created_at=now.now,
        port=system.port,
        ports=[*system.ports],
        source=system.source,
        because=sorted(because),
        signs=sorted(because),
        methods=sorted(methods),
        says=sentence(port, because, methods),
        opened_at=since,
        trace_id=now.trace,
    ).add()


def grow(incident: Incident, because: Collection[str], methods: Collection[str]) -> None:
    """More is wrong there than was known: it is kept. What is said is what is so now. Bookkeeping, and no act."""
    incident.because = sorted({*incident.because, *because})
    incident.methods = sorted({*incident.methods, *methods})
    incident.signs = sorted({*because} | ({"declared"} if incident.holds else set()))
    incident.says = sentence(incident.port, incident.signs, methods)
