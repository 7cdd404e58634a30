"""Scenes in which there is a choice: two pharmacies that are licensed in NV, with what each has and charges."""

from __future__ import annotations

from typing import Any

from ..approvals.scenes import agreed
from ..fills.scenes import HOME, pharmacies
from ..house import House
from ..kept import scene

WHY = {"reason": "Honeybee is cheaper this season"}


@scene
def market(house: House, **offers: tuple[str, str, str]) -> dict[str, str]:
    """The pharmacies, adapter -> id; each of `offers` is name=(adapter, stock, cost) of the sku "NAME"."""
    ids = pharmacies(house)
    for name, (adapter, stock, cost) in offers.items():
        offer(house, ids[adapter], name.rsplit("_", 1)[0].upper(), stock, cost)
    return ids


def offer(house: House, pharmacy: str, sku: str, stock: str, cost: str, **more: Any) -> Any:
    return house.api().post(
        f"/pharmacies/{pharmacy}/offers", {"sku": sku, "stock": stock, "cost": cost, **more}
    )


@scene
def order(house: House, *skus: str, state: str = "NV", customer: str = "cust-1", fate: str = "") -> Any:
    """A paid order of one piece of each, ready for a pharmacy. Its JSON."""
    house.orders += 1
    shop = house.api("shop")
    shop.post("/customers", {"reference": customer, "name": "Jo Field", "email": f"{customer}@example.test"})
    total = f"{60 * len(skus)}.00"
    lines = [{"sku": sku, "name": f"Cream {sku}", "quantity": 1, "unit_price": "60.00"} for sku in skus]
    made = shop.post(
        "/orders",
        {
            "reference": f"R{house.orders:04}", "customer": customer, "total": total, "lines": lines,
            "payment": house.pay(6000 * len(skus)),
            "ship_to": HOME | {"state": state} | ({"line2": f"FATE {fate}"} if fate else {}),
        },
    )  # fmt: skip
    house.drain()
    return house.api().get(made["subject"])


def proposed(house: House, rules: Any = (), ranking: Any = ("cost", "rank")) -> Any:
    """A draft. Its JSON."""
    done = house.api("ops_lead").post("/routing/propose", {"rules": [*rules], "ranking": [*ranking], **WHY})
    return house.api().get(done["subject"])


@scene
def in_force(house: House, rules: Any = (), ranking: Any = ("cost", "rank")) -> Any:
    """The same, agreed to by a second person."""
    draft = proposed(house, rules, ranking)
    agreed(house, house.api("ops_lead").post(f"{draft['url']}/adopt", {}, 202), "admin")
    return house.api().get(draft["url"])


@scene
def sent(house: House, ready: Any) -> Any:
    """Its first fill."""
    return house.api().get(house.api().post(f"{ready['url']}/submit")["subject"])
