"""The registry of customers, what other systems hold of them, and putting right what is wrong."""

from ._ask import ask
from ._birth_date import birth_date, born_on
from ._correct import correct
from ._find import LIST, find
from ._money import Summary, money, money_of
from ._note import note
from ._panels import Field, Known, Panel, fields, known, panels
from ._push import confirmed, push, uncorrected
from ._record import IdTaken, record
from ._refresh import refresh
from ._settle import lookup, read, settle
from ._systems import SYSTEMS, System, named
from ._withdraw import withdraw

__all__ = [
    "LIST", "SYSTEMS", "Field", "IdTaken", "Known", "Panel", "Summary", "System", "ask", "birth_date", "born_on",
    "confirmed", "correct", "fields", "find", "known", "lookup", "money", "money_of", "named", "note", "panels",
    "push", "read", "record", "refresh", "settle", "uncorrected", "withdraw",
]  # fmt: skip
