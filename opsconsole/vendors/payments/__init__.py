"""The payments port: what we need of whoever moves the money. Amounts are integer minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from .. import Call


class RefundReason(StrEnum):
    """What a processor can be told. `fraudulent` also blocks the card and the e-mail there."""

    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED = "requested_by_customer"


class RefundState(StrEnum):
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class PaymentState(StrEnum):
    """Stripe's PaymentIntent statuses folded to what staff need."""

    REQUIRES_PAYMENT = "requires_payment"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORISED = "authorised"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class DisputeState(StrEnum):
    WARNING = "warning"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RefundFacts:
    """A refund as the processor holds it now. `tags` is its metadata, `raw_status` its own word."""

    id: str
    payment: str | None
    charge: str | None
    amount: int
    currency: str
    state: RefundState
    raw_status: str
    created_at: datetime
    reason: str | None = None
    pending_reason: str | None = None
    failure_reason: str | None = None
    reference: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DisputeFacts:
    id: str
    payment: str | None
    amount: int
    currency: str
    state: DisputeState
    raw_status: str
    reason: str | None
    created_at: datetime
    evidence_due_at: datetime | None = None


@dataclass(frozen=True)
class PaymentFacts:
    """A payment with everything that was taken from it again. `captured` and `refunded` in minor units. `failure_*` is why
    the latest try did not pay: the decline code, words, and what the processor advises ("do_not_try_again")."""

    id: str
    state: PaymentState
    raw_status: str
    amount: int
    captured: int
    refunded: int
    currency: str
    created_at: datetime
    customer: str | None = None
    charge: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    card_exp_month: int | None = None
    card_exp_year: int | None = None
    failure_code: str | None = None
    failure_words: str | None = None
    failure_advice: str | None = None
    refunds: tuple[RefundFacts, ...] = ()
    disputes: tuple[DisputeFacts, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FraudWarningFacts:
    """A card's bank warns that a payment may be fraud. `kind` is the processor's word for how, `actionable` says
    that a refund may still prevent a dispute, `of` is the payment as it stands now."""

    id: str
    of: PaymentFacts | None
    kind: str
    actionable: bool
    created_at: datetime


@dataclass(frozen=True)
class CustomerFacts:
    """A customer as the processor holds them now; of a deleted one nothing is left but the id.

    `balance` is in minor units of `currency`, negative when the customer has credit. The card is the one that
    invoices are charged to unless they name another.
    """

    id: str
    email: str | None
    name: str | None
    deleted: bool
    created_at: datetime | None = None
    phone: str | None = None
    currency: str | None = None
    balance: int | None = None
    delinquent: bool | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    card_exp_month: int | None = None
    card_exp_year: int | None = None


@dataclass(frozen=True)
class CardFacts:
    """A card that a customer left to be charged again. `id` is the processor's, by which it is charged."""

    id: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None


@dataclass(frozen=True)
class Delivery:
    """One thing the processor told us, by webhook or by list.

    `about` is the kind of object that changed ("refund", "payment", "warning", "customer" or "other") and
    `object_id` that object's id: events of a charge or a dispute are about its payment.
    `tags` is the metadata found in the payload: a hint that ties it to a trace before any fetch.
    """

    external_id: str
    kind: str
    about: str
    object_id: str | None
    occurred_at: datetime
    body: bytes
    livemode: bool = False
    account: str | None = None
    api_version: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DeliveryPage:
    """Oldest last, as the processor lists them. `next` is the cursor for older ones, or None."""

    items: tuple[Delivery, ...]
    next: str | None


class Payments(Protocol):
    """Every method ends within 20 s and raises only Unavailable, Declined, NotAuthentic, NotParseable."""

    name: str

    def refund(self, call: Call, *, payment: str, amount: int, currency: str, reason: str) -> RefundFacts:
        """Give money back to the card it came from. At most once per `call.ref`, for ever.

        With `call.ask_first`, or when the round is not the first, lists the payment's refunds first and
        adopts one that carries `ref` in its metadata and is neither failed nor canceled. Raises
        Declined when the processor refuses (over the remainder, disputed, already refunded).
        """
        ...

    def charge(
        self, call: Call, *, customer: str, payment_method: str, amount: int, currency: str, order: str
    ) -> PaymentFacts:
        """Collect `amount` from a card that the customer saved, who is not there. At most once per `call.ref`, for ever.

        `order` is the order's number: all that the processor is told of what it is for. The payment carries `ref`, and
        may be processing or wait for the customer. With `call.ask_first`, or when the round is not the first, lists the
        customer's payments first and adopts one that carries `ref`, save those that an earlier round's card did not pay.
        Raises Declined with words for staff when the card's bank, or the processor, refuses; its `facts` are then those of
        the payment that was begun, where there is one.
        """
        ...

    def saved_card(self, customer: str) -> CardFacts | None:
        """The card that a charge would be tried with: the customer's default one, else the one saved last."""
        ...

    def fetch_refund(self, id: str) -> RefundFacts | None:
        """The refund as it stands now, None if the processor does not know it."""
        ...

    def fetch_payment(self, id: str) -> PaymentFacts | None:
        """The payment with its card, refunds and disputes as they stand now."""
        ...

    def fetch_fraud_warning(self, id: str) -> FraudWarningFacts | None:
        """A bank's warning with the payment it is about, both as they stand now."""
        ...

    def fetch_customer(self, id: str) -> CustomerFacts | None:
        """The customer with their default card as they stand now, None if the processor does not know them."""
        ...

    def customer_page(self, id: str) -> str:
        """Where staff see this customer in the processor's own dashboard."""
        ...

    def events(self, *, since: int, after: str | None = None) -> DeliveryPage:
        """A page of what the processor told since `since` (unix seconds; it keeps 30 days), newest first."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Delivery:
        """Check a webhook's signature and age against `now` and read it.

        Raises NotAuthentic for a forged, stale, future-dated or unsigned delivery and NotParseable for
        an authentic one that is not an event object. Constant-time compare, 300 s tolerance both ways.
        """
        ...

    def health(self) -> Mapping[str, Any]:
        """Where calls go and whether the processor answers: {"base_url", "reachable", "words", "sandbox"}."""
        ...
