"""What was bought, as the shop tells us, how it stands (its lanes), and what is done with it before it is handed over."""

from ._cancel import REASONS, NotCancelable, cancel
from ._find import LIST, find
from ._gone import gone, in_our_hands_still, takes_back
from ._hold import NotHeld, NotHoldable, held_too_long, hold, overrun, release
from ._lane import Awaited, Ball, Gate, Holder, Lane, Look, Passed, Point, Span
from ._lanes import Lanes, lanes
from ._note import note
from ._parcels import Parcel, parcels
from ._readdress import NotReaddressable, SameAddress, readdress
from ._record import LineFacts, OrderDiffers, record

__all__ = [
    "LIST", "REASONS", "Awaited", "Ball", "Gate", "Holder", "Lane", "Lanes", "LineFacts", "Look", "NotCancelable", "NotHeld",
    "NotHoldable", "NotReaddressable", "OrderDiffers", "Parcel", "Passed", "Point", "SameAddress", "Span", "cancel",
    "find", "gone", "held_too_long", "hold", "in_our_hands_still", "lanes", "note", "overrun", "parcels",
    "readdress", "record", "release", "takes_back",
]  # fmt: skip
