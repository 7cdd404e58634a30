"""Scenes in which an order may be ordered again: everything is there, until a story takes something away."""

from __future__ import annotations

from typing import Any

from ..gates import scenes as gates
from ..gates.scenes import SKU, change
from ..house import House
from ..kept import scene
from ..payments.card_scenes import with_card

PRICE, THEN = 6900, 6000


@scene
def bought(house: House, method: str | None = "pm_card_visa") -> Any:
    """A delivered order of 60.00 whose product costs 69.00 today, with refills left and a card saved. Its JSON."""
    gates.served(house)
    known_as = with_card(house, method)
    change(house, f"update products set price = {PRICE}, currency = 'usd' where sku = '{SKU}'")
    order = gates.order(house)
    gates.prescribed(house, refills=3)
    change(house, f"update orders set status = 'delivered' where id = '{order['id']}'")
    return house.api().get(order["url"]) | {"known_as": known_as}


@scene
def reorder(house: House, order: Any, role: str = "demo", **more: Any) -> Any:
    """Order it again. The new order's JSON."""
    done = house.api(role).post(f"{order['url']}/reorder", {}, **more)
    return house.api().get(done["subject"])
