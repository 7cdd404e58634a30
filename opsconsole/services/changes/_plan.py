"""Writing down what the processor is to change, with the promise that asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...lib.refusal import Refused
from ...models import Change, ChangeStatus, Invoice, Promise, Subscription
from .._act import performing
from ..outbox import Keeper, promise


class UnderWay(Refused):
    """Stripe is being asked to change the same thing already."""


def plan(
    keeper: Keeper,
    *,
    says: str,
    arguments: Mapping[str, Any],
    subscription: Subscription | None = None,
    invoice: Invoice | None = None,
    customer_id: str | None = None,
    lane: str | None = None,
    reason: str = "",
    note: str = "",
    details: Mapping[str, Any] | None = None,
    starts_at: datetime | None = None,
    waits_for: str | None = None,
    after: Promise | None = None,
) -> Change:
    """Ask for one change in the act under way; the act's name is its verb.

    `subscription` or `invoice`, locked, is what is changed; neither is, for a customer's balance: then `lane` is given.
    `arguments` are those of the port's method. With `starts_at` or `waits_for` nothing is asked yet: `begin` does, later.
    Raises UnderWay while another change of the same thing is.
    """
    now = performing()
    later = starts_at is not None or waits_for is not None
    if not later:
        _alone(subscription, invoice)
    owner = subscription or invoice
    change = Change(
        status=ChangeStatus.SCHEDULED if later else ChangeStatus.PLANNED,
        verb=keeper.name,
        subscription_id=subscription.id if subscription else None,
        invoice_id=invoice.id if invoice else None,
        customer_id=customer_id or (owner.customer_id if owner else None),
        method=keeper.method,
        arguments=dict(arguments),
        says=says,
        reason=reason,
        note=note,
        details=dict(details or {}),
        starts_at=starts_at,
        waits_for=waits_for,
        by=now.by.label,
        by_id=now.by.id,
        trace_id=now.trace,
        created_at=now.now,
    ).add()
    if not later:
        ask(keeper, change, lane or (owner.lane if owner else ""), after=after)
    return change


def ask(keeper: Keeper, change: Change, lane: str, *, after: Promise | None = None) -> Promise:
    """Owe the processor the question, once the act's undo window is over."""
    return promise(keeper, change, lane=lane, says=change.says, arguments=change.arguments, after=after)


def _alone(subscription: Subscription | None, invoice: Invoice | None) -> None:
    other = Change.now_of(
        subscription_id=subscription.id if subscription else None, invoice_id=invoice.id if invoice else None
    )
    if other:
        asked = "has been asked already" if other.status == ChangeStatus.SUBMITTED else "is about to be asked"
        words = f"Stripe {asked} by {other.by}: {other.says}. Wait until that is done, or undo it first."
        raise UnderWay(words, more={"change": other.url})
