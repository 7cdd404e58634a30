"""All that stands in the way of charging a subscription again: prescription, licences, address, stock and card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ...lib.refusal import Refused
from ...models import Subscription, SubscriptionItem
from .. import payments
from .._act import performing
from ._coverage import blockers


class NotCovered(Refused):
    """Something keeps what it would charge for from leaving."""


def clear(one: Subscription, items: Sequence[SubscriptionItem], on: date, card: str | None) -> None:
    """Raises NotCovered with all that stands in the way on that day. `card` as `payments.ask_card` has just read it."""
    if standing := in_the_way(one, items, on, card):
        raise NotCovered(" ".join(each["says"] for each in standing), blockers=standing)


def in_the_way(
    one: Subscription, items: Sequence[SubscriptionItem], on: date, card: str | None
) -> list[dict[str, Any]]:
    """Each as programs are told of it: {"code", "gate", "says", "who", "fix"}."""
    return [each.as_json for each in blockers(one, items, on)] + _of_card(one, card)


def _of_card(one: Subscription, card: str | None) -> list[dict[str, Any]]:
    """What is wrong with the card it would be charged to."""
    if one.customer_id is None:
        words = "It belongs to no customer that we know."
        return [{"code": "no_customer", "gate": "paid", "says": words, "who": "us", "fix": None}]
    try:
        payments.saved(one.customer_id, card, now=performing().now)
    except (payments.NoCard, payments.CardUnknown) as no:
        url = f"/customers/{one.customer_id}/message?template=save_card"
        fix = {"act": "messages.send", "url": url, "label": "Ask for a card"}
        return [{"code": no.code, "gate": "paid", "says": no.message, "who": "patient", "fix": fix}]
    return []
