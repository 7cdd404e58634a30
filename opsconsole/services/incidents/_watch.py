"""What the clock does every few seconds: incidents begin, grow and end by themselves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ...db import db
from ...models import Incident, IncidentStatus
from .. import outbox
from .._actor import CLOCK
from .._transaction import transaction
from ._end import close, drain, left
from ._fold import fold
from ._open import grow, open_
from ._troubles import Trouble, troubles

AT_REST = timedelta(
    minutes=5
)  # an open breaker for which nothing has waited for so long tells nothing any more


def watch() -> None:
    """Compare what is wrong now with the incidents that stand. What changed is an act; what did not writes nothing."""
    with transaction():
        outbox.breaker.at_rest(AT_REST)
    standing = list(db.session.scalars(select(Incident).where(Incident.status != IncidentStatus.OVER)))
    found = troubles(standing)
    known = {one.port: one.id for one in standing}
    db.session.rollback()
    for port, trouble in found.items():
        _in_trouble(known.get(port), trouble)
    for port, incident_id in known.items():
        _follow(incident_id, port in found)


def _in_trouble(incident_id: str | None, trouble: Trouble) -> None:
    incident = Incident.get(incident_id) if incident_id else None
    if incident is None or incident.status != IncidentStatus.OPEN:
        open_(
            port=trouble.port, because=sorted(trouble.because), methods=sorted(trouble.methods), since=trouble.since,
            by=CLOCK,
        )  # fmt: skip
        return
    with transaction():
        grow(Incident.lock(incident.id), trouble.because, trouble.methods)


def _follow(incident_id: str, in_trouble: bool) -> None:
    incident = Incident.require(incident_id)
    fold(incident)
    if in_trouble or (incident.holds and incident.status == IncidentStatus.OPEN):
        return
    if incident.status == IncidentStatus.OPEN:
        incident = drain(incident_id, by=CLOCK)
    if left(incident)["left"] == 0:
        close(incident_id, by=CLOCK)
