"""In which ways we and they can differ, what that means, and how each is put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Repair(StrEnum):
    """What `reconciliation.repair` does about a finding."""

    TAKE_IN = "take_in"  # they have the last word: our copy follows
    FOLLOW = "follow"  # the parcel is followed anew
    GIVE_UP = "give_up"  # what they do not have, they do not make up: it can be sent again
    ADOPT = "adopt"  # what was ordered there by hand is this order's fill
    STOP = "stop"  # they are asked to stop it
    READDRESS = "readdress"  # they are told our address
    READY = "ready"  # nobody makes it up: it goes to a pharmacy like any other


@dataclass(frozen=True)
class Kind:
    """`words` is its name and `means` what it says, for Sam; `label` is on the button of its repair. What is `automatic`
    is put right without asking: only our copy was stale, and nobody is harmed by learning the truth."""

    code: str
    words: str
    means: str
    repair: Repair | None = None
    label: str = ""
    automatic: bool = False


_UPDATE = "Bring ours up to date"
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in (
    Kind(
        "fill_behind", "Fill is behind", "The pharmacy went on and we did not hear of it.", Repair.TAKE_IN, _UPDATE, True
    ),
    Kind(
        "fill_ended_there", "Fill has ended there",
        "The pharmacy called it off or could not fill it, and here it still counts as on its way.",
        Repair.TAKE_IN, _UPDATE, True,
    ),
    Kind(
        "fill_ahead_here", "Fill is ahead here",
        "Here it has shipped; the pharmacy says that it has not. Call them before anything else is done.",
    ),
    Kind(
        "fill_missing_there", "Fill is missing there",
        "The pharmacy knows nothing of a fill that we count on: nobody makes it up.",
        Repair.GIVE_UP, "Give it up, to send it again",
    ),
    Kind(
        "fill_unknown_here", "Fill is unknown here",
        "The pharmacy fills this order and we did not ask for it: somebody ordered by hand.",
        Repair.ADOPT, "Take it in as its fill",
    ),
    Kind(
        "fill_of_no_order", "Fill of no order", "The pharmacy makes something up for an order that nobody here knows.",
        Repair.STOP, "Have it stopped",
    ),
    Kind(
        "two_live_there", "Two fills for one order",
        "The pharmacies make up the same order twice. Have one of them stopped before both ship.",
        Repair.STOP, "Have this one stopped",
    ),
    Kind(
        "canceled_here_live_there", "Canceled here, live there",
        "The order was called off here and the pharmacy goes on with it.",
        Repair.STOP, "Have it stopped",
    ),
    Kind(
        "order_without_fill", "Order without a fill",
        "The order counts as being with a pharmacy, and no pharmacy has it.",
        Repair.READY, "Make it ready again",
    ),
    Kind(
        "items_differ", "Items differ",
        "The pharmacy makes up something else, or another quantity, than the order says.",
    ),
    Kind(
        "ship_to_differs", "Another state", "The pharmacy ships to another state than the order says.",
        Repair.READDRESS, "Tell the pharmacy our address",
    ),
    Kind(
        "tracking_differs", "Tracking number differs",
        "The pharmacy's parcel has another number than the one we follow.", Repair.TAKE_IN, _UPDATE, True,
    ),
    Kind(
        "parcel_missing_here", "Parcel is missing here", "It left the pharmacy, and we follow no parcel.",
        Repair.TAKE_IN, "Follow its parcel", True,
    ),
    Kind(
        "parcel_not_followed", "Parcel is not followed", "Nobody tells us where this parcel is.",
        Repair.FOLLOW, "Have it followed", True,
    ),
    Kind(
        "parcel_behind", "Parcel is behind", "The carrier scanned it and we did not hear of it.",
        Repair.TAKE_IN, _UPDATE, True,
    ),
    Kind(
        "order_not_delivered", "Delivered, order says shipped",
        "The carrier says that it arrived; the order still counts as on its way.", Repair.TAKE_IN, _UPDATE, True,
    ),
    Kind(
        "subscription_differs", "Subscription differs", "Stripe's subscription changed and we did not hear of it.",
        Repair.TAKE_IN, _UPDATE, True,
    ),
    Kind(
        "invoice_differs", "Invoice differs", "Stripe's invoice changed and we did not hear of it.",
        Repair.TAKE_IN, _UPDATE, True,
    ),
)}  # fmt: skip
#: By what is compared when they are looked for: what is not seen there again has come right.
OF_FILLS = frozenset((
    "fill_behind", "fill_ended_there", "fill_ahead_here", "fill_missing_there", "canceled_here_live_there", "items_differ",
    "ship_to_differs", "tracking_differs", "parcel_missing_here",
))  # fmt: skip
OF_PARCELS = frozenset(("parcel_not_followed", "parcel_behind", "order_not_delivered"))
OF_STRAYS = frozenset((
    "fill_unknown_here", "fill_of_no_order", "two_live_there", "canceled_here_live_there",
))  # fmt: skip
