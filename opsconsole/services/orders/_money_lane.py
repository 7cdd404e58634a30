"""The money lane: payments, disputes and refunds of one order, swept once along the time axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from ...lib.money import Money
from ...models import (
    Collection,
    CollectionStatus,
    Holder,
    Order,
    OrderStatus,
    Paid,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from ._care_lanes import ENDED, OrderStep
from ._lane import Gate, Lane, Look, Passed, Point, Span, Step, joined

S = TypeVar("S", bound=StrEnum)
_P, _R, _C = PaymentStatus, RefundStatus, CollectionStatus
_PATIENCE = timedelta(hours=48)  # the threshold after which an unpaid order counts as stuck


@dataclass(frozen=True)
class Held:
    """So much of a payment is with the bank from `at` on, as words ("$60.00"); None when it came back.

    `dispute` is the state of the gravest dispute from then on, in the words of the payments port; None when
    nobody wrote it down.
    """

    payment_id: str
    at: datetime
    money: str | None
    dispute: str | None = None

    @property
    def lost(self) -> bool:
        return self.dispute == "lost"

    @property
    def says(self) -> str:
        if self.money:
            return (
                f"The dispute of {self.money} is lost" if self.lost else f"The customer disputed {self.money}"
            )
        return "The dispute is won" if self.dispute == "won" else "The disputed money came back to us"

    @property
    def looks(self) -> tuple[str, str, str]:
        """State, tone and shape of its point in the lane."""
        if not self.money:
            return "dispute_over", "good", "circle"
        return ("dispute_lost", "bad", "cross") if self.lost else ("disputed", "warn", "triangle")


@dataclass(frozen=True)
class Story:
    """Everything that is known about an order's money."""

    order: Order
    paid: Sequence[Paid]
    steps: Sequence[OrderStep]
    payments: dict[str, Sequence[Step[PaymentStatus]]]
    refunds: dict[str, Sequence[Step[RefundStatus]]]
    held: Sequence[Held]
    collections: dict[Collection, Sequence[Step[CollectionStatus]]] = field(default_factory=dict)


def money(story: Story) -> Lane:
    return Lane("money", "Money", joined(_spans(story)), sorted(_points(story), key=lambda point: point.at))


def _spans(story: Story) -> Iterator[Span]:
    instants = sorted(
        {step.since for step in story.steps}
        | {step.since for steps in story.payments.values() for step in steps}
        | {step.since for steps in story.refunds.values() for step in steps}
        | {one.at for one in story.held}
        | {step.since for steps in story.collections.values() for step in steps}
    )
    waiting: datetime | None = None
    for since, until in zip(instants, [*instants[1:], None], strict=True):
        waiting = (waiting or since) if _Moment(story, since, until).wanted else None
        yield _Moment(story, since, until, waiting).span()


