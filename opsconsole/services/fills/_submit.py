"""Having an order filled, step one: a person, the rules or the clock decide where, and its fills are queued."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from ...lib.refusal import Invalid, Refused
from ...models import (
    Customer,
    Fill,
    FillStatus,
    Order,
    OrderKind,
    OrderStatus,
    Pharmacy,
    Prescription,
    Replacement,
)
from .. import cases, gates
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import promise
from ..routing import Wanted
from ._ask import ask, asks
from ._choose import NO_PHARMACY, NoPharmacy, Place, lines_of, places, shippable

_FREE = (FillStatus.WITHDRAWN, FillStatus.CANCELED)  # these hold no place


class NotReady(Refused):
    """Only what is paid for and prescribed goes to a pharmacy."""


class FillThere(Refused):
    """The order has a fill already."""


class NothingToFill(Refused):
    """No line of the order is anything that a pharmacy ships."""


@act(undo=60)
def submit(order_id: str, *, pharmacy: str | None, prescription: str | None, by: Actor) -> Fill:
    """Have pharmacies make up and ship an order that is ready: a fill for each pharmacy and prescription that it needs.

    `pharmacy` is our pharmacy's id or URL, for all of it; unless given, whom somebody chose for this order, else whom the
    routing rules say. `prescription` is the prescription's id, ours or the vendor's, where all lines can be filled from one;
    unless given, for each line the one that lasts longest. Every gate of the order must be open. Returns the first fill.
    Raises NotReady, FillThere, NoShipTo, NoPharmacy, NothingToFill, Invalid.
    """
    Customer.lock(Order.require(order_id).customer_id)
    return plan(Order.lock(order_id), pharmacy=pharmacy, prescription=prescription, by=by)[0]


def plan(order: Order, *, pharmacy: str | None, prescription: str | None, by: Actor) -> list[Fill]:
    """Queue the order's fills, with the order locked."""
    lines = lines_of(order)
    if standing := [fill for fill in Fill.of_order(order.id) if fill.status not in _FREE]:
        raise FillThere(f"There is a fill already, and it is {_words(standing[0])}: go on from that one.")
    if order.status != OrderStatus.READY:
        words = order.status.replace("_", " ")
        raise NotReady(f"Only an order that is ready goes to a pharmacy; this one is {words}.")
    if not lines:
        raise NothingToFill("No line of this order is anything that a pharmacy ships.")
    shippable(order, pharmacy)
    good = makes_good(order)
    rx = _prescriptions(order, good.prescription_id if good else prescription)
    where = places(order, lines, pharmacy or (good.pharmacy_id if good else None))
    only_by(good, *(place.pharmacy for place in where))
    groups = [group for place in where for group in _grouped(order, place, rx, prescription)]
    if good:
        groups = [(where[0], good.prescription_id, list(lines.all))]
    fills = [_queue(order, place, id, items, good, by) for place, id, items in groups]
    cases.close_when_solved(NO_PHARMACY, order.id, "a pharmacy was found")
    why = where[0].why
    names = " and ".join(dict.fromkeys(place.pharmacy.name for place in where))
    say(f"Order {order.reference} goes to {names}: {why[0].lower()}{why[1:]}")
    return fills


Group = tuple[Place, str, list[Wanted]]


def _grouped(order: Order, place: Place, rx: Mapping[str, Prescription], wanted: str | None) -> list[Group]:
    """What goes to one pharmacy, a fill for each prescription. Lines that need none ride with the first of them; where there
    is none at all, they go under the order's number, or what was asked for."""
    of_rx: dict[str, list[Wanted]] = {}
    free = [line for line in place.lines if line.sku not in rx]
    for line in place.lines:
        if line.sku in rx:
            of_rx.setdefault(rx[line.sku].external_id, []).append(line)
    if not of_rx:
        of_rx[(wanted if wanted and not rx else None) or f"rx-{order.reference}"] = []
    next(iter(of_rx.values())).extend(free)
    return [(place, id, lines) for id, lines in of_rx.items()]


def makes_good(order: Order) -> Fill | None:
    """The fill that is made up once more without using another of the prescription; None where one is used."""
    made = Replacement.making(order) if order.kind == OrderKind.REPLACEMENT else None
    return Fill.require(made.fill_id) if made and made.fill_id and not made.uses_fill else None


def only_by(good: Fill | None, *where: Pharmacy) -> None:
    """What a pharmacy makes good itself goes to no other one. Raises NoPharmacy."""
    if good and any(one.id != good.pharmacy_id for one in where):
        words = f"Only {good.pharmacy.name} makes this good without using a fill of the prescription."
        raise NoPharmacy(words, field="pharmacy")


def _queue(
    order: Order, place: Place, prescription: str, lines: Sequence[Wanted], good: Fill | None, by: Actor
) -> Fill:
    items = items_of(place.theirs, lines)
    fill = Fill(
        status=FillStatus.QUEUED,
        order_id=order.id,
        customer_id=order.customer_id,
        pharmacy_id=place.pharmacy.id,
        prescription_id=prescription,
        number=good.number if good else gates.next_number(prescription),
        replaces_fill_id=good.id if good else None,
        items=items,
        line_set=line_set(items),
        why=place.why,
        considered=[other.as_json for other in place.others],
        chosen=place.chosen,
        routing_id=place.routing_id,
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    asked = asks(fill)
    promise(ask, fill, lane=fill.lane, says=asked.says, arguments=asked.arguments, port=place.pharmacy.port)
    return fill


def items_of(theirs: Mapping[str, str], lines: Sequence[Wanted]) -> list[dict[str, Any]]:
    """The lines as a pharmacy is asked for them; `theirs` is the sku by which pharmacies know each, by the line's id."""
    return [{"line": line.id, "sku": theirs[line.id], "quantity": line.quantity} for line in lines]


def line_set(items: Sequence[dict[str, Any]]) -> str:
    """What stands for which lines these are."""
    return hashlib.sha256(" ".join(sorted(item["line"] for item in items)).encode()).hexdigest()


def _prescriptions(order: Order, wanted: str | None) -> Mapping[str, Prescription]:
    """sku -> the prescription to fill it from, for what needs one. Gates that a clinician has overridden are written down.
    Raises NotReady, Invalid."""
    stands = gates.of_order(order, performing().now)
    if stands.blockers:
        words = " ".join(one.says for one in stands.blockers)
        raise NotReady(f"It cannot go to a pharmacy yet. {words}")
    gates.used(order, stands.overridden)
    usable = stands.prescriptions
    different = {rx.external_id: rx for rx in usable.values()}
    if not wanted or not usable:
        return usable
    if len(different) > 1:
        words = f"Its lines are filled from {' and '.join(different)}, each from its own: leave this empty."
        raise Invalid({"prescription": [words]})
    [(external_id, rx)] = different.items()
    if wanted.rsplit("/", 1)[-1] not in (rx.id, external_id):
        raise Invalid({"prescription": [f"It can be filled from {external_id}; from another one it cannot."]})
    return usable


def _words(fill: Fill) -> str:
    return f"{fill.status.replace('_', ' ')} at {fill.pharmacy.name}"
