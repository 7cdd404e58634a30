"""When vendors did not answer: their incidents, until they answered again and what waited began to go out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from ...db import db
from ...models import Incident
from ._attribute import Outage


def outages_between(since: datetime, until: datetime) -> list[Outage]:
    """Those that touch the time between, of each port that the vendor is called through. One statement."""
    back = func.coalesce(Incident.draining_at, Incident.ended_at)
    query = select(Incident.ports, Incident.opened_at, back.label("back")).where(
        Incident.opened_at < until, or_(back.is_(None), back > since)
    )
    found = db.session.execute(query.order_by(Incident.opened_at))
    return [Outage(port, row.opened_at, row.back) for row in found for port in row.ports]
