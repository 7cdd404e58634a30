"""The prescription and the parcel lane, both read from where the order itself stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from ...models import Holder, OrderStatus
from ._lane import Gate, Lane, Look, Passed, Point, Span, Step, business_days, joined

_S = OrderStatus
OrderStep = Step[OrderStatus]
# The way of an order, in order; what stands beside it (held, stopped) has no place of its own.
WAY = (
    _S.DRAFT, _S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX, _S.AWAITING_PAYMENT, _S.READY, _S.SUBMITTED,
    _S.AT_PHARMACY, _S.SHIPPED, _S.DELIVERED, _S.CLOSED,
)  # fmt: skip
_CARE = {_S.AWAITING_VISIT, _S.IN_REVIEW, _S.AWAITING_RX}
_STOPPED = {
    _S.ON_HOLD: "On hold",
    _S.MANUAL_INTERVENTION: "Stopped: a person has to look",
}
ENDED = {_S.CANCELED, _S.REJECTED, _S.RETURNED, _S.CLOSED}


@dataclass(frozen=True)
class _Wait:
    says: str
    holder: Holder
    due: Callable[[datetime], datetime]


def _after(hours: float) -> Callable[[datetime], datetime]:
    return lambda since: since + timedelta(hours=hours)


# How long each usually takes at most: the thresholds after which an order counts as stuck.
_WAITS = {
    _S.AWAITING_VISIT: _Wait("Waits for the questionnaire", Holder.PATIENT, _after(72)),
    _S.IN_REVIEW: _Wait("A clinician reviews", Holder.CLINIC, _after(24)),
    _S.AWAITING_RX: _Wait("Approved, not signed yet", Holder.CLINIC, _after(24)),
    _S.READY: _Wait("Waits to go to the pharmacy", Holder.US, _after(0.5)),
    _S.SUBMITTED: _Wait("Sent to the pharmacy", Holder.PHARMACY, _after(24)),
    _S.AT_PHARMACY: _Wait("The pharmacy prepares it", Holder.PHARMACY, lambda since: business_days(since, 3)),
    _S.SHIPPED: _Wait("On its way", Holder.CARRIER, _after(240)),
}


def place(status: OrderStatus | None) -> int:
    """How far along the way a status is; -1 for what stands beside it."""
    return WAY.index(status) if status in WAY else -1


def stages(steps: Sequence[OrderStep]) -> list[int]:
    """For each step, how far the order had come by then."""
    found: list[int] = []
    for step in steps:
        here = place(_S.SHIPPED) if step.status is _S.RETURNED else place(step.status)
        found.append(here if here >= 0 else found[-1] if found else -1)
    return found


def prescription(steps: Sequence[OrderStep]) -> Lane:
    """From the questionnaire to the signature. An order that came without either says so."""
    return Lane("prescription", "Prescription", joined(_prescription(steps)), list(_care_points(steps)))


def _prescription(steps: Sequence[OrderStep]) -> Iterator[Span]:
    told = False
    for step, stage in zip(steps, stages(steps), strict=True):
        told = told or step.status in _CARE or step.status is _S.REJECTED
        in_care = place(_S.DRAFT) < stage < place(_S.AWAITING_PAYMENT)
        if step.status in _CARE:
            yield _wait(step)
        elif step.status is _S.REJECTED:
            yield _span(step, "rejected", "A clinician declined", "bad", Look.REST)
        elif step.status is None:
            yield _span(step, "unknown", "Not recorded", "quiet", Look.BLANK)
        elif step.status in _STOPPED and in_care:
            yield _stop(step)
        elif told and stage >= place(_S.AWAITING_PAYMENT):
            yield _span(step, "signed", "Prescription signed", "good", Look.REST)
        elif step.status is _S.CANCELED:
            yield _span(step, "ended", "Not needed: canceled", "quiet", Look.BLANK)
        elif step.status is _S.DRAFT:
            yield _span(step, "not_begun", "Not begun", "quiet", Look.BLANK)
        else:
            yield _span(step, "not_told", "Nothing was told of one", "quiet", Look.BLANK)


def _care_points(steps: Sequence[OrderStep]) -> Iterator[Point]:
    for gate in gates(steps):
        if gate.lane == "prescription" and gate.at:
            words = "A clinician approved" if gate.code == "approved" else "Prescription signed"
            yield Point(gate.code, gate.at, words, "good", "circle", gate.code)
    for step in steps:
        if step.status is _S.REJECTED:
            yield Point("rejected", step.since, "A clinician declined to prescribe", "bad", "cross")


def parcel(steps: Sequence[OrderStep]) -> Lane:
    """From being ready for the pharmacy to the customer's door."""
    points = sorted([*_parcel_gates(steps), *_parcel_ends(steps)], key=lambda point: point.at)
    return Lane("parcel", "Parcel", joined(_parcel(steps)), points)


