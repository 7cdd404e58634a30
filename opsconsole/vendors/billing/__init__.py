"""The billing port: what we need of whoever keeps subscriptions and invoices. Amounts are integer minor units.

The processor is the system of record: we ask it to change something and mirror what it then says. The arguments of a
changing method are JSON (instants as ISO 8601 in UTC), for a promise carries them; `preview` takes the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from .. import Call


class SubscriptionState(StrEnum):
    """https://docs.stripe.com/api/subscriptions/object#subscription_object-status"""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    PAUSED = "paused"
    UNKNOWN = "unknown"


class InvoiceState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"
    DELETED = "deleted"
    UNKNOWN = "unknown"


class PauseKind(StrEnum):
    """The processor has two: `paused` stops the clock and makes no invoices; `collection` goes on and does not collect."""

    PAUSED = "paused"
    COLLECTION = "collection"


class Behavior(StrEnum):
    """What becomes of invoices while collection is paused."""

    VOID = "void"
    KEEP_AS_DRAFT = "keep_as_draft"
    MARK_UNCOLLECTIBLE = "mark_uncollectible"


class Proration(StrEnum):
    """How a change within a period is billed: not at all, with the next invoice, or at once."""

    NONE = "none"
    NEXT_INVOICE = "create_prorations"
    AT_ONCE = "always_invoice"


@dataclass(frozen=True)
class PriceFacts:
    """What one costs every `interval_count` times `interval` ("day", "week", "month", "year"; None: once)."""

    id: str
    product: str | None
    amount: int | None
    currency: str
    interval: str | None
    interval_count: int | None
    active: bool
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ItemFacts:
    """One item of a subscription, with the period that is paid for."""

    id: str
    price: PriceFacts
    quantity: int
    period_start: datetime
    period_end: datetime


@dataclass(frozen=True)
class SubscriptionFacts:
    """A subscription as the processor holds it now.

    `pause_behavior` and `pauses_until` are of paused collection, which leaves `state` alone. `anchor_at` is where its
    periods are counted from. `pending_update` says that a change waits for its payment, `schedule` names what changes it
    later by itself. `flexible` is the billing mode that can be paused whole.
    """

    id: str
    customer: str
    state: SubscriptionState
    raw_status: str
    currency: str
    created_at: datetime
    started_at: datetime
    anchor_at: datetime
    items: tuple[ItemFacts, ...] = ()
    pause_behavior: str | None = None
    pauses_until: datetime | None = None
    trial_start: datetime | None = None
    trial_end: datetime | None = None
    cancel_at: datetime | None = None
    cancel_at_period_end: bool = False
    canceled_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_reason: str | None = None
    cancel_feedback: str | None = None
    flexible: bool = False
    collects_by_itself: bool = True
    schedule: str | None = None
    pending_update: bool = False
    latest_invoice: str | None = None
    payment_method: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InvoiceLineFacts:
    """One line. `item` is the pending item it came from, `subscription_item` what renewed; `amount` before tax."""

    id: str
    amount: int
    description: str | None
    quantity: int | None
    price: str | None
    item: str | None
    subscription_item: str | None
    proration: bool
    period_start: datetime | None
    period_end: datetime | None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InvoiceFacts:
    """An invoice as the processor holds it now. `auto_advance` says that it goes on by itself, at `finalizes_at` while
    it is a draft. `payments` are the payments (pi_…) that were made for it. `tax_status` is "complete",
    "requires_location_inputs", "failed" or None where no tax is computed; `error_*` is why it could not be finalised.
    `tried` counts the first and the automatic tries. Of a deleted draft nothing is left but its id: the currency is empty
    and it was created in 1970.
    """

    id: str
    customer: str | None
    state: InvoiceState
    raw_status: str
    currency: str
    created_at: datetime
    subscription: str | None = None
    number: str | None = None
    billing_reason: str | None = None
    subtotal: int = 0
    tax: int = 0
    total: int = 0
    due: int = 0
    paid: int = 0
    remaining: int = 0
    starting_balance: int = 0
    ending_balance: int | None = None
    pre_payment_credit: int = 0
    post_payment_credit: int = 0
    auto_advance: bool = False
    finalizes_at: datetime | None = None
    finalized_at: datetime | None = None
    paid_at: datetime | None = None
    voided_at: datetime | None = None
    due_at: datetime | None = None
    next_try_at: datetime | None = None
    tried: int = 0
    out_of_band: bool = False
    tax_status: str | None = None
    error_code: str | None = None
    error_words: str | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    lines: tuple[InvoiceLineFacts, ...] = ()
    lines_complete: bool = True
    payments: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PreviewFacts:
    """An invoice that does not exist: what a change would bill, as of the pinned instant. `next_charge_at` is when. Where
    nothing is billed any more, the id is empty, the figures are zero and there is no next charge."""

    id: str
    currency: str
    subtotal: int
    tax: int
    total: int
    due: int
    lines: tuple[InvoiceLineFacts, ...]
    as_of: datetime
    next_charge_at: datetime | None


