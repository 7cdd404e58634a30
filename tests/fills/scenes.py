"""Scenes that stories about fills begin with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from opsconsole.models import Pharmacy, PharmacyLicence
from opsconsole.services import transaction

from ..house import House
from ..kept import scene
from ..scenes import WINDOW

HOME = {"name": "Jo Field", "line1": "1 Elm St", "city": "Reno", "state": "NV", "zip": "89501"}
# Where each may ship: NV both, CA only the second, OR nobody any more.
LICENSED = {"truepill": ("NV", "TX"), "honeybee": ("NV", "CA")}


@scene
def pharmacies(house: House) -> dict[str, str]:
    """The two pharmacies, of which truepill is asked first. Returns adapter -> id."""
    made = {}
    with house.app.app_context(), transaction():
        for rank, (adapter, states) in enumerate(LICENSED.items(), 1):
            pharmacy = Pharmacy(name=adapter.title(), adapter=adapter, active=True, rank=rank).add()
            for state in states:
                PharmacyLicence(
                    pharmacy_id=pharmacy.id, state=state, number=f"{state}-1", expires_on=None
                ).add()
            expired = date.today() - timedelta(days=30)
            PharmacyLicence(pharmacy_id=pharmacy.id, state="OR", number="OR-1", expires_on=expired).add()
            made[adapter] = pharmacy.id
    return made


@scene
def order(house: House, *, state: str = "NV", fate: str = "", customer: str = "cust-1") -> Any:
    """A paid order that is ready for a pharmacy. Its JSON. `fate` is what becomes of its fill."""
    house.orders += 1
    shop = house.api("shop")
    shop.post("/customers", {"reference": customer, "name": "Jo Field", "email": f"{customer}@example.test"})
    made = shop.post(
        "/orders",
        {
            "reference": f"R{house.orders:04}", "customer": customer, "total": "60.00",
            "lines": [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}],
            "payment": house.pay(6000),
            "ship_to": HOME | {"state": state} | ({"line2": f"FATE {fate}"} if fate else {}),
        },
    )  # fmt: skip
    house.drain()
    found = house.api().get(made["subject"])
    assert found["status"] == "ready"
    return found


@scene
def submitted(house: House, ready: Any, role: str = "demo", **more: Any) -> Any:
    """Its fill, queued. The fill's JSON."""
    done = house.api(role).post(f"{ready['url']}/submit", more)
    return house.api().get(done["subject"])


@scene
def at_pharmacy(house: House, *, pharmacy: str | None = None, seconds: float = 10, **of_order: Any) -> Any:
    """A fill that the pharmacy has looked at. Its JSON."""
    fill = submitted(house, order(house, **of_order), **({"pharmacy": pharmacy} if pharmacy else {}))
    house.later(WINDOW)
    house.later(seconds)
    return house.api().get(fill["url"])


def look(house: House, fill: Any) -> tuple[str, str]:
    """(the fill's status, its order's)."""
    api = house.api()
    return api.get(fill["url"])["status"], api.get(fill["order"])["status"]


def made_up(house: House) -> list[str]:
    """The order numbers of what pharmacies really make up, from the sandbox's own book."""
    return [entry["metadata"]["reference"] for entry in house.sandbox.ledger("fill")]
