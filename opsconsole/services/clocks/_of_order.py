"""An order's whole time: from its lanes, and what its visits, fills and parcels tell beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...db import now
from ...lib.business_time import ALWAYS, between
from ...models import Collection, Holder, Order, OrderStatus
from .. import gates, orders
from ..orders import Lanes, Look, Span
from ..service_levels import CLINIC, COMPANY, Levels
from ._attribute import Attribution, Held, Move, Outage, attribute
from ._finer import Stay, cut, stays
from ._outages import outages_between

_S = OrderStatus
# Of several who owe something, whose the ball is: what stands still, then money in trouble, then what it waits for.
STOPPED, TROUBLE, CARE, PARCEL, MONEY, OURS, BESIDE, NOTHING = range(8)
_IN_TROUBLE = ("disputed", "refund_failed", "kept")
_STANDS_STILL = (_S.ON_HOLD, _S.MANUAL_INTERVENTION)
_AT_A_PHARMACY = (_S.SUBMITTED, _S.AT_PHARMACY)


def of(
    order: Order,
    lanes: Lanes | None = None,
    outages: Iterable[Outage] | None = None,
    *,
    told: Sequence[Stay] | None = None,
) -> Attribution:
    """Who had the ball of an order, from when it was placed until nothing was awaited any more, or until now.

    One statement for what it consists of and one for the vendors' incidents, unless they are handed in; and those of
    `orders.lanes` where `lanes` are not given.
    """
    lanes = lanes or read_lanes(order)
    told = stays(order.id) if told is None else told
    began = order.placed_at
    moves = [one for one in _moves(lanes, told) if one.at < lanes.now]
    start = Move(began, "order", Holder.NOBODY, "", NOTHING)
    until = max(lanes.now, began)
    down = outages_between(began, until) if outages is None else outages
    return attribute([start, *_from(began, moves)], down, until).over()


def read_lanes(order: Order) -> Lanes:
    """The order's lanes, with what keeps one that is ready from going."""
    awaited = None
    if order.status == _S.READY:
        stands = gates.of_order(order, now(), order.lines()).all
        first = next((one for gate in stands for one in gate.blockers), None)
        awaited = orders.Awaited(first.who, first.says) if first else None
    return orders.lanes(order, awaited=awaited, collections=Collection.of_order(order.id))


def _from(began: datetime, moves: Iterable[Move]) -> Iterator[Move]:
    """Nothing before the order was placed: what held then begins there."""
    last: dict[str, Move] = {}
    for move in sorted(moves, key=lambda one: one.at):
        if move.at < began:
            last[move.axis] = move
        else:
            yield move
    for move in last.values():
        yield Move(**{**vars(move), "at": began})


def _moves(lanes: Lanes, told: Sequence[Stay]) -> Iterator[Move]:
    visits = [one for one in told if one.kind == "visit"][::-1]  # of several, what the latest says
    fills = [one for one in told if one.kind == "fill"]
    parcels = [one for one in told if one.kind == "parcel"]
    for span in lanes.prescription.spans:
        yield from _care(span, lanes, visits)
    for span in lanes.parcel.spans:
        yield from _parcel(span, fills, parcels)
    for span in lanes.money.spans:  # in trouble it comes first, awaited it comes last
        yield _move(span, "money", TROUBLE if span.state in _IN_TROUBLE else MONEY, "payments")
    yield from _ours(lanes)
    yield from _beside(lanes, visits)


def _care(span: Span, lanes: Lanes, visits: Sequence[Stay]) -> Iterator[Move]:
    """The prescription lane: drafts and stops stand in it too."""
    if span.state == "not_begun":
        yield Move(
            span.since, "care", Holder.PATIENT, "The customer has to finish checking out", CARE, "draft"
        )
    elif span.state in _STANDS_STILL:
        yield _move(span, "care", STOPPED)
    elif span.state in (_S.AWAITING_VISIT, _S.IN_REVIEW):
        for piece, _ in cut(span, visits):
            yield _move(piece, "care", CARE, "healthcare")
    else:
        yield _move(span, "care", CARE, "healthcare")


