"""Once a day the processor's lists of payouts and entries are read: an event that was lost is known none the less."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from ... import vendors
from ...db import db, instant
from ...models import BalancePull, Payout, Promise, PromiseStatus, PullStatus
from ...vendors.billing import Listed
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import Keeper, keeper, promise
from ._entries import take_in
from ._settle import ITEMISES, mirror

REACH = timedelta(days=30)  # how far back the first one reads
PATIENCE = timedelta(hours=1)
AGAIN = timedelta(days=2)  # what was read last time and is read again: lists and clocks differ


@act(robots=("clock", "console"))
def pull(*, by: Actor) -> BalancePull | None:
    """Begin to read what is new since the last time, two days more to be sure; nothing when nobody keeps our balance."""
    if not vendors.connected("billing"):
        say("Nobody is connected who keeps our balance")
        return None
    now = performing().now
    last = db.session.scalar(
        select(func.max(BalancePull.created_at)).where(BalancePull.status == PullStatus.DONE)
    )
    since = (last - AGAIN if last else now - REACH).replace(minute=0, second=0, microsecond=0)
    begun = BalancePull(status=PullStatus.RUNNING, since=since, created_at=now).add()
    _read(begun, _payouts, "payouts", after=None)
    say(f"Asked Stripe for its payouts and our balance since {since:%d %b %Y, %H:%M}")
    return begun


@act(robots=("worker",))
def listed(pull_id: str, *, facts: Listed, fetched_at: datetime, by: Actor) -> BalancePull:
    """Take in a page of payouts; after the last one the entries are read."""
    pulled = BalancePull.lock(pull_id)
    fresh = 0
    for one in sorted(facts.items, key=lambda payout: payout.id):
        fresh += Payout.by_external(one.id) is None
        mirror(one, fetched_at)
    _count(pulled, len(facts.items), fresh, "payouts")
    if facts.next:
        _read(pulled, _payouts, "payouts", after=facts.next)
    else:
        _read(pulled, _entries, "the entries of our balance", after=None)
    return pulled


@act(robots=("worker",))
def entered(pull_id: str, *, facts: Listed, fetched_at: datetime, by: Actor) -> BalancePull:
    """Take in a page of entries."""
    pulled = BalancePull.lock(pull_id)
    _count(pulled, len(facts.items), take_in(facts.items), "entries")
    if facts.next:
        _read(pulled, _entries, "the entries of our balance", after=facts.next)
    else:
        pulled.move_to(PullStatus.READ)
    return pulled


def unfinished() -> list[str]:
    """Readings that are complete, and whose days nobody has tied out yet: once what their payouts are made of was read
    too, or that takes too long."""
    still = select(Promise.id).where(
        Promise.kind == ITEMISES, Promise.status.in_((PromiseStatus.WAITING, PromiseStatus.CLAIMED))
    )
    complete = or_(~still.exists(), BalancePull.status_since < instant() - PATIENCE)
    query = select(BalancePull.id).where(BalancePull.status == PullStatus.READ, complete)
    return list(db.session.scalars(query.order_by(BalancePull.created_at)))


@act(robots=("clock",))
def finish(pull_id: str, *, by: Actor) -> BalancePull:
    """The days that a reading is about are tied out."""
    pulled = BalancePull.lock(pull_id)
    if pulled.status == PullStatus.READ:
        pulled.move_to(PullStatus.DONE)
        say("Its days are tied out")
    return pulled


_payouts = keeper("payouts.list", call="billing.payouts", then=listed, changes=False)
_entries = keeper("payouts.enter", call="billing.entries", then=entered, changes=False)


def _count(pulled: BalancePull, seen: int, fresh: int, what: str) -> None:
    pulled.seen += seen
    pulled.fresh += fresh
    say(f"Read {seen} {what} at Stripe, {fresh} of them new to us")


def _read(pulled: BalancePull, keep: Keeper, what: str, *, after: str | None) -> None:
    promise(
        keep,
        pulled,
        lane="stripe:balance",
        says=f"Stripe lists {what} since {pulled.since:%d %b %Y, %H:%M}",
        arguments={"since": int(pulled.since.timestamp()), "after": after},
        due_in=timedelta(0),
    )
