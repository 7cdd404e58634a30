"""What was bought, as the shop tells us, how it stands (its lanes), and what is done with it before it is handed over."""

from ...models import Holder
from ._accept_address import ACCEPTED, AddressGone, NothingToAccept, accept_address, why_not_accept
from ._bill import overpaid
from ._cancel import REASONS, NotCancelable, cancel, restore, why_not_cancel
from ._check_address import (
    BeingChecked,
    NoAddress,
    NoChecker,
    address_checked,
    being_checked,
    check_address,
    check_first,
    have_checked,
    unchecked,
    why_not_check,
)
from ._edit import LineEdit, NotEditable, edit, when_edited
from ._find import LIST, find
from ._gone import gone, in_our_hands_still, takes_back
from ._hold import NotHeld, NotHoldable, held_too_long, hold, overrun, release
from ._lane import Awaited, Ball, Gate, Lane, Look, Passed, Point, Span
from ._lanes import Lanes, lanes
from ._line_changed import LineChanged
from ._moved import when_moved
from ._note import note
from ._parcels import Parcel, parcels
from ._readdress import NotReaddressable, SameAddress, Unshipped, readdress, unshipped
from ._record import LineFacts, OrderDiffers, record
from ._reroute import REROUTES, Moving, NotReroutable, SamePharmacy, reroute, reroutes, why_not_reroute
from ._stop import asked_to_stop, asks_to_stop

__all__ = [
    "ACCEPTED",
    "LIST",
    "REASONS",
    "REROUTES",
    "AddressGone",
    "Awaited",
    "Ball",
    "BeingChecked",
    "Gate",
    "Holder",
    "Lane",
    "Lanes",
    "LineChanged",
    "LineEdit",
    "LineFacts",
    "Look",
    "Moving",
    "NoAddress",
    "NoChecker",
    "NotCancelable",
    "NotEditable",
    "NotHeld",
    "NotHoldable",
    "NotReaddressable",
    "NotReroutable",
    "NothingToAccept",
    "OrderDiffers",
    "Parcel",
    "Passed",
    "Point",
    "SameAddress",
    "SamePharmacy",
    "Span",
    "Unshipped",
    "accept_address",
    "address_checked",
    "asked_to_stop",
    "asks_to_stop",
    "being_checked",
    "cancel",
    "check_address",
    "check_first",
    "edit",
    "find",
    "gone",
    "have_checked",
    "held_too_long",
    "hold",
    "in_our_hands_still",
    "lanes",
    "note",
    "overpaid",
    "overrun",
    "parcels",
    "readdress",
    "record",
    "release",
    "reroute",
    "reroutes",
    "restore",
    "takes_back",
    "unchecked",
    "unshipped",
    "when_edited",
    "when_moved",
    "why_not_accept",
    "why_not_cancel",
    "why_not_check",
    "why_not_reroute",
]  # fmt: skip
