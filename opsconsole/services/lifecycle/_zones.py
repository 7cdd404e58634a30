"""When customers are written to: by the day and the hour where they live."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ...lib.zones import day_in as day_in
from ...lib.zones import zone_of as zone_of

MORNING = time(10)  # when people are written to


def morning_of(zone: str, day: date) -> datetime:
    """When people there are written to on that day."""
    return datetime.combine(day, MORNING, ZoneInfo(zone))
