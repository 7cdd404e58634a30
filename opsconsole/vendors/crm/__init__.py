"""The CRM port: whoever owns e-mail, phone and consent, and writes to our customers.

No health information goes through it: a message is one of our neutral template codes and the few
opaque values its template lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from .. import Call

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
#: What is told of a customer's subscriptions: states and days, neutral words, nothing about health.
FACTS = ("subscription_state", "next_charge_on", "pauses_until")
_TAKEN = ("recipient", "from_address", "reply_to", "opsconsole_")


class MessageState(StrEnum):
    """How far a message has come. Not one of them is final: what was delivered can still bounce."""

    ACCEPTED = "accepted"  # the CRM took it in; nothing is known to have left
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    DROPPED = "dropped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Template:
    """What one of our template codes is called at the CRM, and the values it needs: all of them, no others.

    Raises ValueError for a name or field no CRM would take, or one that would redirect the message.
    """

    name: str
    fields: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for word in (self.name, *self.fields):
            if not _NAME.fullmatch(word):
                raise ValueError(f"{word!r} is not a plain name.")
        for word in self.fields:
            if word.startswith(_TAKEN):
                raise ValueError(f"{word!r} means something else to the CRM.")


@dataclass(frozen=True)
class MessageFacts:
    """A message as the CRM holds it now. `id` is ours to know beforehand: see `Crm.message_id`.

    `delivery` is the CRM's own id, once it has made one; `raw_status` its own word.
    """

    id: str
    customer: str
    state: MessageState
    raw_status: str = ""
    delivery: str | None = None
    created_at: datetime | None = None
    failure_words: str | None = None


@dataclass(frozen=True)
class ContactFacts:
    """How a customer can be reached. `unsubscribed` is about marketing; what they must know still goes out.

    `attributes` are the few neutral ones that the adapter lists; a CRM may hold others, which are not read.
    """

    customer: str
    email: str | None
    phone: str | None
    unsubscribed: bool
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.customer


@dataclass(frozen=True)
class CrmDelivery:
    """One thing the CRM told us.

    `about` is "message" (`object_id` is its MessageFacts.id), "contact" (`object_id` is the customer) or
    "other" (not of our sending). `state` is told of messages only. `tags` are ours where a CRM echoes
    them.
    """

    external_id: str
    kind: str
    about: str
    object_id: str | None
    occurred_at: datetime
    body: bytes
    customer: str | None = None
    delivery: str | None = None
    state: MessageState | None = None
    failure_words: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class Crm(Protocol):
    """Every method ends within 20 s and raises only Unavailable, Declined, NotAuthentic, NotParseable."""

    name: str

    def message_id(self, ref: str) -> str:
        """What the message of this promise is called at the CRM, before and after it is sent."""
        ...

    def send(
        self, call: Call, *, customer: str, to: str, template: str, data: dict[str, str]
    ) -> MessageFacts:
        """Have one e-mail sent. At most once per `call.ref`, in any round.

        Accepted is not sent: what became of it comes by webhook or from `fetch_message`. Raises Declined
        for an unknown template, for data that are not exactly the template's, for a customer the CRM does
        not know, and when `to` is not the address the CRM holds (it owns the address).
        """
        ...

    def fetch_message(self, customer: str, id: str) -> MessageFacts | None:
        """The message as it stands now; None while the CRM shows none."""
        ...

    def fetch_contact(self, customer: str) -> ContactFacts | None:
        """Address, phone and consent as they stand now, None if the CRM does not know the customer."""
        ...

    def update_contact(
        self, call: Call, *, customer: str, email: str | None, phone: str | None
    ) -> ContactFacts:
        """Have the CRM hold another address or phone number; None leaves one as it is.

        Answers with the contact once the CRM shows the change, and changes nothing that it shows already.
        Raises Declined for a customer the CRM does not know, for an address that is another customer's
        there or is none, and Unavailable while a change that was taken does not show.
        """
        ...

    def update_facts(self, call: Call, *, customer: str, facts: dict[str, str]) -> ContactFacts:
        """Have the CRM hold what we know and it does not own: names of `FACTS`, "" for none.

        Telling it once more changes nothing. Raises Declined for a customer the CRM does not know, for a name that is
        not of `FACTS`, and for a value that is not one short line.
        """
        ...

    def contact_page(self, customer: str) -> str:
        """Where staff see this customer in the CRM itself."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> CrmDelivery:
        """Check a webhook's signature and age against `now` and read it.

        Raises NotAuthentic for a forged, stale, future-dated or unsigned delivery and NotParseable for
        an authentic one that is not an event object. Constant-time compare, 300 s tolerance both ways.
        """
        ...

    def health(self) -> Mapping[str, Any]:
        """Where calls go and whether the CRM answers: {"base_url", "reachable", "words", "sandbox"}."""
        ...
