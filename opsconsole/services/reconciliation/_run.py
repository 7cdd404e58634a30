"""Comparing, step one: a person, the clock or a command begins, and what is to be read is promised page by page."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ... import vendors
from ...db import db
from ...lib.refusal import Refused
from ...models import Order, Promise, PromiseStatus, ReconciliationRun, RunStatus
from ...models.reconciliation_run import FETCH, LIST, Part
from .. import cases, inbox
from .._act import act, performing, say
from .._actor import Actor
from ._pages import go_on

REACH = timedelta(days=30)  # orders of so long are compared whatever became of them
GIVEN_UP = timedelta(hours=12)  # a run that is older waits for somebody who does not answer


class Running(Refused):
    """A comparison is under way."""


class NobodyToAsk(Refused):
    """No pharmacy and no carrier is connected."""


@act
def run(*, fix: bool, by: Actor) -> ReconciliationRun:
    """Compare all orders that are open, or of the last 30 days, with every pharmacy and carrier. With `fix`, copies of
    ours that are merely stale are brought up to date on the way. Raises Running, NobodyToAsk."""
    if under_way := _under_way():
        raise Running(
            f"A comparison is under way since {under_way.created_at:%d %b, %H:%M}: {under_way.url}."
        )
    return _begin(None, fix=fix, by=by)


@act(robots=("clock", "console"))
def begin(*, fix: bool, by: Actor) -> ReconciliationRun | None:
    """The clock's and the command's own: one that is under way goes on from where it is."""
    if under_way := _under_way():
        under_way.fix = under_way.fix or fix
        say(f"A comparison is under way since {under_way.created_at:%d %b, %H:%M}, and goes on")
        return under_way
    if not ports():
        say("No pharmacy and no carrier is connected")
        return None
    return _begin(None, fix=fix, by=by)


@act
def reconcile(order_id: str, *, fix: bool, by: Actor) -> ReconciliationRun:
    """Compare one order with the pharmacies and its carrier now. Raises Running, NobodyToAsk."""
    order = Order.lock(order_id)
    query = select(ReconciliationRun.id).where(
        ReconciliationRun.order_id == order.id, ReconciliationRun.status == RunStatus.RUNNING
    )
    if db.session.scalar(query.limit(1)):
        raise Running("This order is being compared already.")
    return _begin(order, fix=fix, by=by)


def ports(*, of_order: bool = False) -> list[str]:
    """Who is connected of those that are compared with, or that one order is: no order has subscriptions and invoices."""
    known = [source for source in inbox.listed() if source.startswith("pharmacy-")]
    others = ("tracking",) if of_order else ("tracking", "billing")
    return [*known, *(port for port in others if vendors.connected(port))]


def _under_way() -> ReconciliationRun | None:
    """The run that is not over, locked. One that waits for somebody for too long is ended."""
    query = select(ReconciliationRun).where(
        ReconciliationRun.status == RunStatus.RUNNING, ReconciliationRun.order_id.is_(None)
    )
    found = db.session.scalar(query.with_for_update())
    if found and performing().now - found.created_at > GIVEN_UP:
        _stop(found)
        return None
    return found


def _stop(run: ReconciliationRun) -> None:
    """Nobody waits for its answers any more."""
    waiting = select(Promise).where(
        Promise.subject_id == run.id,
        Promise.status.in_((PromiseStatus.WAITING, PromiseStatus.MANUAL_INTERVENTION)),
    )
    for promise in db.session.scalars(waiting.order_by(Promise.position).with_for_update()):
        given_up = promise.status == PromiseStatus.MANUAL_INTERVENTION
        promise.move_to(PromiseStatus.DISMISSED if given_up else PromiseStatus.WITHDRAWN)
    cases.close_when_solved(
        {"vendor_unavailable_exhausted", "vendor_rejected", "our_fault"},
        run.id,
        "the next comparison asks anew",
    )
    run.ended_at = performing().now
    run.move_to(RunStatus.STOPPED)
    db.session.flush()  # its place is free before the next one takes it


def _begin(order: Order | None, *, fix: bool, by: Actor) -> ReconciliationRun:
    connected = ports(of_order=order is not None)
    if not connected:
        raise NobodyToAsk("No pharmacy and no carrier is connected.")
    now = performing().now
    run = ReconciliationRun(
        status=RunStatus.RUNNING,
        order_id=order.id if order else None,
        fix=fix,
        since=_since(order, now),
        by=by.label,
        created_at=now,
    )
    # Of one order the parcels are known by their numbers: the list of all that moved is not needed.
    run.write_parts([Part(port, FETCH if order and port == "tracking" else LIST) for port in connected])
    run.add()
    for port in connected:
        go_on(run, port)
    of = f"order {order.reference}" if order else f"all open orders, and those since {run.since:%d %b %Y},"
    say(f"Began to compare {of} with {', '.join(vendors.name_of(port) for port in connected)}")
    return run


def _since(order: Order | None, now: datetime) -> datetime:
    """Whole hours, so that a preview's hash holds for a while."""
    from_then = order.placed_at if order else now
    return (from_then - REACH).replace(minute=0, second=0, microsecond=0)
