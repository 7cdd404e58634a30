"""Putting right what differs: a person asks for it, a worker asks the outside, and what it answers decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ... import vendors
from ...lib.refusal import Refused
from ...models import (
    Customer,
    Drift,
    DriftStatus,
    Order,
    OrderStatus,
    PromiseStatus,
    ReconciliationRun,
)
from ...vendors.pharmacy import FillFacts, FillState
from ...vendors.tracking import TrackerFacts
from .. import cases, fills, outbox
from .._act import act, performing, say
from .._actor import WORKER, Actor, robot
from ..outbox import Reopened, keeper, promise
from ._compare_fills import ENDED
from ._compare_parcels import PORT
from ._kinds import KINDS, Repair
from ._look import at_fills, at_parcels, follow_anew
from ._record import REASON, end


class NotOpen(Refused):
    """It is over: repaired, dismissed, or gone by itself."""


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
        _put_right(drift)
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
    """It goes to a pharmacy like any other order. Only what moved meanwhile is left as it is."""
    if order.status in (OrderStatus.SUBMITTED, OrderStatus.AT_PHARMACY, OrderStatus.SHIPPED):
        order.move_to(OrderStatus.MANUAL_INTERVENTION)
    if order.status == OrderStatus.MANUAL_INTERVENTION:
        order.move_to(OrderStatus.READY)
    _put_right(drift)


def _ask(drift: Drift, how: Repair, order: Order | None) -> None:
    """Write down what the outside is asked."""
    name = vendors.name_of("easypost" if drift.port == PORT else drift.port)
    of = f"order {order.reference}" if order else str(drift.external_id)
    arguments: dict[str, Any] = {"id": drift.external_id}
    what, says = _read, f"{name} is asked how the fill of {of} stands"
    if drift.port == PORT:
        what, says = _track, f"{name} is asked where the parcel of {of} is"
    elif how is Repair.STOP:
        what, says = _stop, f"{name} is asked to stop {drift.external_id}{f' of {of}' if order else ''}"
    elif how is Repair.READDRESS and order:
        state = order.ships_to.state if order.ships_to else "nowhere"
        what, says = _readdress, f"{name} is told to ship order {order.reference} to {state}"
        arguments["ship_to"] = order.ship_to
    lane = f"pharmacy:{order.id}" if order and drift.port != PORT else f"{drift.port}:{drift.external_id}"
    promise(what, drift, lane=lane, says=says, arguments=arguments, due_in=timedelta(0), port=drift.port)


# ---------------------------------------------------------------- what the outside answers


@act(robots=("worker",))
def told(drift_id: str, *, facts: FillFacts | None, fetched_at: datetime, by: Actor) -> Drift:
    """The pharmacy told how the fill stands: ours follows, or what it does not have is given up or taken in."""
    drift = Drift.lock(drift_id)
    if drift.status != DriftStatus.OPEN or not drift.external_id:
        say("It was settled meanwhile")
        return drift
    how = KINDS[drift.kind].repair
    if how is Repair.GIVE_UP and facts is None:
        gone = FillFacts(id=drift.external_id, state=FillState.CANCELED, raw_status="not there")
        fills.settle(drift.external_id, facts=gone, fetched_at=fetched_at, by=robot(drift.port))
    elif how is Repair.ADOPT and facts and drift.order_id and facts.state not in ENDED:
        fills.adopt(
            drift.order_id,
            pharmacy=drift.port.removeprefix("pharmacy-"),
            facts=facts,
            fetched_at=fetched_at,
            by=WORKER,
        )
    _compare(drift, {drift.external_id: facts}, fetched_at)
    say(
        f"{vendors.name_of(drift.port)} says: {facts.raw_status if facts else 'not there'}. {_outcome(drift)}"
    )
    return drift


@act(robots=("worker",))
def seen(drift_id: str, *, facts: TrackerFacts | None, fetched_at: datetime, by: Actor) -> Drift:
    """The carrier's vendor told where the parcel is: ours follows, or it is followed anew."""
    drift = Drift.lock(drift_id)
    if drift.status == DriftStatus.OPEN and drift.external_id:
        at_parcels(_mending(drift), {drift.external_id: facts}, fetched_at)
    say(f"EasyPost says: {facts.raw_status if facts else 'not followed'}. {_outcome(drift)}")
    return drift


@act(robots=("worker",))
def answered(drift_id: str, *, facts: FillFacts, fetched_at: datetime, by: Actor) -> Drift:
    """The pharmacy was asked to stop it, or told an address: what it holds now says whether that was done."""
    drift = Drift.lock(drift_id)
    if drift.status == DriftStatus.OPEN and drift.external_id:
        _compare(drift, {drift.external_id: facts}, fetched_at)
        if drift.status == DriftStatus.OPEN and KINDS[drift.kind].repair is Repair.STOP:
            _not_stopped_yet(drift, facts)
    say(f"{vendors.name_of(drift.port)} says: {facts.raw_status}. {_outcome(drift)}")
    return drift


@act(robots=("worker",))
def refused(drift_id: str, *, code: str, words: str, by: Actor) -> Drift:
    """The pharmacy would not do it. The outbox opens the case; the finding stays."""
    drift = Drift.lock(drift_id)
    say(f"{vendors.name_of(drift.port)} declined: {words}")
    return drift


def _not_stopped_yet(drift: Drift, facts: FillFacts) -> None:
    """It decides later, or would not: then somebody calls."""
    if facts.cancel is None or facts.cancel.value != "denied":
        return
    words = f"{vendors.name_of(drift.port)} would not stop {drift.external_id}: it will ship. Call them if it must not."
    suggests = {
        "act": "reconciliation.dismiss",
        "url": f"{drift.url}/dismiss",
        "label": "Dismiss it once it is settled",
    }
    case = cases.open_case(REASON, drift.id, says=words, suggests=suggests, about=drift.related())
    case.suggests = drift.suggests = suggests


def _compare(drift: Drift, facts: Mapping[str, FillFacts | None], fetched_at: datetime) -> None:
    at_fills(_mending(drift), drift.port, facts, fetched_at)


def _mending(drift: Drift) -> ReconciliationRun:
    """The run that saw it, as one that mends: a person wants just that. What it counts is not kept."""
    seen_by = ReconciliationRun.require(drift.run_id)
    return ReconciliationRun(
        id=seen_by.id, fix=True, order_id=seen_by.order_id, since=seen_by.since, found=0, repaired=0, gone=0
    )


def _put_right(drift: Drift) -> None:
    end(_mending(drift), drift)


def _outcome(drift: Drift) -> str:
    return "We agree again" if drift.status != DriftStatus.OPEN else "We still differ"


def _again(drift_id: str, *, fix: Mapping[str, Any], by: Actor) -> Reopened | None:
    """A person tries again what was refused: the same, as it is asked for now."""
    drift = Drift.lock(drift_id)
    if drift.status != DriftStatus.OPEN:
        raise NotOpen(f"This finding is {drift.status}: dismiss the case.")
    return None


_read = keeper("reconciliation.read", call="pharmacy.fetch_fill", then=told, changes=False)
_track = keeper("reconciliation.see", call="tracking.fetch", then=seen, changes=False)
_stop = keeper(
    "reconciliation.stop", call="pharmacy.cancel_fill", then=answered, declined=refused, reopened=_again
)
_readdress = keeper(
    "reconciliation.readdress",
    call="pharmacy.change_address",
    then=answered,
    declined=refused,
    reopened=_again,
)
