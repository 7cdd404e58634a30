"""The registry of customers, what other systems hold of them, and putting right what is wrong."""

from ._ask import ask
from ._correct import correct
from ._find import find
from ._note import note
from ._panels import Field, Panel, fields, panels
from ._push import confirmed, push, uncorrected
from ._record import IdTaken, record
from ._refresh import refresh
from ._settle import lookup, read, settle
from ._systems import SYSTEMS, System, named
from ._withdraw import withdraw

__all__ = [
    "SYSTEMS", "Field", "IdTaken", "Panel", "System", "ask", "confirmed", "correct", "fields", "find", "lookup",
    "named", "note", "panels", "push", "read", "record", "refresh", "settle", "uncorrected", "withdraw",
]  # fmt: skip
