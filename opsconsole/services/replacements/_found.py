"""What was replaced because it did not arrive arrives after all."""

from __future__ import annotations

from ...models import Fill, FillStatus, Order, Replacement, Shipment
from .. import cases, orders, shipments
from .._act import concerns
from .reasons import REASONS, Happened

ARRIVED = "replaced_parcel_arrived"  # the reason of the case


@shipments.when_arrived
def found(order: Order, shipment: Shipment) -> bool:
    """One case, however often carriers tell of it. True when a replacement stands, so that this case is the only one."""
    told = False
    for known in Replacement.of_order(order.id):
        if (
            not known.stands
            or REASONS[known.reason].happened is not Happened.NOT_ARRIVED
            or not _in(known, shipment)
        ):
            continue
        told = True
        replacement = Replacement.lock(known.id)
        if replacement.found_at:
            continue
        replacement.found_at = shipment.delivered_at
        concerns(*replacement.related())
        _ask(replacement, order, shipment)
    return told


def _in(replacement: Replacement, shipment: Shipment) -> bool:
    """Was what is replaced in this parcel? Where nobody knows which fill a parcel is of, it may have been."""
    fill = Fill.get(replacement.fill_id) if replacement.fill_id else None
    return not (fill and shipment.fill_id) or shipment.fill_id in (fill.id, fill.external_id)


def _ask(replacement: Replacement, order: Order, shipment: Shipment) -> None:
    made = Order.require(replacement.new_order_id)
    assert shipment.delivered_at
    words = (
        f"The parcel of order {order.reference} arrived on {shipment.delivered_at:%-d %b %Y} after all, and "
        f"{made.reference} replaces it. Ask the customer what they have. Medicine never goes back into stock."
    )
    cases.open_case(
        ARRIVED,
        replacement.id,
        says=words,
        suggests=_suggests(replacement, made),
        about=replacement.related(),
    )


def _suggests(replacement: Replacement, made: Order) -> dict[str, str]:
    """What can still be kept from going out a second time, while it can."""
    fills = [one for one in Fill.of_order(made.id) if not one.final]
    if orders.in_our_hands_still(made) or any(one.status == FillStatus.QUEUED for one in fills):
        return {
            "act": "replacements.withdraw",
            "url": f"{replacement.url}/withdraw",
            "label": "Take the replacement back",
        }
    if fills and not replacement.final and replacement.status != "shipped":
        return {"act": "fills.cancel", "url": f"{fills[0].url}/cancel", "label": "Ask the pharmacy to stop"}
    return {"act": "cases.dismiss", "label": "Dismiss it once the customer has told"}
