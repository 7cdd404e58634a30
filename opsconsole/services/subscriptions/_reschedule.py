"""Moving the next charge: to a day, or past the next delivery and back. Stripe calls the time until then a trial
(https://docs.stripe.com/billing/subscriptions/billing-cycle#changing); nothing is prorated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid
from ...models import Change, ChangeStatus, Subscription, SubscriptionItem, SubscriptionStatus
from .. import changes
from .._act import act, performing, warn
from .._actor import Actor
from ..outbox import Keeper
from ._coverage import uncovered
from ._forecast import Terms
from ._intent import Bills, Intent, NotChangeable, Quoted, carry_out, locked
from ._settle import changed

_S = SubscriptionStatus
FARTHEST = timedelta(days=730)  # Stripe's own limit
SOONEST = timedelta(hours=2)


def why_not_move(one: Subscription) -> str | None:
    """Why its next charge cannot be moved; None while it can."""
    if one.status not in (_S.ACTIVE, _S.TRIALING):
        return f"It is {one.status.replace('_', ' ')}: only what is charged by itself can be moved."
    if one.pause_behavior:
        return "Its collection is paused: resume it first."
    if one.schedule_id:
        return "A schedule at Stripe changes it later, and Stripe lets nobody move such a one."
    return None if one.next_charge_at else "No charge of it is to come."


def to_move(one: Subscription, items: Sequence[SubscriptionItem], *, now: datetime, on: date) -> Intent:
    """What charging next on that day asks of the processor. Raises NotChangeable and Invalid."""
    if why := why_not_move(one):
        raise NotChangeable(why)
    assert one.next_charge_at
    at = datetime.combine(on, one.next_charge_at.timetz())
    if at < now + SOONEST:
        raise Invalid({"on": ["Choose a day that is still to come."]})
    if at > now + FARTHEST:
        raise Invalid({"on": [f"At most two years ahead: until {(now + FARTHEST):%-d %b %Y}."]})
    if at == one.next_charge_at:
        raise Invalid({"on": ["It is charged on that day already."]})
    return _moved(one, items, at, f"Charge it next on {at:%-d %b %Y}, then {_cadence(items)}")


def to_skip(one: Subscription, items: Sequence[SubscriptionItem]) -> Intent:
    """What leaving the next delivery out asks of the processor. Raises NotChangeable."""
    if why := why_not_move(one):
        raise NotChangeable(why)
    assert one.next_charge_at
    terms = Terms.of(one, items)
    at = terms.after(one.next_charge_at)
    words = f"Skip the delivery of {one.next_charge_at:%-d %b %Y}: charge it next on {at:%-d %b %Y}"
    return _moved(one, items, at, words)


def to_unskip(one: Subscription, items: Sequence[SubscriptionItem], *, now: datetime) -> Intent:
    """What taking the last skip back asks of the processor. Raises NotChangeable."""
    skip = skipped(one)
    if skip is None:
        raise NotChangeable("No delivery of it is skipped.")
    at = datetime.fromisoformat(skip.details["from"])
    if at < now + SOONEST:
        raise NotChangeable(f"Its day, {at:%-d %b %Y}, is here already. Move the next charge instead.")
    if why := why_not_move(one):
        raise NotChangeable(why)
    return _moved(one, items, at, f"Do not skip the delivery of {at:%-d %b %Y} after all")


def skipped(one: Subscription) -> Change | None:
    """The skip that is in effect: the last one, while the next charge is the one that it led to."""
    query = (
        select(Change)
        .where(
            Change.subscription_id == one.id,
            Change.verb.in_((_SKIP, _UNSKIP, _MOVE)),
            Change.status == ChangeStatus.DONE,
        )
        .order_by(Change.created_at.desc(), Change.id.desc())
        .limit(1)
    )
    last = db.session.scalar(query)
    if last is None or last.verb != _SKIP or one.next_charge_at is None:
        return None
    return last if datetime.fromisoformat(last.details["to"]) == one.next_charge_at else None


@act(undo=60)
def reschedule(subscription_id: str, *, on: date, reason: str, quoted: Quoted, by: Actor) -> Change:
    """Charge it next on that day, and count its periods from it. Raises NotChangeable, UnderWay, Invalid."""
    one = locked(subscription_id)
    intent = to_move(one, one.items(), now=performing().now, on=on)
    return _move(_mover, one, intent, quoted, reason)


@act(undo=60)
def skip(subscription_id: str, *, reason: str, quoted: Quoted, by: Actor) -> Change:
    """Leave the next delivery out: nothing is charged or sent for it. Raises NotChangeable, UnderWay."""
    one = locked(subscription_id)
    return _move(_skipper, one, to_skip(one, one.items()), quoted, reason)


@act(undo=60)
def unskip(subscription_id: str, *, quoted: Quoted, by: Actor) -> Change:
    """Take the skip back: all is charged as it was before. Raises NotChangeable, UnderWay."""
    one = locked(subscription_id)
    intent = to_unskip(one, one.items(), now=performing().now)
    return _move(_unskipper, one, intent, quoted, "unskipped")


def _move(keeper: Keeper, one: Subscription, intent: Intent, quoted: Quoted, reason: str) -> Change:
    at = datetime.fromisoformat(intent.arguments["next_charge_at"])
    if why := uncovered(one, one.items(), at.date()):
        warn(f"On that day no prescription covers it. {why} Until that is put right it is not charged for.")
    return carry_out(keeper, one, intent, quoted, reason=reason)


def _moved(one: Subscription, items: Sequence[SubscriptionItem], at: datetime, words: str) -> Intent:
    assert one.next_charge_at
    return Intent(
        "reschedule",
        {"subscription": one.external_id, "next_charge_at": at.isoformat()},
        words,
        Terms.of(one, items).moved(at),
        bills=Bills.MOVED,
        details={"from": one.next_charge_at.isoformat(), "to": at.isoformat()},
    )


def _cadence(items: Sequence[SubscriptionItem]) -> str:
    return items[0].cadence if items else "as before"


_SKIP, _UNSKIP, _MOVE = "subscriptions.skip", "subscriptions.unskip", "subscriptions.reschedule"
_skipper = changes.keeps(_SKIP, "billing.reschedule", then=changed)
_unskipper = changes.keeps(_UNSKIP, "billing.reschedule", then=changed)
_mover = changes.keeps(_MOVE, "billing.reschedule", then=changed)
