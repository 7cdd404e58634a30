"""Reading incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from ...db import db, instant
from ...models import Incident, IncidentStatus
from .._find import Listing, among, exactly

LIST = Listing(
    Incident,
    {
        "status": among(Incident.status, IncidentStatus, "In trouble, on its way out, or over."),
        "port": exactly(Incident.port, "Which system, payments."),
    },
    sorts=("created_at",),
)
find = LIST.find


def standing() -> Sequence[Incident]:
    """All that are not over, the longest first."""
    query = select(Incident).where(Incident.status != IncidentStatus.OVER)
    return db.session.scalars(query.order_by(Incident.opened_at, Incident.id)).all()


def by_port() -> Mapping[str, Incident]:
    """The incidents that are not over, by every port that they are about: what a record waits for is looked up here."""
    return {port: incident for incident in standing() for port in incident.ports}


def outages(port: str, since: datetime) -> list[tuple[datetime, datetime]]:
    """The spans (from, until) since an instant in which the vendor behind a port was in trouble, oldest first and apart:
    time that is the vendor's. One that goes on ends now."""
    until = func.coalesce(Incident.ended_at, instant())
    query = select(func.greatest(Incident.opened_at, since), until).where(
        Incident.ports.contains([port]), until > since
    )
    spans: list[tuple[datetime, datetime]] = []
    for begins, ends in db.session.execute(query.order_by(Incident.opened_at)):
        if spans and begins <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(ends, spans[-1][1]))
        else:
            spans.append((begins, ends))
    return spans
