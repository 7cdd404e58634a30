"""FHIR R4's Patient: https://hl7.org/fhir/R4/patient.html. Of all that is kept of them we read where parcels go, and the
date of birth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .._asking import object_in
from .._postal import PostalAddress
from . import PatientFacts
from ._fhir_elements import Record, day, list_in, objects, text
from ._in_place import with_address

#: What stands in an address about the place itself; all else of it (use, type, extensions) says what it is for.
OF_THE_PLACE = frozenset(
    name
    for part in ("text", "line", "city", "district", "state", "postalCode", "country", "period")
    for name in (part, f"_{part}")
)
_HERE = ("", "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA")


def patient(found: Record) -> PatientFacts:
    """Their version must be told: a change names it."""
    addresses = objects(found.data.get("address"))
    chosen = home(addresses)
    born = found.data.get("birthDate")
    return PatientFacts(
        id=found.id,
        version=found.version,
        address=_postal(addresses[chosen]) if chosen is not None else None,
        active=found.data.get("active") is not False,
        updated_at=found.updated_at,
        birth_date=day(born)
        if isinstance(born, str) and len(born) == 10
        else None,  # a year alone tells no age
    )


def home(addresses: Sequence[Mapping[str, Any]]) -> int | None:
    """Which address is where parcels go: the one of use home and type postal or both; failing that, one at home that
    does not say its type, one that takes mail and does not say its use, or the only one there is if it says neither.
    What is over is none of them."""
    today = datetime.now(UTC).date().isoformat()
    wanted = [("home", "postal"), ("home", "both"), ("home", None), (None, "postal"), (None, "both")]
    if len(addresses) == 1:
        wanted.append((None, None))
    for use, type in wanted:
        for place, one in enumerate(addresses):
            if (one.get("use"), one.get("type")) == (use, type) and not _over(one, today):
                return place
    return None


def _over(address: Mapping[str, Any], today: str) -> bool:
    end = object_in(address.get("period") or {}).get("end")
    return isinstance(end, str) and end[:10] < today[: len(end[:10])]


def moved(found: Record, wanted: PostalAddress) -> str:
    """The patient with that address in its place, and every other byte as it was."""
    place = home(objects(found.data.get("address")))
    new: dict[str, Any] = {
        "line": [line for line in (wanted.line1, wanted.line2) if line],
        "city": wanted.city,
        "state": wanted.state,
        "postalCode": wanted.zip,
        "country": wanted.country,
    }
    if place is None:
        new = {"use": "home", "type": "both", **new}
    return with_address(found.text, new, place, OF_THE_PLACE)


def _postal(told: Mapping[str, Any]) -> PostalAddress:
    first, *more = [text(line) for line in list_in(told.get("line"))] or [""]
    country = text(told.get("country"))
    return PostalAddress(
        line1=first,
        line2=", ".join(filter(None, more)),
        city=text(told.get("city")),
        state=text(told.get("state")),
        zip=text(told.get("postalCode")),
        country="US" if country.upper() in _HERE else country,
    )
