"""A subscription or an invoice as the processor lists it, against our copy: pure comparison, nothing is asked and nothing
written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ...lib.money import Money
from ...models import Invoice, Subscription, SubscriptionItem
from ...vendors.billing import InvoiceFacts, SubscriptionFacts
from ._finding import Finding, words

PORT = "billing"
_Pairs = Mapping[str, tuple[object, object]]  # what is compared -> what we hold, what they do


def of_subscription(
    one: Subscription | None, items: Sequence[SubscriptionItem], facts: SubscriptionFacts
) -> Finding | None:
    """In what our copy differs; None where it does not. Without one of ours, it is missing here."""
    if one is None:
        return _finding("subscription_differs", None, facts.id, "nothing", words(facts.state.value))
    ends = (
        one.cancel_at or one.cancel_at_period_end or one.ended_at,
        facts.cancel_at or facts.cancel_at_period_end or facts.ended_at,
    )
    held = sorted((item.external_id, item.price_key, item.quantity) for item in items)
    told = sorted((item.id, item.price.id, item.quantity) for item in facts.items)
    pairs = {
        "": (words(one.status), words(facts.state.value)),
        "collection paused": (one.pause_behavior, facts.pause_behavior),
        "until": (one.pauses_until, facts.pauses_until),
        "period ends": (one.period_end, min((item.period_end for item in facts.items), default=None)),
        "trial ends": (one.trial_end, facts.trial_end),
        "ends": ends,
        "items": (_counted(held, told), _counted(told, held)),
    }
    return _of("subscription_differs", one.id, facts.id, pairs)


def of_invoice(one: Invoice | None, facts: InvoiceFacts) -> Finding | None:
    """In what our copy differs; None where it does not. Without one of ours, it is missing here."""
    if one is None:
        return _finding("invoice_differs", None, facts.id, "nothing", words(facts.state.value))
    pairs = {
        "": (words(one.status), words(facts.state.value)),
        "total": (one.money("total"), Money(facts.total, facts.currency)),
        "to be paid": (one.money("remaining"), Money(facts.remaining, facts.currency)),
        "goes on by itself": (one.auto_advance, facts.auto_advance),
        "goes out": (one.finalizes_at, facts.finalizes_at),
        "next try": (one.next_try_at, facts.next_try_at),
    }
    return _of("invoice_differs", one.id, facts.id, pairs)


def _of(kind: str, ours_id: str, external_id: str, pairs: _Pairs) -> Finding | None:
    differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if not differing:
        return None
    ours, theirs = (
        ", ".join(f"{name} {_told(pair[side])}".strip() for name, pair in differing.items())
        for side in (0, 1)
    )
    return _finding(kind, ours_id, external_id, ours, theirs)


def _finding(kind: str, ours_id: str | None, external_id: str, ours: str, theirs: str) -> Finding:
    return Finding(
        kind, ours_id or f"{PORT}:{external_id}", PORT, ours.capitalize(), theirs.capitalize(), external_id
    )


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%-d %b %Y, %H:%M}"
    if value is None or isinstance(value, bool):
        return "yes" if value else "no"
    return words(str(value))


def _counted(these: Sequence[tuple[str, str, int]], those: Sequence[tuple[str, str, int]]) -> str:
    """What is in it, in words that differ exactly when it does."""
    if list(these) == list(those):
        return ""
    return " and ".join(f"{quantity} × {price}" for _, price, quantity in these) or "none"
