"""One word for how a subscription stands, from everything that Stripe holds of it and from its prescription.

Stripe keeps two pauses apart: a `paused` status, and collection that is paused while the status goes on
(https://docs.stripe.com/billing/subscriptions/pause-payment). Which of them is on is told as what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ...models import Effective, Subscription, SubscriptionStatus
from ...vendors.billing import Behavior

_S, _E = SubscriptionStatus, Effective
# What keeps a subscription from renewing, the gravest first. `judge` finds all that holds and is called by the first.
_BEHAVES = {
    Behavior.VOID: "each invoice is voided: the customer owes nothing for this time",
    Behavior.KEEP_AS_DRAFT: "each invoice is kept as a draft, to be collected later",
    Behavior.MARK_UNCOLLECTIBLE: "each invoice is written off as uncollectible",
}
_BY_STATUS = {
    _S.CANCELED: (_E.CANCELED, "Stripe has canceled it."),
    _S.INCOMPLETE_EXPIRED: (_E.CANCELED, "Its first invoice was never paid."),
    _S.INCOMPLETE: (_E.INCOMPLETE, "Its first invoice is not paid yet."),
    _S.UNKNOWN: (_E.UNKNOWN, "Stripe calls it by a word that we do not know."),
    _S.UNPAID: (_E.UNPAID, "A renewal is unpaid, and Stripe has stopped trying the card."),
    _S.PAUSED: (_E.PAUSED, "Stripe's status is paused: no periods, no invoices."),
}


@dataclass(frozen=True)
class Standing:
    """`effective` is the one word, `because` every reason in words, that word's own first."""

    effective: Effective
    because: tuple[str, ...]


def judge(subscription: Subscription, uncovered: str | None) -> Standing:
    """`uncovered` says why no prescription covers its next charge, None when one does or none is needed."""
    found = list(_reasons(subscription, uncovered))
    return Standing(found[0][0], tuple(words for _, words in found))


def _reasons(one: Subscription, uncovered: str | None) -> Iterator[tuple[Effective, str]]:
    status = SubscriptionStatus(one.status)
    if status in _BY_STATUS:
        yield _BY_STATUS[status]
    over = status in (_S.CANCELED, _S.INCOMPLETE_EXPIRED)
    if not over:
        yield from _going_on(one, status, uncovered)
    if status == _S.TRIALING:
        yield _trial(one)
    if status == _S.ACTIVE:
        yield _E.ACTIVE, "Stripe's status is active."


def _going_on(
    one: Subscription, status: SubscriptionStatus, uncovered: str | None
) -> Iterator[tuple[Effective, str]]:
    if ends := ends_at(one):
        yield _E.CANCELING, f"It is to end on {ends:%-d %b %Y}."
    if one.pause_behavior:
        how = _BEHAVES.get(Behavior(one.pause_behavior)) if one.pause_behavior in {*Behavior} else None
        until = (
            f" until {one.pauses_until:%-d %b %Y}"
            if one.pauses_until
            else ", with no day on which it resumes"
        )
        words = how or f"Stripe's behaviour is {one.pause_behavior}, which we do not know"
        yield _E.COLLECTION_PAUSED, f"Collection is paused{until}: {words}. Its periods go on."
    if uncovered:
        yield _E.BLOCKED, uncovered
    if status == _S.PAST_DUE:
        yield _E.PAST_DUE, "A renewal is unpaid, and Stripe may try the card again."
    if one.pending_update:
        yield _as_status(status), "A change of it waits for its payment at Stripe."
    if one.schedule_id:
        yield _as_status(status), "A schedule at Stripe changes it by itself later."


def _as_status(status: SubscriptionStatus) -> Effective:
    """What it is called where nothing worse is so."""
    return {_S.TRIALING: _E.TRIAL, _S.ACTIVE: _E.ACTIVE, _S.PAST_DUE: _E.PAST_DUE}.get(
        status, _BY_STATUS.get(status, (_E.UNKNOWN, ""))[0]
    )


def _trial(one: Subscription) -> tuple[Effective, str]:
    day = f"{one.trial_end:%-d %b %Y}" if one.trial_end else "a day that Stripe did not tell"
    if was_moved(one):
        return _E.ACTIVE, f"Its next charge was moved to {day}; Stripe calls that a trial."
    return _E.TRIAL, f"Its trial ends on {day}, when it is charged for the first time."


def was_moved(one: Subscription) -> bool:
    """Whether what Stripe calls a trial is a charge that was moved: it began before its trial did."""
    return one.trial_start is not None and one.trial_start > one.started_at


def ends_at(one: Subscription) -> datetime | None:
    """When it is to end; None when it goes on, or has ended."""
    if one.final:
        return None
    return one.cancel_at or (one.period_end if one.cancel_at_period_end else None)