@dataclass(frozen=True)
class _Moment:
    """The order's money as it stood from one instant until the next; `waiting` is since when it is wanted."""

    story: Story
    at: datetime
    until: datetime | None
    waiting: datetime | None = None

    def span(self) -> Span:
        return (
            self._trouble()
            or self._going_back()
            or self._lost()
            or self._kept()
            or self._settled()
            or self._unpaid()
        )

    @property
    def status(self) -> OrderStatus | None:
        return standing(self.story.steps, self.at)

    @property
    def captured(self) -> int:
        return captured(self.story, self.at)

    @property
    def wanted(self) -> bool:
        return self.status is OrderStatus.AWAITING_PAYMENT and self.captured < self.story.order.total

    @property
    def given_back(self) -> int:
        return sum(refund.amount for refund in self._refunds(_R.SUCCEEDED))

    def _trouble(self) -> Span | None:
        if held := self._held(lost=False):
            return self._span("disputed", f"{held} disputed", "warn", Look.STOP, Holder.PAYMENT)
        if came_back := self._came_back():
            says = f"Refund of {self._sum(came_back)} came back"
            return self._span("refund_failed", says, "bad", Look.STOP, Holder.US)
        return None

    def _held(self, *, lost: bool) -> str:
        """What the bank has taken back for disputes that are lost, or that are not decided."""
        last = {one.payment_id: one for one in self.story.held if one.at <= self.at}
        return " and ".join(one.money for one in last.values() if one.money and one.lost is lost)

    def _lost(self) -> Span | None:
        held = self._held(lost=True)
        return self._span("dispute_lost", f"{held} lost to a dispute", "bad", Look.REST) if held else None

    def _came_back(self) -> list[Refund]:
        """Refunds that failed and were not made again."""
        others = self._refunds(*(set(_R) - {_R.FAILED, _R.WITHDRAWN}))
        again = {other.payment_id: other.created_at for other in others}
        return [
            refund
            for refund in self._refunds(_R.FAILED)
            if again.get(refund.payment_id, refund.created_at) <= refund.created_at
        ]

    def _going_back(self) -> Span | None:
        for status, (words, holder) in _GOING_BACK.items():
            if going := self._refunds(status):
                says = words.format(self._sum(going))
                return self._span(f"refund_{status.value}", says, "info", Look.WAIT, holder)
        return None

    def _kept(self) -> Span | None:
        """Money of an order that will not be sent."""
        if self.status not in (OrderStatus.CANCELED, OrderStatus.REJECTED):
            return None
        if left := max(0, self.captured - self.given_back):
            return self._span("kept", f"{self._money(left)} not given back", "warn", Look.WAIT, Holder.US)
        return None if self.captured else self._span("ended", "Nothing was paid", "quiet", Look.BLANK)

    def _settled(self) -> Span | None:
        got, back, total = self.captured, self.given_back, self.story.order.total
        if got and back >= got:
            return self._span("refunded", f"{self._money(back)} given back", "quiet", Look.REST)
        if back:
            says = f"{self._money(back)} of {self._money(got)} given back"
            return self._span("partly_refunded", says, "good", Look.REST)
        if total == 0:
            return self._span("free", "Nothing to pay", "good", Look.REST)
        if got >= total:
            return self._span("paid", f"{self._money(got)} paid", "good", Look.REST)
        return None

    def _unpaid(self) -> Span:
        charging = {standing(steps, self.at) for steps in self.story.collections.values()}
        for collecting, (words, holder) in _CHARGING.items():
            if collecting in charging:
                return self._span(f"charge_{collecting.value}", words, "info", Look.WAIT, holder)
        found = {standing(self.story.payments[one.payment.id], self.at) for one in self.story.paid}
        for status, (words, holder) in _COMING_IN.items():
            if status in found:
                return self._span(status.value, words, "info", Look.WAIT, holder)
        if self.captured:
            says = f"{self._money(self.captured)} of {self._money(self.story.order.total)} paid"
            return self._span("partly_paid", says, "info", Look.WAIT, Holder.PATIENT)
        if self.wanted:
            return self._span("unpaid", "Waits for the money", "info", Look.WAIT, Holder.PATIENT)
        if self.status is None:
            return self._span("unknown", "Not recorded", "quiet", Look.BLANK)
        return self._span("not_paid", "Nothing paid", "quiet", Look.BLANK)

    def _span(self, state: str, says: str, tone: str, look: Look, holder: Holder = Holder.NOBODY) -> Span:
        due = self.waiting + _PATIENCE if self.waiting and look is Look.WAIT else None
        return Span(state, self.at, self.until, says, tone, look, holder, due)

    def _refunds(self, *statuses: RefundStatus) -> list[Refund]:
        """Those in the order's currency: amounts of two currencies make no sum."""
        return [
            refund
            for one in self.story.paid
            for refund in one.refunds
            if refund.currency == self.story.order.currency
            and standing(self.story.refunds[refund.id], self.at) in statuses
        ]

    def _money(self, minor: int) -> str:
        return str(Money(minor, self.story.order.currency))

    def _sum(self, refunds: Sequence[Refund]) -> str:
        return self._money(sum(refund.amount for refund in refunds))


