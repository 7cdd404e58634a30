"""Scenes that stories about prescriptions begin with: the sandbox's clinic, a patient there who is a customer here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ..house import House
from ..kept import scene
from ..sandbox.clinic import sound

PATIENT, SKU = "pat", "NC60"
WINDOW = 121  # seconds after which what is asked about a prescription can no longer be undone
MINUTES = 60
PRODUCT = {
    "sku": SKU, "name": "Night cream, 60 days", "kind": "prescription", "form": "cream", "needs_prescription": True,
    "keys": [{"system": "compound", "key": "tret-025"}],
}  # fmt: skip


@scene
def clinic(house: House, *, mapped: bool = True) -> str:
    """A clinic with a patient, a prescriber and a visit; the customer who is that patient, and the product. The customer's
    URL."""
    house.sandbox.fhir.load([sound("Patient"), sound("Practitioner"), sound("Encounter")])
    shop = house.api("shop")
    shop.post("/products", PRODUCT if mapped else {**PRODUCT, "keys": []})
    made = shop.post(
        "/customers",
        {
            "reference": "cust-1", "name": "Jo Field", "email": "jo@example.test", "birth_date": "1990-02-03",
            "external_ids": {"healthcare": PATIENT},
        },
    )  # fmt: skip
    house.drain()
    return str(made["subject"])


def day(house: House, days: int = 0) -> str:
    at = datetime.fromtimestamp(house.sandbox.clock.now(), UTC) + timedelta(days=days)
    return at.date().isoformat()


@scene
def prescribed(
    house: House, id: str = "rx", *, patient: str = PATIENT, told: bool = True, **other: Any
) -> dict[str, Any]:
    """The clinic drafts and signs a prescription; the console hears of it. Its JSON, {} where it is nobody's here."""
    more = {
        "id": id, "status": "draft", "identifier": None, "authoredOn": day(house),
        "subject": {"reference": f"Patient/{patient}"},
    } | other  # fmt: skip
    terms = {
        "validityPeriod": {"end": day(house, 360)},
        "numberOfRepeatsAllowed": 2,
        "quantity": {"value": 30, "unit": "g"},
    }
    more.setdefault("dispenseRequest", terms)
    house.sandbox.fhir.load([sound("MedicationRequest", **more)])
    house.sandbox.fhir.sign(id)
    if told:
        house.drain()
    found = house.api().get(f"/prescriptions?external_id={id}")["items"]
    return dict(found[0]) if found else {}


@scene
def sent(house: House, id: str = "rx", **other: Any) -> dict[str, Any]:
    """A prescription that its pharmacy has confirmed. Its JSON."""
    rx = prescribed(house, id, **other)
    for _ in range(5):
        house.later(3 * MINUTES)
    return look(house, rx)


def look(house: House, of: dict[str, Any]) -> dict[str, Any]:
    return dict(house.api().get(of["url"]))


def asked(house: House, rx: dict[str, Any]) -> list[tuple[str, str]]:
    """(kind, status) of what was asked about it, the newest first."""
    return [(one["kind"], one["status"]) for one in look(house, rx)["requests"]]


def cancel(house: House, rx: dict[str, Any], role: str = "demo", **more: Any) -> dict[str, Any]:
    """Ask to cancel it. The request's JSON."""
    done = house.api(role).post(f"{rx['url']}/cancel", {"reason": "customer_asked"}, **more)
    return dict(house.api().get(done["subject"]))


@scene
def doctor(house: House, external_id: str = "ada") -> str:
    """The prescriber, as the clinic has told of them. Their id."""
    [row] = house.rows("select id from providers where external_id = :id", id=external_id)
    return str(row.id)
