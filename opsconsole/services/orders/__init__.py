"""What was bought, as the shop tells us, and how it stands: its lanes."""

from ._find import LIST, find
from ._lane import Ball, Gate, Holder, Lane, Look, Passed, Point, Span
from ._lanes import Lanes, lanes
from ._note import note
from ._parcels import Parcel, parcels
from ._record import LineFacts, OrderDiffers, record

__all__ = [
    "LIST", "Ball", "Gate", "Holder", "Lane", "Lanes", "LineFacts", "Look", "OrderDiffers", "Parcel", "Passed", "Point",
    "Span", "find", "lanes", "note", "parcels", "record",
]  # fmt: skip
