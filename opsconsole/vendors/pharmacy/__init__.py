"""The pharmacy port: whoever makes up what was prescribed, and hands it to a carrier.

A pharmacy is told what it needs to fill an order (who, where to, which prescription, which skus) and nothing else.
What it says in words of its own may name drugs, so no sentence of a pharmacy comes through here: only its codes, in
our words (`codes.py`). The whole of what it sent stays sealed in the inbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from .. import Call, Fetched


class FillState(StrEnum):
    """How far a fill has come, as the pharmacy tells. What has shipped is with the carrier, who has the last word."""

    ACCEPTED = "accepted"  # taken in, and nothing more: accepted is not done
    ACKNOWLEDGED = "acknowledged"  # checked; it will be made up
    TRIAGE = "triage"  # the pharmacy's own staff resolves something
    EXCEPTION = "exception"  # it waits for our answer
    FILLING = "filling"
    DISPENSED = "dispensed"
    PARTIAL = "partial"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    ERROR = "error"  # it cannot be filled as it was sent
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class CancelState(StrEnum):
    """What became of our wish that it be stopped. Stopped is FillState.CANCELED."""

    ASKED = "asked"
    DENIED = "denied"


@dataclass(frozen=True)
class FillFacts:
    """A fill as the pharmacy holds it now. `id` is the pharmacy's, None before it has given one.

    `ref` and `tags` are ours, echoed. `code` is our code for an error, a triage or an exception (see codes.py) and
    `vendor_code` the pharmacy's own; `due_on` is the day from which it may be filled, where that is what is wrong.
    `duplicate_of` is the id of the order that was there first. `raw_status` is the pharmacy's own word.
    """

    id: str | None
    state: FillState
    raw_status: str
    ref: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    vendor_code: str | None = None
    due_on: date | None = None
    duplicate_of: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    cancel: CancelState | None = None
    answered: str | None = None  # our last answer, as the pharmacy holds it
    order: str | None = None  # the number that people know
    items: tuple[tuple[str, int], ...] | None = (
        None  # (sku, quantity), sorted; None where the pharmacy does not tell
    )
    state_to: str | None = None  # the state it ships to


@dataclass(frozen=True)
class PharmacyDelivery:
    """One thing the pharmacy told us, by webhook or by list.

    `about` is "fill" (`object_id` is its FillFacts.id) or "other". `proven` says whether a signature vouches for it;
    what is not proven is only a hint. Nothing but the id is believed in either case: the fill is fetched.
    """

    external_id: str
    kind: str
    about: str
    object_id: str | None
    occurred_at: datetime
    body: bytes
    proven: bool
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EventPage:
    """What the pharmacy told, in its own order. `next` leads to the next page, or is None."""

    items: tuple[PharmacyDelivery, ...]
    next: str | None


@dataclass(frozen=True)
class FillPage:
    """What a pharmacy (`of` is its adapter's name) was asked to make up, by whomever. `next` leads to the next page, or is
    None."""

    items: tuple[FillFacts, ...]
    next: str | None
    of: str

    @property
    def id(self) -> str:
        return f"{len(self.items)} fills"


class Pharmacy(Protocol):
    """Every method ends within 20 s and raises only Unavailable, Declined, NotAuthentic, NotParseable."""

    name: str

    def submit_fill(
        self,
        call: Call,
        *,
        order: str,
        patient: str,
        prescription: str,
        fill_number: int,
        items: Sequence[Mapping[str, Any]],
        ship_to: Mapping[str, str],
        replaces: str | None = None,
    ) -> FillFacts:
        """Have one fill made up and shipped. At most once per `call.ref`, in any round.

        `order` is the number that people know, `patient` our customer's id, `items` are {"sku", "quantity"}, `ship_to`
        is a ShipTo as JSON. `replaces` is the pharmacy's id of a fill that it makes good: this one has the number of that
        one, uses no other, and is no duplicate of it. The answer says that it was taken in, no more: what becomes of it
        comes by webhook, by `events` or from `fetch_fill`. A fill that ended in an error is the outcome of its own round:
        the next round, which a person opens, sends anew. Raises Declined when the pharmacy refuses it at once.
        """
        ...

    def find_fill(self, ref: str) -> FillFacts | None:
        """The fill that this promise led to, the newest if there are several; None if the pharmacy has none."""
        ...

    def fetch_fill(self, id: str) -> FillFacts | None:
        """The fill as it stands now, None if the pharmacy does not know it."""
        ...

    def fetch_fills(self, ids: Sequence[str]) -> Fetched[FillFacts]:
        """As `fetch_fill`, one after the other, until the pharmacy stops answering."""
        ...

    def fills(self, *, since: int, after: str | None = None, order: str | None = None) -> FillPage:
        """A page of the fills that were ordered since `since` (unix seconds), the oldest first; only those of one
        order's number where `order` is given."""
        ...

    def cancel_fill(self, call: Call, *, id: str) -> FillFacts:
        """Ask the pharmacy to stop. Canceled, asked or denied: the facts say; a no is an answer and not Declined."""
        ...

    def answer_exception(self, call: Call, *, id: str, code: str, answer: str) -> FillFacts:
        """Answer what the pharmacy asks (`code` is ours). `answer` is one of its recipe's; given once per `call.ref`.

        Raises Declined when the pharmacy asks nothing of the kind any more.
        """
        ...

    def change_address(self, call: Call, *, id: str, ship_to: Mapping[str, str]) -> FillFacts:
        """Have it shipped elsewhere. Raises Declined once it is on its way."""
        ...

    def events(self, *, since: int, after: str | None = None) -> EventPage:
        """A page of what the pharmacy told since `since` (unix seconds)."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> PharmacyDelivery:
        """Read a webhook, and check its signature and age where the pharmacy signs.

        Raises NotAuthentic for a forged, stale, future-dated or unsigned delivery of a pharmacy that signs, and
        NotParseable for one that is not an event object.
        """
        ...

    def health(self) -> Mapping[str, Any]:
        """Where calls go and whether the pharmacy answers: {"base_url", "reachable", "words", "sandbox"}."""
        ...