def _parcel(span: Span, fills: Sequence[Stay], parcels: Sequence[Stay]) -> Iterator[Move]:
    if span.state in _STANDS_STILL:
        yield _move(span, "parcel", STOPPED)
    elif span.state == _S.READY and span.look is Look.STOP:  # what keeps it has a limit of its own
        yield replace(_move(span, "parcel", PARCEL), state="kept_back")
    elif span.state in _AT_A_PHARMACY:
        for piece, stay in cut(span, fills):
            port = stay.port if stay else _port_at(fills, piece.since)
            yield _move(piece, "parcel", PARCEL, port)
    elif span.state == _S.SHIPPED:
        for piece, _ in cut(span, parcels):
            yield _move(piece, "parcel", PARCEL, "tracking")
    else:
        yield _move(span, "parcel", PARCEL, _port_at(fills, span.since))


def _port_at(fills: Sequence[Stay], at: datetime) -> str | None:
    """The pharmacy that had the order then: that of the latest fill that was there."""
    there = [one for one in fills if one.since <= at and (one.until is None or at < one.until)]
    return there[-1].port if there else None


def _ours(lanes: Lanes) -> Iterator[Move]:
    """What is ours though no lane says so: money is there and the order did not move on; a parcel came back."""
    replaced = [point.at for point in lanes.parcel.points if point.state == "replaced"]
    instants = {span.since for lane in lanes.all for span in lane.spans} | set(replaced)
    for at in sorted(instants):
        money, care, parcel = (_at(lane.spans, at) for lane in lanes.all)
        holder, why, state = Holder.NOBODY, "", ""
        if parcel is None or money is None or care is None or _owed(money) or _owed(care):
            pass
        elif parcel.state == _S.RETURNED and money.state in ("paid", "partly_refunded"):
            if not any(one <= at for one in replaced):
                holder, why, state = Holder.US, "It came back: replace it, or give the money back", "returned"
        elif parcel.state == "not_begun" and care.state != "not_begun" and money.look is Look.REST:
            holder, why = Holder.US, "The money is there: the order has to move on"
        yield Move(at, "ours", holder, why, OURS, state)


def _at(spans: Sequence[Span], at: datetime) -> Span | None:
    """The span that holds at an instant."""
    return next(
        (one for one in reversed(spans) if one.since <= at and (one.until is None or at < one.until)), None
    )


def _owed(span: Span) -> bool:
    return span.look in (Look.WAIT, Look.STOP) and span.holder is not Holder.NOBODY


def _beside(lanes: Lanes, visits: Sequence[Stay]) -> Iterator[Move]:
    """A visit that is open while its order is elsewhere: somebody owes something, and has not the ball."""
    care = [span for span in lanes.prescription.spans if span.state in (_S.AWAITING_VISIT, _S.IN_REVIEW)]
    for stay in visits:
        axis = f"visit {stay.record_id}"
        holder, why = stay.told or (Holder.NOBODY, "")
        begins = [
            stay.since,
            *(at for span in care for at in (span.since, span.until) if at and at > stay.since),
        ]
        for begin in sorted(begins):
            if stay.until is None or begin < stay.until:
                inside = any(
                    span.since <= begin and (span.until is None or begin < span.until) for span in care
                )
                owes = Holder.NOBODY if inside else holder
                yield Move(begin, axis, owes, why, BESIDE, f"visit_{stay.status}", "healthcare")


def _move(span: Span, axis: str, rank: int, port: str | None = None) -> Move:
    holder = span.holder if _owed(span) else Holder.NOBODY
    return Move(span.since, axis, holder, span.says, rank, span.state, port, span.due)


# ------------------------------------------------------------------ working time

# In whose hours each party works; who is not here works day and night.
HOURS = {Holder.CLINIC: CLINIC, Holder.US: COMPANY, Holder.PHARMACY: COMPANY}


@dataclass(frozen=True)
class Clocks:
    """One party's times: as Share in _attribute.py, and how much of each was in its own working hours."""

    holder: Holder
    ball: timedelta
    ball_at_work: timedelta
    clock: timedelta
    running: bool


def shares(found: Attribution, held: Levels) -> list[Clocks]:
    """The parties' times, with the hours of each from what `held` has read. A pharmacy's are its own, where it has any."""
    return [
        Clocks(one.holder, one.ball, _worked(found.spans, one.holder, held), one.clock, one.running)
        for one in found.shares()
    ]


def _worked(spans: Iterable[Held], holder: Holder, held: Levels) -> timedelta:
    return sum((_at_work(one, held) for one in spans if one.holder is holder), timedelta())


def _at_work(one: Held, held: Levels) -> timedelta:
    name = HOURS.get(one.holder)
    if one.holder is Holder.PHARMACY and one.port in held.calendars:
        name = one.port
    return between(one.since, one.until, held.counted_in(name) if name else ALWAYS)
