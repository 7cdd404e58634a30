"""The registry of customers, what other systems hold of them, and putting right what is wrong."""

from ._ask import ask
from ._birth_date import birth_date, born_on
from ._correct import correct
from ._elsewhere import move_order, moves_orders, other_state, tells_licences
from ._find import LIST, find
from ._money import Summary, money, money_of
from ._note import note
from ._panels import Field, Known, Panel, fields, known, panels
from ._push import confirmed, push, uncorrected
from ._readdress import moved, readdress, underway, unmoved, why_not_readdress
from ._record import IdTaken, record
from ._refresh import refresh
from ._settle import lookup, read, settle
from ._settle_address import lookup_patient, patient_of, settle_address
from ._systems import SYSTEMS, System, named
from ._when_known import when_known
from ._withdraw import withdraw

__all__ = [
    "LIST", "SYSTEMS", "Field", "IdTaken", "Known", "Panel", "Summary", "System", "ask", "birth_date", "born_on",
    "confirmed", "correct", "fields", "find", "known", "lookup", "lookup_patient", "money", "money_of", "move_order",
    "moved", "moves_orders", "named", "note", "other_state", "panels", "patient_of", "push", "read", "readdress",
    "record", "refresh", "settle", "settle_address", "tells_licences", "uncorrected", "underway", "unmoved",
    "when_known", "why_not_readdress", "withdraw",
]  # fmt: skip