@dataclass(frozen=True)
class PendingItemFacts:
    """An item that waits for the customer's next invoice, or stands on a draft."""

    id: str
    customer: str
    amount: int
    currency: str
    description: str | None
    created_at: datetime
    invoice: str | None
    subscription: str | None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CreditNoteFacts:
    """`amount` is all of it; of a paid invoice `refunded`, `credited` (to the balance) and `out_of_band` make it up."""

    id: str
    invoice: str
    number: str | None
    status: str
    reason: str | None
    currency: str
    amount: int
    refunded: int
    credited: int
    out_of_band: int
    refunds: tuple[str, ...]
    created_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CreditFacts:
    """One entry of a customer's balance: negative is credit. `balance` is what it came to."""

    id: str
    customer: str
    amount: int
    currency: str
    kind: str
    balance: int
    description: str | None
    invoice: str | None
    created_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryFacts:
    """One movement of our own balance at the processor. `source` is what moved it (ch_…, re_…, dp_…, po_…)."""

    id: str
    kind: str
    source: str | None
    amount: int
    fee: int
    net: int
    currency: str
    created_at: datetime
    available_on: date
    payout: str | None = None
    payment: str | None = None


@dataclass(frozen=True)
class PayoutFacts:
    """Money on its way to our bank. `status` is the processor's word; paid may still become failed."""

    id: str
    status: str
    amount: int
    currency: str
    created_at: datetime
    arrives_on: date
    automatic: bool
    reconciled: str | None
    failure_code: str | None = None


@dataclass(frozen=True)
class Listed:
    """A page of a list, newest first. `next` is the cursor for older ones, or None."""

    items: tuple[Any, ...]
    next: str | None


