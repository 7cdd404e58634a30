"""Which day it is in a state: most of its people live in this time zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
_ZONES = {
    CENTRAL: "AL AR IL IA KS LA MN MS MO NE ND OK SD TN TX WI",
    MOUNTAIN: "CO ID MT NM UT WY",
    PACIFIC: "CA NV OR WA AP",
    "America/Phoenix": "AZ",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
    "Pacific/Pohnpei": "FM",
    "Europe/Berlin": "AE",
}
ZONE_OF = {state: zone for zone, states in _ZONES.items() for state in states.split()}


def zone_of(state: str | None) -> str:
    """The zone of a state; where we know of none, that in which most customers live."""
    return ZONE_OF.get(state or "", EASTERN)


def today_in(state: str | None, at: datetime) -> date:
    """The day on the calendar of a state: what holds there ends at midnight there."""
    return day_in(zone_of(state), at)


def day_in(zone: str, at: datetime) -> date:
    """The day on the calendar there at that instant."""
    return at.astimezone(ZoneInfo(zone)).date()
