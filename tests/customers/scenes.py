"""Scenes that stories about what other systems hold of a customer begin with."""

from __future__ import annotations

from typing import Any

from ..house import CRM, House
from ..kept import scene
from ..scenes import processor

READS = {"stripe": "GET /v1/customers/*", "customerio": "GET /customerio/app/v1/customers/*"}
CHANGES = "PUT /customerio/track/api/v1/customers/*"


@scene
def known(house: House, *, at_crm: bool = True) -> tuple[str, str]:
    """A customer whom Stripe and the CRM hold as the shop told them. Returns (their URL, Stripe's id)."""
    stripe_id = str(
        processor(house)
        .customers.create({"email": "jo@example.test", "name": "Jo Field", "phone": "+15550100"})
        .id
    )
    told = {
        "reference": "c-1",
        "name": "Jo Field",
        "email": "jo@example.test",
        "phone": "+15550100",
        "external_ids": {"stripe": stripe_id},
    }
    url = str(house.api("shop").post("/customers", told)["subject"])
    if at_crm:
        contact(house, url, email="jo@example.test", phone="+15550100")
    house.drain()
    return url, stripe_id


def contact(house: House, url: str, **attributes: Any) -> None:
    """Somebody changes the person at the CRM itself."""
    answer = house.sandbox_app.test_client().put(
        f"/customerio/track/api/v1/customers/{url.rsplit('/', 1)[-1]}",
        json=attributes,
        auth=(CRM.site_id, CRM.track_key),
    )
    assert answer.status_code == 200, answer.text


def at_stripe(house: House, stripe_id: str, **changes: Any) -> None:
    """Somebody changes the customer at Stripe, and its webhooks are lost."""
    house.sandbox.fault(kind="drop", method="webhook customer.*")
    processor(house).customers.update(stripe_id, changes)
    house.drain()
    house.sandbox.clear_faults()


def panel(house: House, url: str, system: str) -> Any:
    return house.api().get(f"{url}/panels/{system}")


def facts(house: House, url: str, system: str = "stripe") -> dict[str, Any]:
    return dict(house.api().get(url)["profiles"][system]["facts"])
