"""Which day it is for each customer: that of the state they live in, as wherever a prescription's last day counts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date as SqlDate
from sqlalchemy import String, Values, column, values

from ...lib.zones import ZONE_OF, day_in, today_in


def days_by_state(at: datetime) -> Values:
    """(state, today) of every state we know a zone of, to be joined; `elsewhere` is the day of all others."""
    rows = [(state, day_in(zone, at)) for state, zone in sorted(ZONE_OF.items())]
    return values(column("state", String), column("today", SqlDate), name="days").data(rows)


def elsewhere(at: datetime) -> date:
    """The day it is for those of whom we know no state."""
    return today_in(None, at)
