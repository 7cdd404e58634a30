"""Nobody finds the address that it ships to."""

from __future__ import annotations

from ....models import AddressVerdict
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import answer, of_fill, of_order, readdress_customer, resend, waits_for
from ._seen import FAILED, Seen

TITLE = "The address does not work"
SAYS = "Parcels do not reach the address it ships to: ask the customer for the right one."


def find(seen: Seen) -> Found | None:
    """The pharmacy cannot ship there, or the check of addresses finds no such place."""
    order = seen.order
    if order is None:
        return None
    fill = seen.troubled("bad_address")
    if fill:
        confirm = "The customer has confirmed it. The pharmacy ships there."
        right = answer(fill, "address_is_right", "Tell them: the address is right", confirm)
        move: tuple[Offer, ...] = ()
        if all(one.status in FAILED for one in seen.fills):
            does = "The order ships there, and the pharmacy gets it once more. In another state, licences count anew."
            move = (
                Offer("orders.readdress", order.id, "Correct the address and send it again", does,
                      then=[("fills.resend", fill.id, {"pharmacy": None})]),
            )  # fmt: skip
        offers = [
            *move,
            *right,
            readdress_customer(seen),
            *resend(seen, fill, "It is right: send the fill again"),
        ]
        return Found(SAYS, Fixer.OPS, [*of_fill(fill), *of_order(order)], offers, waits_for(fill))
    if not seen.ours or order.address != AddressVerdict.UNVERIFIABLE:
        return None
    does = "Only this order ships there; the new address is checked. In another state, licences count anew."
    offers = [
        Offer("orders.readdress", order.id, "Correct the address", does),
        Offer(
            "orders.accept_address",
            order.id,
            "Accept it as it is",
            "The customer has confirmed it, or wrote it so.",
        ),
        readdress_customer(seen),
    ]
    checked = Evidence("Checked by", f"{order.address_by or 'the carriers’ vendor'}: not found", order.url)
    return Found(SAYS, Fixer.OPS, [checked, Evidence("Ships to", seen.state), *of_order(order)], offers)
