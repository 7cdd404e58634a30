"""Whose time it is: an order's whole time, divided among those who had the ball, and each party's own running clock."""

from ._attribute import Attribution, Clock, Held, Move, Outage, Share, attribute, party_of
from ._due import Due, due
from ._of_order import HOURS, Clocks, of, read_lanes, shares
from ._outages import outages_between

__all__ = [
    "HOURS",
    "Attribution",
    "Clock",
    "Clocks",
    "Due",
    "Held",
    "Move",
    "Outage",
    "Share",
    "attribute",
    "due",
    "of",
    "outages_between",
    "party_of",
    "read_lanes",
    "shares",
]