def _parcel(steps: Sequence[OrderStep]) -> Iterator[Span]:
    for step, stage in zip(steps, stages(steps), strict=True):
        in_care = place(_S.DRAFT) < stage < place(_S.AWAITING_PAYMENT)
        if step.status in _STOPPED and not in_care:
            yield _stop(step)
        elif step.status in _WAITS and step.status not in _CARE:
            yield _wait(step)
        elif step.status is None:
            yield _span(step, "unknown", "Not recorded", "quiet", Look.BLANK)
        elif step.status is _S.DELIVERED:
            yield _span(step, "delivered", "Arrived", "good", Look.REST)
        elif step.status is _S.CLOSED:
            yield _span(step, "closed", "Arrived, and nobody complained", "quiet", Look.REST)
        elif step.status is _S.RETURNED:
            yield _span(step, "returned", "Came back", "bad", Look.REST)
        elif step.status in (_S.CANCELED, _S.REJECTED):
            yield _span(step, "ended", f"Nothing to send: {step.status.value}", "quiet", Look.BLANK)
        else:
            yield _span(step, "not_begun", "Not begun", "quiet", Look.BLANK)


_ARRIVALS = {
    "at_pharmacy": "The pharmacy took it",
    "shipped": "It left the pharmacy",
    "delivered": "It arrived",
}


def _parcel_gates(steps: Sequence[OrderStep]) -> Iterator[Point]:
    for gate in gates(steps):
        if gate.lane == "parcel" and gate.at:
            yield Point(gate.code, gate.at, _ARRIVALS[gate.code], "good", "circle", gate.code)


def _parcel_ends(steps: Sequence[OrderStep]) -> Iterator[Point]:
    for step in steps:
        if step.status is _S.RETURNED:
            yield Point("returned", step.since, "The parcel came back", "bad", "cross")
        elif step.status is _S.CANCELED:
            yield Point("canceled", step.since, "The order was canceled", "quiet", "square")
        elif step.status is _S.ON_HOLD:
            yield Point("on_hold", step.since, "Held", "warn", "triangle")
        elif step.status is _S.MANUAL_INTERVENTION:
            yield Point("manual_intervention", step.since, "It could not go on by itself", "warn", "triangle")


_GATES = (
    ("approved", "Approved", "prescription", _S.AWAITING_RX),
    ("signed", "Signed", "prescription", _S.AWAITING_PAYMENT),
    ("at_pharmacy", "At pharmacy", "parcel", _S.AT_PHARMACY),
    ("shipped", "Shipped", "parcel", _S.SHIPPED),
    ("delivered", "Delivered", "parcel", _S.DELIVERED),
)


def gates(steps: Sequence[OrderStep]) -> list[Gate]:
    """The gates that an order's own moves tell of."""
    told = any(step.status in _CARE or step.status is _S.REJECTED for step in steps)
    unheard = not told and steps[-1].status is not _S.DRAFT
    return [
        Gate(code, label, lane, Passed.UNKNOWN)
        if lane == "prescription" and unheard
        else _gate(code, label, lane, place(opens_at), steps)
        for code, label, lane, opens_at in _GATES
    ]


def _gate(code: str, label: str, lane: str, opens_at: int, steps: Sequence[OrderStep]) -> Gate:
    came = stages(steps)
    for index, step in enumerate(steps):
        if came[index] >= opens_at:
            exact = came[index] == opens_at or (index > 0 and steps[index - 1].status is not None)
            return Gate(code, label, lane, Passed.PASSED, step.since if exact and index else None)
    ended = steps[-1].status in ENDED
    return Gate(code, label, lane, Passed.NEVER if ended else Passed.AHEAD)


def ahead(
    gates: Sequence[Gate], step: OrderStep, now: datetime, *, paid: bool, promised: datetime | None
) -> list[Gate]:
    """The gates with the time by which those ahead should be passed, as long as each wait from here on takes as long as it
    usually takes at most. Whatever waits for the customer, or stands still, has no such time.

    `promised` is when the carrier means to deliver.
    """
    by: dict[OrderStatus, datetime] = {}
    at = step.since
    for here, following in pairwise(WAY[place(step.status) :] if step.status in WAY else ()):
        wait = _WAITS.get(here)
        if wait is None and not (here is _S.AWAITING_PAYMENT and paid):
            break
        if wait is not None and wait.holder is Holder.PATIENT:
            break
        at = max(wait.due(at), now) if wait else at
        by[following] = at
    if promised and step.status is _S.SHIPPED:
        by[_S.DELIVERED] = max(promised, now)
    opens = {code: opens_at for code, _, _, opens_at in _GATES}
    return [
        replace(gate, by=by.get(opens[gate.code]))
        if gate.passed is Passed.AHEAD and gate.code in opens
        else gate
        for gate in gates
    ]


def _wait(step: OrderStep) -> Span:
    assert step.status
    wait = _WAITS[step.status]
    due = wait.due(step.since)
    return Span(step.status.value, step.since, step.until, wait.says, "info", Look.WAIT, wait.holder, due)


def _stop(step: OrderStep) -> Span:
    assert step.status
    says = _STOPPED[step.status]
    return Span(step.status.value, step.since, step.until, says, "warn", Look.STOP, Holder.US)


def _span(step: OrderStep, state: str, says: str, tone: str, look: Look) -> Span:
    return Span(state, step.since, step.until, says, tone, look, Holder.NOBODY)
