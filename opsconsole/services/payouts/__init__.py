"""Whether the money ties out: what was sold, charged, booked at the processor and paid to our bank, day by day.

Payouts and entries are mirrored (settle, pull); `tie_out` compares a day's sums and gives every difference its class.
"""

from ._find import ENTRIES, GAPS, LIST, TIE_OUTS, by_kind, find, made_of
from ._kinds import KINDS, STEPS, Kind
from ._pull import entered, finish, listed, pull, unfinished
from ._rows import COLUMNS, SENT_REFUND, Row, rows_of
from ._settle import itemised, settle
from ._tie_out import NothingThatDay, NotOver, last_day, tie, tie_out, to_tie

__all__ = [
    "COLUMNS", "ENTRIES", "GAPS", "KINDS", "LIST", "SENT_REFUND", "STEPS", "TIE_OUTS", "Kind", "NotOver",
    "NothingThatDay", "Row", "by_kind", "entered", "find", "finish", "itemised", "last_day", "listed", "made_of",
    "pull", "rows_of", "settle", "tie", "tie_out", "to_tie", "unfinished",
]  # fmt: skip