_GOING_BACK = {
    _R.REQUIRES_ACTION: ("The bank waits to refund {}", Holder.PATIENT),
    _R.PENDING: ("Refund of {} on its way", Holder.PAYMENT),
    _R.SUBMITTED: ("Stripe is asked to refund {}", Holder.PAYMENT),
    _R.PLANNED: ("Refund of {} planned", Holder.US),
}
_CHARGING = {
    _C.SUBMITTED: ("Stripe is asked to charge the saved card", Holder.PAYMENT),
    _C.PLANNED: ("The saved card is charged in a minute", Holder.US),
}
_COMING_IN = {
    _P.UNKNOWN: ("Stripe uses an unknown word", Holder.US),
    _P.REQUIRES_ACTION: ("To be confirmed with the bank", Holder.PATIENT),
    _P.REQUIRES_PAYMENT: ("Waits for a card that works", Holder.PATIENT),
    _P.PROCESSING: ("Stripe is collecting it", Holder.PAYMENT),
    _P.AUTHORISED: ("Reserved, not collected", Holder.US),
    _P.EXPECTED: ("Stripe is asked about it", Holder.PAYMENT),
}


def standing(steps: Sequence[Step[S]], at: datetime) -> S | None:
    """Where a record stood at an instant; None before it began."""
    return next((step.status for step in reversed(steps) if step.since <= at), None)


def captured(story: Story, at: datetime) -> int:
    """What had been collected by then, in minor units of the order's currency."""
    return sum(
        one.payment.captured
        for one in story.paid
        if one.payment.currency == story.order.currency
        and standing(story.payments[one.payment.id], at) is _P.SUCCEEDED
    )


def paid_gate(story: Story) -> Gate:
    """Passed at the instant from which everything was collected."""
    if story.order.total == 0:
        return Gate("paid", "Paid", "money", Passed.UNNEEDED)
    instants = sorted(step.since for steps in story.payments.values() for step in steps)
    for at in instants:
        if captured(story, at) >= story.order.total:
            return Gate("paid", "Paid", "money", Passed.PASSED, at)
    ended = story.order.status in ENDED
    return Gate("paid", "Paid", "money", Passed.NEVER if ended else Passed.AHEAD)


def _points(story: Story) -> Iterator[Point]:
    paid_at = paid_gate(story).at
    for one in story.paid:
        for step in story.payments[one.payment.id]:
            if step.status is _P.SUCCEEDED:
                amount = Money(one.payment.captured, one.payment.currency)
                gate = "paid" if step.since == paid_at else None
                words = f"{amount} paid with {one.payment.card}"
                yield Point("paid", step.since, words, "good", "circle", gate)
            elif step.status is _P.CANCELED:
                yield Point("canceled", step.since, "A payment was called off", "quiet", "square")
        for refund in one.refunds:
            yield from _refund_points(refund, story.refunds[refund.id])
    for collection, steps in story.collections.items():
        yield from _charge_points(collection, steps)
    for held in story.held:
        state, tone, shape = held.looks
        yield Point(state, held.at, held.says, tone, shape)


_TURNS = {
    _R.PLANNED: ("Refund of {} planned by {}", "quiet", "ring"),
    _R.PENDING: ("Stripe took the refund of {}", "info", "half"),
    _R.REQUIRES_ACTION: ("The refund of {} needs the customer", "warn", "triangle"),
    _R.SUCCEEDED: ("{} sent back", "good", "circle"),
    _R.FAILED: ("The refund of {} came back", "bad", "cross"),
    _R.WITHDRAWN: ("The refund of {} was undone", "quiet", "square"),
}


_CHARGES = {
    _C.PLANNED: ("Charge of {} to {} planned by {}", "quiet", "ring"),
    _C.FAILED: ("{} could not be charged to {}", "bad", "cross"),
    _C.WITHDRAWN: ("The charge of {} was undone", "quiet", "square"),
}


def _charge_points(collection: Collection, steps: Sequence[Step[CollectionStatus]]) -> Iterator[Point]:
    """What became of one that succeeded, its payment tells."""
    for step in steps:
        if step.status in _CHARGES:
            words, tone, shape = _CHARGES[step.status]
            says = words.format(collection.money, collection.card, collection.by)
            yield Point(f"charge_{step.status.value}", step.since, says, tone, shape)


def _refund_points(refund: Refund, steps: Sequence[Step[RefundStatus]]) -> Iterator[Point]:
    for step in steps:
        if step.status in _TURNS:
            words, tone, shape = _TURNS[step.status]
            says = words.format(refund.money, refund.by)
            yield Point(f"refund_{step.status.value}", step.since, says, tone, shape)
