"""The story's people as patients of the healthcare system, and how the checks of their orders' addresses came out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from psycopg.types.json import Jsonb

from ..models import AddressVerdict, ShipTo
from ..vendors.tracking import PostalAddress
from ._chance import SEED
from ._story import Bought, Person

_SHORT = {
    "street": "ST",
    "avenue": "AVE",
    "road": "RD",
    "lane": "LN",
    "drive": "DR",
    "court": "CT",
    "plaza": "PLZ",
}


def patient_id(person: Person) -> str:
    """Under which the healthcare system knows somebody."""
    return f"pat-{_dice('patient', person.reference):012x}"


def home(person: Person, until: datetime) -> dict[str, Any]:
    """Where their parcels go as the console holds it: as of the last time that the healthcare system told."""
    address = _address(person)
    read_at = max(person.since, until - timedelta(minutes=_dice("read", person.reference) % 1700))
    return {"ship_to": Jsonb(address.as_json) if address else None, "ship_to_fetched_at": read_at}


def told_to_healthcare(person: Person, until: datetime) -> Iterator[dict[str, Any]]:
    """The same as the healthcare system holds it: a FHIR Patient, whom nobody has changed for so long that no list of
    changes names them."""
    updated = min(person.since, until - timedelta(days=40))
    told: dict[str, Any] = {
        "resourceType": "Patient", "id": patient_id(person), "active": True,
        "meta": {"versionId": "1", "lastUpdated": updated.isoformat(timespec="milliseconds")},
        "name": [{"use": "official", "text": person.name}], "birthDate": person.birth_date.isoformat(),
    }  # fmt: skip
    if person.phone:
        told["telecom"] = [{"system": "phone", "value": person.phone, "use": "mobile"}]
    if address := _address(person):
        told["address"] = [
            {
                "use": "home", "type": "both", "line": [line for line in (address.line1, address.line2) if line],
                "city": address.city, "state": address.state, "postalCode": address.zip, "country": "US",
            }
        ]  # fmt: skip
    yield told


def _address(person: Person) -> ShipTo | None:
    """The newest order went where they live now."""
    return person.orders[0].ship_to if person.orders else None


def checked(order: Bought) -> dict[str, Any]:
    """Most addresses are good as they are, a few are written otherwise by the post, and one in two hundred was accepted
    by somebody though nobody finds it."""
    dice = _dice("address", order.id) % 200
    found, says, by = None, None, "EasyPost"
    verdict = AddressVerdict.VERIFIED
    if dice < 12:
        verdict, found = AddressVerdict.CORRECTED, Jsonb(_posted(order.ship_to).as_json)
    elif dice == 12:
        verdict, says, by = AddressVerdict.OVERRIDDEN, "The customer confirmed that it is right", "Sam Rivera"
    return {
        "address_verdict": verdict.value, "address_found": found, "address_says": says, "address_by": by,
        "address_at": order.placed_at + timedelta(seconds=4),
    }  # fmt: skip


def _posted(given: ShipTo) -> PostalAddress:
    def written(text: str) -> str:
        return " ".join(_SHORT.get(word.lower(), word.upper()) for word in text.split())

    return PostalAddress(
        written(given.line1), written(given.city), given.state, given.zip, written(given.line2), given.country
    )


def _dice(what: str, i: str) -> int:
    return int.from_bytes(blake2b(f"{SEED}:{what}:{i}".encode(), digest_size=6).digest())
