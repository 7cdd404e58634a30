"""Putting right what differs, step one: a person does what a finding suggests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ... import vendors
from ...lib.refusal import Refused
from ...models import Customer, Drift, DriftStatus, Fill, Order, OrderStatus, PromiseStatus, Shipment
from .. import outbox
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import promise
from . import _billing, _compare_billing
from ._answered import NotOpen, ask_fill, ask_parcel, put_right, readdress, stop
from ._compare_parcels import PORT
from ._finding import OVER
from ._kinds import KINDS, Repair
from ._look import follow_anew


class NothingToRepair(Refused):
    """Nothing here puts it right: another act does, or a person outside."""


class BeingRepaired(Refused):
    """Its repair is under way."""


_ASKING = (PromiseStatus.WAITING, PromiseStatus.CLAIMED)


@act
def repair(drift_id: str, *, by: Actor) -> Drift:
    """Do what the finding suggests. What is asked of the outside decides whether it is repaired.

    Raises NotOpen, NothingToRepair, BeingRepaired.
    """
    known = Drift.require(drift_id)
    order = _locked_order(known)
    drift = Drift.lock(drift_id)
    if why_not := why_not_repair(drift):
        raise why_not
    how = KINDS[drift.kind].repair
    assert how
    drift.asked_at = performing().now
    if how is Repair.READY and order:
        _make_ready(drift, order)
    elif how is Repair.FOLLOW and drift.shipment_id:
        follow_anew(drift.shipment_id)
        put_right(drift)
    elif drift.port == _compare_billing.PORT:
        _billing.ask(drift)
    else:
        _ask(drift, how, order)
    say(
        f"{KINDS[drift.kind].words}{f', order {order.reference}' if order else ''}: {KINDS[drift.kind].label.lower()}"
    )
    return drift


def why_not_repair(drift: Drift) -> Refused | None:
    """What speaks against repairing it now."""
    if drift.status != DriftStatus.OPEN:
        return NotOpen(f"This finding is {drift.status}.")
    if not drift.suggests or drift.suggests["act"] != "reconciliation.repair":
        return NothingToRepair("This cannot be put right from here: do what it suggests.")
    if asking(drift):
        return BeingRepaired("Its repair is under way.")
    if any(one.status == PromiseStatus.MANUAL_INTERVENTION for one in outbox.of(drift.id)):
        return BeingRepaired("Its repair is a case: try it again there.")
    return None


def asking(drift: Drift) -> bool:
    """Is somebody outside being asked about it right now?"""
    return any(one.status in _ASKING for one in outbox.of(drift.id))


def _locked_order(drift: Drift) -> Order | None:
    if not drift.order_id:
        return None
    Customer.lock(Order.require(drift.order_id).customer_id)
    return Order.lock(drift.order_id)


def _make_ready(drift: Drift, order: Order) -> None:
    """It goes to a pharmacy like any other order, unless somebody has it by now."""
    made = any(one.status not in OVER for one in Fill.of_order(order.id))
    if made or any(one.last_scan_at for one in Shipment.of_order(order.id)):
        raise NothingToRepair("A pharmacy has it by now: compare the order again.")
    if order.status in (OrderStatus.SUBMITTED, OrderStatus.AT_PHARMACY, OrderStatus.SHIPPED):
        order.move_to(OrderStatus.MANUAL_INTERVENTION)
    if order.status == OrderStatus.MANUAL_INTERVENTION:
        order.move_to(OrderStatus.READY)
    put_right(drift)


def _ask(drift: Drift, how: Repair, order: Order | None) -> None:
    """Write down what the outside is asked."""
    name = vendors.name_of("easypost" if drift.port == PORT else drift.port)
    of = f"order {order.reference}" if order else str(drift.external_id)
    arguments: dict[str, Any] = {"id": drift.external_id}
    what, says = ask_fill, f"{name} is asked how the fill of {of} stands"
    if drift.port == PORT:
        what, says = ask_parcel, f"{name} is asked where the parcel of {of} is"
    elif how is Repair.STOP:
        what, says = stop, f"{name} is asked to stop {drift.external_id}{f' of {of}' if order else ''}"
    elif how is Repair.READDRESS and order:
        state = order.ships_to.state if order.ships_to else "nowhere"
        what, says = readdress, f"{name} is told to ship order {order.reference} to {state}"
        arguments["ship_to"] = order.ship_to
    lane = f"pharmacy:{order.id}" if order and drift.port != PORT else f"{drift.port}:{drift.external_id}"
    promise(what, drift, lane=lane, says=says, arguments=arguments, due_in=timedelta(0), port=drift.port)
