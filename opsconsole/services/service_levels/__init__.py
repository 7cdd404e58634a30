"""How long things may take: each rule's own limit, what people set otherwise, and in whose hours it is counted.

Rules `declare` their code and limit once, at import. `levels()` reads what differs, and answers for any number of things.
"""

from ._declare import Declared, codes, declare
from ._find import Told, at_work, calendars, counted_in, table
from ._levels import CLINIC, COMPANY, Level, Levels, levels
from ._reset import AlreadyReset, reset
from ._set_calendar import set_calendar
from ._set_limit import SameAsBefore, UnknownCode, set_limit, where

__all__ = [
    "CLINIC",
    "COMPANY",
    "AlreadyReset",
    "Declared",
    "Level",
    "Levels",
    "SameAsBefore",
    "Told",
    "UnknownCode",
    "at_work",
    "calendars",
    "codes",
    "counted_in",
    "declare",
    "levels",
    "reset",
    "set_calendar",
    "set_limit",
    "table",
    "where",
]