class Billing(Protocol):
    """Every method ends within 20 s and raises only Unavailable and Declined.

    A changing method happens at most once per `call.ref`, for ever: what it makes carries `ref`. Where the processor keeps
    no trace of a call (pausing, voiding, canceling), the object's state says that it is done, and that is adopted.
    A subscription that is canceled, or an invoice that is past the change, is Declined with words for Sam.
    """

    name: str

    # what is there

    def fetch_subscription(self, id: str) -> SubscriptionFacts | None: ...

    def fetch_invoice(self, id: str) -> InvoiceFacts | None:
        """With all of its lines (up to 250) and payments."""
        ...

    def fetch_price(self, id: str) -> PriceFacts | None: ...

    def fetch_credit_note(self, id: str) -> CreditNoteFacts | None: ...

    def fetch_payout(self, id: str) -> PayoutFacts | None: ...

    def subscriptions(self, *, customer: str | None = None, after: str | None = None) -> Listed:
        """SubscriptionFacts of every status, canceled ones too."""
        ...

    def invoices(
        self, *, customer: str | None = None, since: int | None = None, after: str | None = None
    ) -> Listed:
        """InvoiceFacts; `since` in unix seconds."""
        ...

    def prices(self, *, after: str | None = None) -> Listed: ...

    def pending(self, customer: str) -> Sequence[PendingItemFacts]:
        """What waits for the customer's next invoice."""
        ...

    def credits(self, customer: str) -> Sequence[CreditFacts]:
        """The customer's balance, newest first, up to a hundred entries."""
        ...

    def payouts(self, *, since: int, after: str | None = None) -> Listed: ...

    def entries(
        self,
        *,
        payout: str | None = None,
        since: int | None = None,
        until: int | None = None,
        after: str | None = None,
    ) -> Listed:
        """EntryFacts of one payout, or of a time (unix seconds; `until` is not in it)."""
        ...

    def preview(
        self, *, subscription: str, change: str | None, arguments: Mapping[str, Any], as_of: datetime
    ) -> PreviewFacts:
        """What the next invoice would be after `change` (a changing method of this port, with its arguments), computed by
        the processor as of that instant; without a change, what it will be. Nothing is stored there."""
        ...

    # subscriptions

    def pause(
        self, call: Call, *, subscription: str, kind: str, behavior: str | None, resumes_at: str | None
    ) -> SubscriptionFacts:
        """`kind` is a PauseKind. Only `collection` has a `behavior` and an instant at which it resumes by itself; a pause of
        the whole credits no unused time, for what was paid was shipped."""
        ...

    def resume(self, call: Call, *, subscription: str, kind: str) -> SubscriptionFacts:
        """From `paused` a new period begins and is charged at once; a card's no is Declined, leaves it paused and nothing
        owed. From `collection` the periods go on as they were."""
        ...

    def reschedule(self, call: Call, *, subscription: str, next_charge_at: str) -> SubscriptionFacts:
        """Charge next at that instant and count periods from it; nothing is prorated."""
        ...

    def alter(
        self,
        call: Call,
        *,
        subscription: str,
        items: Sequence[Mapping[str, Any]],
        proration: str,
        as_of: str | None,
    ) -> SubscriptionFacts:
        """Change prices or quantities: `items` are {"id", "price"?, "quantity"?}, `proration` a Proration, `as_of` the
        instant of the preview, so that the same is billed."""
        ...

    def schedule_cancel(
        self, call: Call, *, subscription: str, at: str | None, feedback: str | None, comment: str | None
    ) -> SubscriptionFacts:
        """End it at that instant, or with the period that is paid for where `at` is None."""
        ...

    def keep(self, call: Call, *, subscription: str) -> SubscriptionFacts:
        """Undo `schedule_cancel`."""
        ...

    def cancel(
        self, call: Call, *, subscription: str, feedback: str | None, comment: str | None
    ) -> SubscriptionFacts:
        """End it now, for good. Nothing is prorated or invoiced; open invoices are no longer collected by themselves."""
        ...

    def subscribe(
        self,
        call: Call,
        *,
        customer: str,
        items: Sequence[Mapping[str, Any]],
        starts_at: str | None,
        replaces: str,
    ) -> SubscriptionFacts:
        """A new subscription in place of a canceled one: `items` are {"price", "quantity"}. Charged at once, or first at
        `starts_at`. A card's no leaves none behind and is Declined."""
        ...

    # invoices

    def hold(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """It does not go on by itself any more."""
        ...

    def release(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """It goes on by itself again."""
        ...

    def add_lines(self, call: Call, *, invoice: str, lines: Sequence[Mapping[str, Any]]) -> InvoiceFacts:
        """To a draft. `lines` are {"amount", "description"}; negative amounts are credit."""
        ...

    def change_line(
        self,
        call: Call,
        *,
        invoice: str,
        line: str,
        amount: int | None,
        quantity: int | None,
        description: str | None,
    ) -> InvoiceFacts:
        """On a draft."""
        ...

    def remove_lines(self, call: Call, *, invoice: str, lines: Sequence[str], keep: bool) -> InvoiceFacts:
        """From a draft. With `keep` what was added by hand waits for the next invoice again."""
        ...

    def finalise(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """Now; amounts are frozen, and it is collected."""
        ...

    def collect(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """Try the customer's card now. Declined with the decline code and words for staff; the schedule of automatic tries
        stays what it was."""
        ...

    def stop_collecting(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """No automatic tries any more; it stays open."""
        ...

    def record_payment(self, call: Call, *, invoice: str, reference: str) -> InvoiceFacts:
        """It was paid by other means; `reference` is what finance knows that payment by."""
        ...

    def void(self, call: Call, *, invoice: str) -> InvoiceFacts: ...

    def write_off(self, call: Call, *, invoice: str) -> InvoiceFacts: ...

    def drop_draft(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """It is void, and nothing was collected for it. What went out meanwhile and is open is void, too."""
        ...

    def reissue(
        self,
        call: Call,
        *,
        invoice: str,
        customer: str,
        currency: str,
        subscription: str | None,
        lines: Sequence[Mapping[str, Any]],
    ) -> InvoiceFacts:
        """A new draft in place of a voided invoice, held until it is released: `lines` are {"amount", "description"}."""
        ...

    def credit(
        self,
        call: Call,
        *,
        invoice: str,
        amount: int,
        reason: str,
        refund: int,
        credit: int,
        out_of_band: int,
    ) -> CreditNoteFacts:
        """A credit note of `amount`. Of an open invoice less is due then; of a paid one the three say how it goes back and
        add up to `amount`. `reason` is duplicate, fraudulent, order_change or product_unsatisfactory."""
        ...

    def void_credit(self, call: Call, *, credit_note: str) -> CreditNoteFacts: ...

    # what waits for an invoice, and the balance

    def charge(
        self,
        call: Call,
        *,
        customer: str,
        subscription: str | None,
        amount: int,
        currency: str,
        description: str,
        invoice: str | None = None,
    ) -> PendingItemFacts:
        """One item for the customer's next invoice, or on the draft `invoice`."""
        ...

    def drop_charge(self, call: Call, *, item: str) -> None:
        """Remove an item that is on no invoice yet."""
        ...

    def move_balance(
        self, call: Call, *, customer: str, amount: int, currency: str, description: str
    ) -> CreditFacts:
        """Negative grants credit, positive takes it back."""
        ...

    def portal(
        self, *, customer: str, return_url: str | None, flow: str | None, subscription: str | None
    ) -> str:
        """A link by which the customer opens their own billing pages. Whoever has it is the customer: hand it on, keep it
        nowhere. `flow` is None, "payment_method_update" or "subscription_cancel"; without `return_url` it leads back to
        where the portal's own settings say."""
        ...
