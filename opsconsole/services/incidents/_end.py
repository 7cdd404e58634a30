"""A vendor is back: what waited goes out, and the incident is over once it has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from ... import vendors
from ...db import db, instant
from ...lib.refusal import Refused
from ...models import EventStatus, InboxEvent, Incident, IncidentStatus, Promise
from .. import cases, inbox, outbox
from .._act import act, performing, say
from .._actor import Actor
from .._transaction import after_commit
from ._troubles import troubles
from ._words import back, sentence

CASES = {"vendor_down", "signature_refused"}
SLACK = timedelta(minutes=1)  # after its turn; what fails for reasons of its own comes again later than that


class NotDeclared(Refused):
    """Nobody said that it is down: it ends by itself as soon as the vendor answers."""


@act(robots=("clock",))
def drain(incident_id: str, *, by: Actor) -> Incident:
    """The signs of trouble are gone. What waited is on its way out."""
    return _back(Incident.lock(incident_id))


@act
def end(incident_id: str, *, reason: str, by: Actor) -> Incident:
    """The vendor says that it is back: what was held for it goes out, each lane in its order, a few calls at first. If it
    does not answer after all, the incident stays. Raises NotDeclared."""
    incident = Incident.lock(incident_id)
    if not incident.holds or incident.status != IncidentStatus.OPEN:
        raise NotDeclared("Nothing is held here: it ends by itself as soon as the vendor answers again.")
    incident.holds = False
    name = vendors.system_of(incident.port).name
    still = troubles([incident]).get(incident.port)
    if still:
        incident.signs = sorted(still.because)
        incident.says = sentence(incident.port, still.because, still.methods)
        db.session.flush()
        outbox.let_out(incident.ports)  # of what its breakers do not hold
    else:
        _back(incident)
    say(f"{name} is no longer declared down: {reason}")
    return incident


@act(robots=("clock",))
def close(incident_id: str, *, by: Actor) -> Incident:
    """What waited has gone out. Whatever the vendor told us meanwhile is read from its list, where it has one."""
    incident = Incident.lock(incident_id)
    incident.move_to(IncidentStatus.OVER)
    incident.ended_at = performing().now
    name = vendors.system_of(incident.port).name
    incident.says = f"{name} is back, and what waited has gone out."
    cases.close_when_solved(CASES, incident.id, "the vendor is back")
    if incident.source in inbox.listed():
        inbox.sweep_nightly(incident.source, by=by)
    say(incident.says.rstrip("."))
    return incident


def _back(incident: Incident) -> Incident:
    incident.move_to(IncidentStatus.DRAINING)
    incident.draining_at = performing().now
    incident.signs = []
    incident.says = back(incident.port)
    db.session.flush()
    last = outbox.let_out(incident.ports)
    after_commit(outbox.hint)
    incident.drained_by = max(last or performing().now, performing().now) + SLACK
    db.session.flush()
    incident.waited = left(incident)["left"]
    say(
        f"{vendors.system_of(incident.port).name} is back: {incident.waited} calls and events that waited go out"
    )
    return incident


def left(incident: Incident) -> dict[str, Any]:
    """What of it still waits: calls and events, and when the last call's turn is."""
    calls, last = db.session.execute(
        select(func.count(), func.max(Promise.due_at)).where(outbox.waits_for(incident.port))
    ).one()
    events = 0
    if incident.source:
        before = incident.draining_at or func.coalesce(incident.ended_at, instant())
        query = select(func.count()).where(
            InboxEvent.status == EventStatus.RECEIVED,
            InboxEvent.source == incident.source,
            InboxEvent.created_at <= before,
        )
        events = db.session.scalar(query) or 0
    return {"left": calls + events, "calls": calls, "events": events, "by": last if calls else None}
