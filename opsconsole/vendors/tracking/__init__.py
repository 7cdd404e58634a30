"""The tracking port: whoever knows where a parcel is, and whether an address can be delivered to.

No health information goes through it: a parcel is its carrier and number, an address has no name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from .. import Call, Fetched
from .._postal import PostalAddress as PostalAddress


class ParcelState(StrEnum):
    """Where a parcel is. Not one of them is final: what was delivered may come back."""

    LABEL_CREATED = "label_created"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    PICKUP_READY = "pickup_ready"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNING = "returning"
    VOIDED = "voided"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ScanFacts:
    """What a carrier wrote down of a parcel. `raw_status` and `detail` are the vendor's own words; `detail` only
    says more, no state is read from it. `strange`: the vendor's word is one that we do not know."""

    occurred_at: datetime
    state: ParcelState
    raw_status: str
    detail: str = ""
    words: str = ""
    place: str = ""
    strange: bool = False


@dataclass(frozen=True)
class TrackerFacts:
    """A parcel as the vendor knows it now, its scans ordered by when they happened.

    `promised_on` is the day on which the carrier means to deliver. The numbers of parcels are used again: scans may
    be of an older parcel, and only who knows when the label was made can tell.
    """

    id: str
    carrier: str
    tracking_code: str
    state: ParcelState
    raw_status: str
    scans: tuple[ScanFacts, ...] = ()
    detail: str = ""
    strange: bool = False
    promised_on: date | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class TrackerPage:
    """Some parcels that moved; `next` is what to ask for after them, None at the end."""

    items: tuple[TrackerFacts, ...]
    next: str | None

    @property
    def id(self) -> str:
        return f"{len(self.items)} parcels"


class Verdict(StrEnum):
    VERIFIED = "verified"  # it can be delivered to as it is
    CORRECTED = "corrected"  # it can be delivered to as `normalised` says
    UNVERIFIABLE = "unverifiable"  # nobody finds it; `words` say why


@dataclass(frozen=True)
class AddressFacts:
    """What became of checking an address. `normalised` is how the post writes it, None when nobody finds it; `asked`
    is what was checked."""

    verdict: Verdict
    normalised: PostalAddress | None = None
    words: str = ""
    asked: PostalAddress | None = None


@dataclass(frozen=True)
class TrackingDelivery:
    """One thing the vendor told us. `about` is "tracker" (`object_id` is TrackerFacts.id) or "other"."""

    external_id: str
    kind: str
    about: str
    object_id: str | None
    occurred_at: datetime
    body: bytes
    tags: Mapping[str, str] = field(default_factory=dict)


class Tracking(Protocol):
    """Every method ends within 20 s and raises only Unavailable, Declined, NotAuthentic, NotParseable."""

    name: str

    def follow(self, call: Call, *, carrier: str, tracking_code: str) -> TrackerFacts:
        """Have the vendor watch a parcel and tell us when it moves. Asked again, it is the same watch.

        Raises Declined for a carrier or a number that is none.
        """
        ...

    def fetch(self, id: str) -> TrackerFacts | None:
        """The parcel as it stands now; None if the vendor does not watch it."""
        ...

    def fetch_each(self, ids: Sequence[str]) -> Fetched[TrackerFacts]:
        """As `fetch`, one after the other, until the vendor stops answering."""
        ...

    def updated(self, since: int, after: str | None = None) -> TrackerPage:
        """Parcels that moved since (seconds of the epoch), a page at a time: what webhooks may have missed."""
        ...

    def verify(self, address: PostalAddress | Mapping[str, str]) -> AddressFacts:
        """Whether mail reaches this address; it may come as promises carry it, by names."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> TrackingDelivery:
        """Check a webhook's signature and read it.

        Raises NotAuthentic for a forged or unsigned delivery and NotParseable for an authentic one that is not an
        event object. Constant-time compare. Signatures need carry no instant: what is repeated has the same
        `external_id`, and what it is about is fetched anew.
        """
        ...

    def health(self) -> Mapping[str, Any]:
        """Where calls go and whether the vendor answers: {"base_url", "reachable", "words", "sandbox"}."""
        ...
