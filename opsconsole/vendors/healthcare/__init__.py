"""The healthcare port: whoever keeps the patients. So far it is asked only where a patient's parcels go.

It holds health data of all kinds: what is not needed is not read out of an answer, and no word of it gets into a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from .. import Call
from .._postal import PostalAddress as PostalAddress


@dataclass(frozen=True)
class PatientFacts:
    """A patient as the vendor has them now. `version` is what a change must name; `address` is where their parcels go,
    None where none is kept; `active` is False for a record that is not used any more."""

    id: str
    version: str
    address: PostalAddress | None
    active: bool = True
    updated_at: datetime | None = None


@dataclass(frozen=True)
class HealthcareDelivery:
    """One thing the vendor told us. `about` is the kind of the record that changed, "patient" among them, and
    `object_id` its id there. `body` holds health data."""

    external_id: str
    kind: str
    about: str
    object_id: str | None
    occurred_at: datetime
    body: bytes = field(repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HealthcarePage:
    """Some records that changed; `next` is what to ask for after them, None at the end."""

    items: tuple[HealthcareDelivery, ...]
    next: str | None

    @property
    def id(self) -> str:
        return f"{len(self.items)} changes"


class Healthcare(Protocol):
    """Every method ends within 20 s and raises only Unavailable, Declined, NotAuthentic, NotParseable."""

    name: str

    def fetch_patient(self, id: str) -> PatientFacts | None:
        """The patient as they stand now; None if the vendor has none of that id."""
        ...

    def change_address(self, call: Call, *, patient: str, ship_to: Mapping[str, str]) -> PatientFacts:
        """Have a patient's parcels go elsewhere: PostalAddress by names; an addressee is not kept there.

        Nothing else of the patient changes, whatever others change meanwhile. Where it stands so already nothing is
        written. Raises Declined for a patient or an address that the vendor does not take.
        """
        ...

    def events(self, *, since: int, after: str | None = None) -> HealthcarePage:
        """Patients that changed since (seconds of the epoch), oldest first, a page at a time: what webhooks may have
        missed, with the `external_id` that the webhook had."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> HealthcareDelivery:
        """Check a webhook's signature and read it.

        Raises NotAuthentic for a forged or unsigned delivery and NotParseable for an authentic one that is no record.
        Constant-time compare. Signatures carry no instant: what is repeated has the same `external_id`, and what it
        is about is fetched anew.
        """
        ...

    def health(self) -> Mapping[str, Any]:
        """Where calls go and whether the vendor answers: {"base_url", "reachable", "words", "sandbox"}."""
        ...
