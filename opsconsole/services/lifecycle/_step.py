"""The clock takes the steps of the policy on their days: try the card, tell the customer, and in the end end it."""

from __future__ import annotations

from sqlalchemy import or_, select

from ...db import db, instant
from ...models import (
    Change,
    ChangeStatus,
    Dunning,
    DunningStatus,
    Ending,
    Invoice,
    LifecyclePolicy,
    RetryStep,
    Subscription,
)  # fmt: skip
from ...models.change import UNDER_WAY
from ...vendors.billing import Behavior, PauseKind
from .. import billing, changes, subscriptions
from .._act import act, concerns, performing, say
from .._actor import Actor
from ..outbox import Keeper
from ._attempts import tried
from ._why import ask_why, locked, tell

_S = DunningStatus
WE = "the console"


def due(limit: int = 200) -> list[str]:
    """Dunnings of which a step is due, the longest waiting first; not those whose invoice or subscription Stripe is being
    asked to change: they wait until that is done."""
    other = select(Change.id).where(
        or_(Change.invoice_id == Dunning.invoice_id, Change.subscription_id == Dunning.subscription_id),
        Change.status.in_(UNDER_WAY),
    )
    query = select(Dunning.id).where(
        Dunning.status == _S.RUNNING, Dunning.next_step_at <= instant(), ~other.exists()
    )
    return list(db.session.scalars(query.order_by(Dunning.next_step_at, Dunning.id).limit(limit)))


@act(robots=("clock",))
def step(dunning_id: str, *, by: Actor) -> Dunning:
    """Take the step that is due. Of several that became due while nobody looked only the last is taken: nobody's card is
    tried twice in a row, nobody is written to twice."""
    dunning, invoice = locked(dunning_id)
    policy, now = LifecyclePolicy.require(dunning.policy_id), performing().now
    if not dunning.running or dunning.next_step_at is None or dunning.next_step_at > now:
        return dunning
    if _under_way(dunning):
        return dunning
    steps = policy.in_order()
    while dunning.step < len(steps) and policy.step_at(dunning.started_at, dunning.step + 1) <= now:
        dunning.step += 1
    number = dunning.step
    dunning.step += 1
    dunning.next_step_at = policy.step_at(dunning.started_at, number + 1) if number < len(steps) else None
    if number < len(steps):
        _take(dunning, invoice, policy, steps[number])
    else:
        _end(dunning, policy)
    concerns(*dunning.related())
    return dunning


def _under_way(dunning: Dunning) -> bool:
    of_subscription = dunning.subscription_id and Change.now_of(subscription_id=dunning.subscription_id)
    return bool(of_subscription or Change.now_of(invoice_id=dunning.invoice_id))


def _take(dunning: Dunning, invoice: Invoice, policy: LifecyclePolicy, one: RetryStep) -> None:
    if one.tries and not dunning.hard:
        words = f"Try the card for {invoice.called_as} again"
        changes.plan(
            retry, invoice=invoice, says=words, arguments={"invoice": invoice.external_id},
            details={"dunning": dunning.id, "message": one.message},
        )  # fmt: skip
        say(f"Day {one.day}: {words[0].lower()}{words[1:]}")
    else:
        if one.message:
            tell(dunning, policy, one.message)
        say(f"Day {one.day}: {'no card is tried any more' if one.tries else 'the customer is told'}")


def _end(dunning: Dunning, policy: LifecyclePolicy) -> None:
    """The last day has come: what the policy says becomes of the subscription."""
    subscription = Subscription.get(dunning.subscription_id or "")
    ending = policy.ending if subscription and subscription.live else Ending.LEAVE
    dunning.move_to(_S.ENDED)
    dunning.tells = None
    dunning.why = f"Not paid by day {policy.ends_on_day}: {ending.words}."
    if subscription and ending is Ending.CANCEL:
        asks = {"subscription": subscription.external_id, "feedback": None, "comment": None}
        _change(cancel, subscription, "Cancel it: its invoice was not paid", asks, dunning)
    elif subscription and ending is Ending.PAUSE and subscriptions.kind_of(subscription) is None:
        kind = subscriptions.kind_for(subscription, None)
        behavior = Behavior.VOID.value if kind is PauseKind.COLLECTION else None
        asks = {
            "subscription": subscription.external_id, "kind": kind.value, "behavior": behavior, "resumes_at": None,
        }  # fmt: skip
        _change(pause, subscription, "Pause it: its invoice was not paid", asks, dunning)
    say(dunning.why)


def _change(
    keeper: Keeper, subscription: Subscription, words: str, asks: dict[str, str | None], dunning: Dunning
) -> None:
    changes.plan(
        keeper, subscription=subscription, says=words, arguments=asks, reason="not_paid",
        details={"dunning": dunning.id},
    )  # fmt: skip


# ------------------------------------------------------------------ what became of it


def _was_tried(change: Change) -> None:
    """A try of ours has ended. A yes is heard of with the invoice; a no is written down, and why is asked."""
    dunning = Dunning.of_invoice(change.invoice_id or "")
    if dunning is None or change.status != ChangeStatus.FAILED:
        return
    dunning = Dunning.lock(dunning.id)
    tried(dunning, performing().now, WE if change.verb == retry.name else change.by, change=change)
    dunning.tells = change.details.get("message") or dunning.tells
    ask_why(dunning, Invoice.require(dunning.invoice_id))


def _was_ended(change: Change) -> None:
    """What the policy ends with was done: the customer is told, by then it is so."""
    dunning = Dunning.get(change.details.get("dunning", ""))
    if dunning is None or change.status != ChangeStatus.DONE:
        return
    if change.verb == cancel.name:
        subscriptions.drafts_go_with_it(change)
    told = "subscription_canceled" if change.verb == cancel.name else "subscription_paused"
    tell(Dunning.lock(dunning.id), LifecyclePolicy.require(dunning.policy_id), told)


retry = changes.keeps("lifecycle.retry", "billing.collect", then=billing.changed, takes_no=True)
cancel = changes.keeps("lifecycle.cancel", "billing.cancel", then=subscriptions.changed)
pause = changes.keeps("lifecycle.pause", "billing.pause", then=subscriptions.changed)
for _verb in (retry.name, "lifecycle.try_now", "billing.collect"):
    changes.when_ended(_verb, _was_tried)
for _verb in (cancel.name, pause.name):
    changes.when_ended(_verb, _was_ended)
