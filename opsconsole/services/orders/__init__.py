"""What was bought, as the shop tells us, how it stands (its lanes), and what is done with it before it is handed over."""

from ._bill import overpaid
from ._cancel import REASONS, NotCancelable, cancel, restore, why_not_cancel
from ._edit import LineEdit, NotEditable, edit, when_edited
from ._find import LIST, find
from ._gone import gone, in_our_hands_still, takes_back
from ._hold import NotHeld, NotHoldable, held_too_long, hold, overrun, release
from ._lane import Awaited, Ball, Gate, Holder, Lane, Look, Passed, Point, Span
from ._lanes import Lanes, lanes
from ._line_changed import LineChanged
from ._note import note
from ._parcels import Parcel, parcels
from ._readdress import NotReaddressable, SameAddress, readdress
from ._record import LineFacts, OrderDiffers, record
from ._stop import asked_to_stop, asks_to_stop

__all__ = [
    "LIST", "REASONS", "Awaited", "Ball", "Gate", "Holder", "Lane", "Lanes", "LineChanged", "LineEdit", "LineFacts",
    "Look", "NotCancelable", "NotEditable", "NotHeld", "NotHoldable", "NotReaddressable", "OrderDiffers", "Parcel",
    "Passed", "Point", "SameAddress", "Span", "asked_to_stop", "asks_to_stop", "cancel", "edit", "find", "gone",
    "held_too_long", "hold", "in_our_hands_still", "lanes", "note", "overpaid", "overrun", "parcels", "readdress",
    "record", "release", "restore", "takes_back", "when_edited", "why_not_cancel",
]  # fmt: skip
