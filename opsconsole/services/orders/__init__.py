"""What was bought, as the shop tells us, how it stands (its lanes), and what is done with it before it is handed over."""

from ._accept_address import ACCEPTED, AddressGone, NothingToAccept, accept_address, why_not_accept
from ._cancel import REASONS, NotCancelable, cancel
from ._check_address import (
    BeingChecked,
    NoAddress,
    NoChecker,
    address_checked,
    being_checked,
    check_address,
    check_first,
    unchecked,
    why_not_check,
)
from ._find import LIST, find
from ._gone import gone, in_our_hands_still, takes_back
from ._hold import NotHeld, NotHoldable, held_too_long, hold, overrun, release
from ._lane import Awaited, Ball, Gate, Holder, Lane, Look, Passed, Point, Span
from ._lanes import Lanes, lanes
from ._moved import when_moved
from ._note import note
from ._parcels import Parcel, parcels
from ._readdress import NotReaddressable, SameAddress, Unshipped, readdress, unshipped
from ._record import LineFacts, OrderDiffers, record
from ._reroute import REROUTES, Moving, NotReroutable, SamePharmacy, reroute, reroutes, why_not_reroute

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
    "LineFacts",
    "Look",
    "Moving",
    "NoAddress",
    "NoChecker",
    "NotCancelable",
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
    "being_checked",
    "cancel",
    "check_address",
    "check_first",
    "find",
    "gone",
    "held_too_long",
    "hold",
    "in_our_hands_still",
    "lanes",
    "note",
    "overrun",
    "parcels",
    "readdress",
    "record",
    "release",
    "reroute",
    "reroutes",
    "takes_back",
    "unchecked",
    "unshipped",
    "when_moved",
    "why_not_accept",
    "why_not_check",
    "why_not_reroute",
]  # fmt: skip
