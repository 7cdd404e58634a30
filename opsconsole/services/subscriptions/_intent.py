"""What an act would have the processor do to a subscription: worked out before the act, to ask what it costs, and in it.

Each act here has a function that makes its Intent from the subscription and the inputs; `carry_out` plans it and tells the
next charges, ship dates and money, as they are and as they will be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Change, Customer, Promise, Subscription, SubscriptionItem
from .. import changes
from .._act import performing, say, tell_change, warn
from ..outbox import Keeper
from ._forecast import Terms, occasions, told


class NotChangeable(Refused):
    """The subscription is not in a state in which that can be done."""


class Bills(Enum):
    """What a change does to the next invoice: there is none, it comes on another day as it is, or it is another one."""

    NONE = "none"
    MOVED = "moved"
    ANEW = "anew"


@dataclass(frozen=True)
class Intent:
    """`method` and `arguments` are the billing port's, `says` the sentence people read. `after` are the terms that follow,
    None when nothing is charged any more. `bills` is what becomes of the next invoice. `details` go with the change."""

    method: str
    arguments: Mapping[str, Any]
    says: str
    after: Terms | None
    bills: Bills = Bills.ANEW
    details: Mapping[str, Any] = field(default_factory=dict)


WouldTell = Callable[[Subscription, datetime | None], str | None]
_WOULD_TELL: list[WouldTell] = []


def when_previewed(tells: WouldTell) -> WouldTell:
    """Have `tells` say what the customer would hear of a change after which the subscription is charged next at that
    instant."""
    _WOULD_TELL.append(tells)
    return tells


@dataclass(frozen=True)
class Quoted:
    """The quotes an act gets: what the next invoice is, and what it would be. None: the processor did not say."""

    before: str | None = None
    after: str | None = None


def ask(subscription_id: str, intend: Callable[[Subscription, Sequence[SubscriptionItem]], Intent]) -> Quoted:
    """Ask the processor for both bills, before the act and with no transaction open. What the act will refuse, it is not
    asked."""
    one = Subscription.require(subscription_id)
    try:
        intent = intend(one, one.items())
    except (Refused, Invalid):
        return Quoted()
    if intent.bills is Bills.NONE:
        return Quoted()
    before = changes.ask_bill(one.id, None, {})
    if intent.bills is Bills.MOVED:
        return Quoted(before, before)
    return Quoted(before, changes.ask_bill(one.id, intent.method, intent.arguments))


def locked(subscription_id: str) -> Subscription:
    """The customer first, then the subscription: the order in which every act here takes its locks."""
    known = Subscription.require(subscription_id)
    if known.customer_id:
        Customer.lock(known.customer_id)
    return Subscription.lock(subscription_id)


def carry_out(
    keeper: Keeper,
    one: Subscription,
    intent: Intent,
    quoted: Quoted,
    *,
    reason: str,
    note: str = "",
    starts_at: datetime | None = None,
    waits_for: str | None = None,
    after: Promise | None = None,
) -> Change:
    """Plan it, and tell what it does. The subscription is locked. Raises UnderWay."""
    change = changes.plan(
        keeper,
        subscription=one,
        says=intent.says,
        arguments=intent.arguments,
        reason=reason,
        note=note,
        details=intent.details,
        starts_at=starts_at,
        waits_for=waits_for,
        after=after,
    )
    _tell(one, intent, quoted)
    say(intent.says)
    return change


def _tell(one: Subscription, intent: Intent, quoted: Quoted) -> None:
    now = told(occasions(Terms.of(one, one.items())))
    then = told(occasions(intent.after)) if intent.after else "none"
    tell_change(one, "next four charges", now, then)
    for tells in _WOULD_TELL:
        if words := tells(one, intent.after.next_at if intent.after else None):
            warn(words)
    if intent.bills is Bills.NONE:
        return
    next_at = intent.after.next_at if intent.after and intent.bills is Bills.MOVED else None
    before, after = _bill(one, quoted.before), _bill(one, quoted.after, next_at)
    if after is None:
        warn("Stripe did not say what the next invoice will be. It can be done all the same.")
    else:
        tell_change(one, "next invoice", before or "not known", after)


def _bill(one: Subscription, quote: str | None, next_at: datetime | None = None) -> str | None:
    try:
        bill = changes.bill_of(quote, one, now=performing().now)
    except changes.NoQuote:
        return None
    tax = f", {Money(bill.tax, bill.currency)} of it tax" if bill.tax else ""
    at = next_at or bill.next_charge_at
    return f"{bill.money}{f' on {at:%-d %b %Y}' if at else ''}{tax}"
