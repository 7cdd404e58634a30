"""Resuming: by a person, or by the clock on the day that was agreed; never into what no prescription covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ...db import db, instant
from ...models import Change, ChangeStatus, Subscription, SubscriptionItem, SubscriptionStatus
from ...vendors.billing import Behavior, PauseKind
from .. import cases, changes
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._forecast import Terms
from ._in_the_way import clear, in_the_way
from ._intent import Intent, NotChangeable, Quoted, carry_out, locked
from ._settle import changed

_S = SubscriptionStatus
HELD_BACK = "resume_blocked"  # the reason of the case
AGAIN = timedelta(days=1)
SOON = timedelta(days=1)  # before Stripe resumes a collection by itself


def kind_of(one: Subscription) -> PauseKind | None:
    """Which of the two pauses is on; None while neither is."""
    if one.status == _S.PAUSED:
        return PauseKind.PAUSED
    return PauseKind.COLLECTION if one.pause_behavior and not one.final else None


def why_not_resume(one: Subscription) -> str | None:
    """Why there is nothing to resume; None while there is."""
    return None if kind_of(one) else f"It is {one.effective.replace('_', ' ')}, not paused."


def to_resume(one: Subscription, items: Sequence[SubscriptionItem], *, now: datetime) -> Intent:
    """What resuming asks of the processor. Raises NotChangeable."""
    kind = kind_of(one)
    if kind is None:
        raise NotChangeable(why_not_resume(one) or "")
    terms = replace(Terms.of(one, items, back_at=now), paused=None, paused_until=None)
    if kind is PauseKind.PAUSED:
        words = "Resume it: a new period begins and is charged at once"
        after = replace(terms, next_at=now, anchor=now)
    else:
        words, after = "Collect its invoices again from its next renewal on", terms
    return Intent("resume", {"subscription": one.external_id, "kind": kind.value}, words, after)


@act(undo=60)
def resume(subscription_id: str, *, card: str | None, quoted: Quoted, by: Actor) -> Change:
    """Take it up again now. `card` is the processor's id of the saved card, as `payments.ask_card` has just read it.

    Raises NotCovered with all that stands in the way (prescription, licences, address, stock, card), NotChangeable and
    UnderWay.
    """
    one = locked(subscription_id)
    items = one.items()
    intent = to_resume(one, items, now=performing().now)
    clear(one, items, performing().now.date(), card)
    for waiting in agreed(one.id):
        changes.withdraw(waiting.id, by=by)
    return carry_out(keeper, one, intent, quoted, reason="resumed")


def resuming(one: Subscription, at: datetime) -> Change:
    """In the act that pauses it: have it resumed by us on that day."""
    asks = {"subscription": one.external_id, "kind": PauseKind.PAUSED.value}
    words = f"Resume it on {at:%-d %b %Y}: a new period begins and is charged"
    return changes.plan(keeper, subscription=one, says=words, arguments=asks, reason="agreed", starts_at=at)


def due() -> list[Change]:
    """Agreed resumptions whose day has come."""
    return [change for change in changes.due() if change.verb == keeper.name]


@act(robots=("clock",))
def take_up(change_id: str, *, card: str | None, by: Actor) -> Change:
    """The day has come on which it was to resume: ask for that, or hold it back and say why.

    Nothing is charged for what no prescription covers: then a case says what is missing, and it is looked at again
    tomorrow.
    """
    known = Change.require(change_id)
    one = locked(known.subscription_id or "")
    change = Change.lock(change_id)
    if change.status != ChangeStatus.SCHEDULED:
        return change
    if kind_of(one) is not PauseKind.PAUSED:
        change.move_to(ChangeStatus.WITHDRAWN)
        say("It is not paused any more: there is nothing to resume")
        return change
    standing = in_the_way(one, one.items(), performing().now.date(), card)
    if standing:
        change.starts_at = performing().now + AGAIN
        _hold_back(one, standing)
    else:
        cases.close_when_solved(HELD_BACK, one.id, "nothing stands in the way any more")
        changes.begin(change, one.lane, starts_at=performing().now + timedelta(hours=1))
        say("Resume it, as agreed")
    concerns(*change.related())
    return change


def resuming_soon() -> list[tuple[str, str | None]]:
    """Subscriptions, each with its customer, whose collection Stripe resumes by itself within a day."""
    query = select(Subscription.id, Subscription.customer_id).where(
        Subscription.pause_behavior.is_not(None),
        Subscription.pauses_until.between(instant(), instant() + SOON),
    )
    return [(row.id, row.customer_id) for row in db.session.execute(query.limit(200))]


@act(robots=("clock",))
def hold_back(subscription_id: str, *, card: str | None, by: Actor) -> Change | None:
    """Stripe is about to collect again by itself: keep it from that while something stands in the way."""
    one = locked(subscription_id)
    standing = in_the_way(one, one.items(), performing().now.date(), card)
    if not standing or one.pauses_until is None or Change.now_of(subscription_id=one.id):
        return None
    back = one.pauses_until + AGAIN
    behavior = one.pause_behavior or Behavior.VOID.value
    asks: dict[str, Any] = {
        "subscription": one.external_id, "kind": PauseKind.COLLECTION.value, "behavior": behavior,
        "resumes_at": back.isoformat(),
    }  # fmt: skip
    words = f"Keep its collection paused until {back:%-d %b %Y}"
    _hold_back(one, standing)
    say(words)
    return changes.plan(extends, subscription=one, says=words, arguments=asks, reason="held_back")


def _hold_back(one: Subscription, standing: Sequence[dict[str, Any]]) -> None:
    fix = next((each["fix"] for each in standing if each["fix"]), None)
    cases.open_case(
        HELD_BACK,
        one.id,
        says="It was to resume and was held back, and nothing is charged. "
        + " ".join(each["says"] for each in standing),
        suggests=fix and {"act": fix["act"] or "", "url": fix["url"], "label": fix["label"]},
        about=one.related(),
    )
    say("Held back from resuming: " + " ".join(each["says"] for each in standing))


def agreed(subscription_id: str) -> list[Change]:
    """Our own plans to resume it on a day."""
    return [
        change
        for change in Change.of_subscription(subscription_id)
        if change.status == ChangeStatus.SCHEDULED and change.verb == keeper.name
    ]


keeper = changes.keeps("subscriptions.resume", "billing.resume", then=changed)
extends = changes.keeps("subscriptions.hold_back", "billing.pause", then=changed)
