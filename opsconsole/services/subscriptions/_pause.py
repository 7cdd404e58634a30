"""Pausing: nothing is charged and nothing ships until a day that is known.

Stripe has two pauses (https://docs.stripe.com/billing/subscriptions/pause-payment and POST /v1/subscriptions/{id}/pause):
`paused` stops the subscription whole, and needs its flexible billing mode and no schedule; `collection` lets its periods go
on and does not collect their invoices. We resume a paused one ourselves on its day, after looking at its prescription.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from ...lib.refusal import Invalid
from ...models import Change, ChangeStatus, Subscription, SubscriptionItem, SubscriptionStatus
from ...vendors.billing import Behavior, PauseKind
from .. import cases, changes
from .._act import act, performing, tell_change, warn
from .._actor import Actor
from ._forecast import Terms, occasions
from ._intent import Bills, Intent, NotChangeable, Quoted, carry_out, locked
from ._resume import agreed, resuming
from ._settle import changed
from .reasons import REASONS

LONGEST = timedelta(days=180)
REVIEW = "clinical_pause"  # the reason of the case
_S = SubscriptionStatus
_CAN = (_S.ACTIVE, _S.TRIALING, _S.PAST_DUE)
WHAT_HAPPENS = {
    Behavior.VOID: "each renewal's invoice is voided: they owe nothing for that time",
    Behavior.KEEP_AS_DRAFT: "each renewal's invoice is kept as a draft, and can be collected later",
    Behavior.MARK_UNCOLLECTIBLE: "each renewal's invoice is written off, and counts as a loss",
}


def kind_for(one: Subscription, asked: str | None) -> PauseKind:
    """The pause that was asked for, or the one that Stripe allows. Raises NotChangeable."""
    why_not = why_not_whole(one)
    if asked is None:
        return PauseKind.COLLECTION if why_not else PauseKind.PAUSED
    if asked == PauseKind.PAUSED and why_not:
        raise NotChangeable(f"{why_not} Pause its collection instead.", field="kind")
    return PauseKind(asked)


def why_not_whole(one: Subscription) -> str | None:
    """Why Stripe would not stop this subscription whole; None when it can."""
    if one.schedule_id:
        return "A schedule at Stripe changes it later, and Stripe does not stop such a one."
    return None if one.flexible else "It is of Stripe's classic billing mode, which cannot be stopped whole."


def why_not_pause(one: Subscription) -> str | None:
    """Why it cannot be paused now; None while it can."""
    if one.status == _S.PAUSED or one.pause_behavior:
        return "It is paused already: resume it first, or move the day on which it resumes."
    if one.status not in _CAN:
        return f"It is {one.status.replace('_', ' ')}: there is nothing to pause."
    return None


def pausing(
    one: Subscription, items: Sequence[SubscriptionItem], *, now: datetime, kind: str | None, behavior: str | None,
    resume_on: date | None, deliveries: int | None,
) -> tuple[Intent, PauseKind, datetime]:  # fmt: skip
    """What a pause asks of the processor, of which kind it is, and when it is over. Raises NotChangeable and Invalid."""
    if why := why_not_pause(one):
        raise NotChangeable(why)
    chosen = kind_for(one, kind)
    if chosen is PauseKind.PAUSED and behavior:
        raise Invalid({"behavior": ["Only a pause of the collection has one: leave it away."]})
    terms = Terms.of(one, items)
    back = _back_on(terms, resume_on, deliveries, now)
    if chosen is PauseKind.PAUSED:
        after = replace(terms, next_at=back, anchor=back)
        words = f"Pause it until {back:%-d %b %Y}"
        arguments = {"kind": chosen.value, "behavior": None, "resumes_at": None}
    else:
        how = Behavior(behavior or Behavior.VOID)
        after = replace(terms, paused=how, paused_until=back)
        words = f"Pause its collection until {back:%-d %b %Y}: {WHAT_HAPPENS[how]}"
        arguments = {"kind": chosen.value, "behavior": how.value, "resumes_at": back.isoformat()}
    asks = {"subscription": one.external_id, **arguments}
    details = {"resumes_on": back.date().isoformat(), "kind": chosen.value}
    return Intent("pause", asks, words, after, bills=Bills.NONE, details=details), chosen, back


@act(undo=60)
def pause(
    subscription_id: str,
    *,
    kind: str | None,
    behavior: str | None,
    resume_on: date | None,
    deliveries: int | None,
    reason: str,
    note: str,
    by: Actor,
) -> Change:
    """Pause it until a day, or for so many deliveries.

    `kind` is a PauseKind, or None for the one that Stripe allows; `behavior` a Behavior, for collection only. A reason that
    a clinician has to know of opens a case for them. Raises NotChangeable, UnderWay, Invalid.
    """
    why = REASONS.get(reason)
    if why is None:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    one = locked(subscription_id)
    items = one.items()
    intent, chosen, back = pausing(
        one,
        items,
        now=performing().now,
        kind=kind,
        behavior=behavior,
        resume_on=resume_on,
        deliveries=deliveries,
    )
    _tell_each(one, items, chosen, back, intent)
    change = carry_out(keeper, one, intent, Quoted(), reason=why.code, note=note)
    if chosen is PauseKind.PAUSED:
        resuming(one, back)
    if why.clinical:
        cases.open_case(
            REVIEW,
            one.id,
            says=f"Paused: {why.label.lower()}. Decide whether the treatment goes on before it resumes on {back:%-d %b %Y}.",
            suggests={"act": "subscriptions.resume", "url": f"{one.url}/resume", "label": "Resume it"},
            about=one.related(),
        )
    return change


def _tell_each(
    one: Subscription, items: Sequence[SubscriptionItem], kind: PauseKind, back: datetime, intent: Intent
) -> None:
    """Each charge and each parcel that will not be."""
    missed = [each for each in occasions(Terms.of(one, items), 24) if each.on < back.date()]
    for each in missed:
        ships = f" and its parcel of {each.ships_by:%-d %b}" if each.ships_by else ""
        becomes = "none" if kind is PauseKind.PAUSED else WHAT_HAPPENS[Behavior(intent.arguments["behavior"])]
        tell_change(one, f"charge of {each.on:%-d %b %Y}{ships}", "is made", f"{becomes}, nothing ships")
    if one.status == _S.PAST_DUE:
        warn(
            "An invoice of it is open, and Stripe goes on trying the card for that. Void it, or have it paid."
        )
    if kind is PauseKind.COLLECTION and intent.arguments["behavior"] == Behavior.VOID:
        warn("Its periods go on: what passes meanwhile is free for the customer, and nothing is sent for it.")


def _back_on(terms: Terms, day: date | None, deliveries: int | None, now: datetime) -> datetime:
    """When it is over: that day, at the hour at which it is charged; or just before the charge after so many."""
    if (day is None) == (deliveries is None):
        raise Invalid({"resume_on": ["Say until which day, or for how many deliveries: one of both."]})
    ahead = occasions(terms, (deliveries or 0) + 1)
    if deliveries is not None:
        if not 1 <= deliveries <= 12 or len(ahead) <= deliveries:
            raise Invalid({"deliveries": ["From 1 to 12, and no more than are to come."]})
        day = ahead[deliveries].on
    assert day
    hour = terms.next_at.timetz() if terms.next_at else time(12, tzinfo=UTC)
    back = datetime.combine(day, hour)
    field = "deliveries" if deliveries is not None else "resume_on"
    if back <= now + timedelta(hours=1):
        raise Invalid({field: ["Choose a day that is still to come."]})
    if back > now + LONGEST:
        last = (now + LONGEST).date()
        raise Invalid(
            {
                field: [
                    f"At most 180 days: until {last:%-d %b %Y}. For longer, cancel it; it can be taken up again."
                ]
            }
        )
    return back


def _then(change: Change) -> None:
    """Without the pause there is nothing to resume."""
    if change.status in (ChangeStatus.WITHDRAWN, ChangeStatus.FAILED) and change.subscription_id:
        for waiting in agreed(change.subscription_id):
            Change.lock(waiting.id).move_to(ChangeStatus.WITHDRAWN)


keeper = changes.keeps("subscriptions.pause", "billing.pause", then=changed)
changes.when_ended(keeper.name, _then)
