"""The story as the sandbox's Stripe holds it: lines for its bulk load. Ids and amounts, nothing medical."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ..services.refunds import REASONS
from ..vendors.payments import RefundReason
from . import _subscriptions
from ._mirrors import default_card
from ._people import Card
from ._story import GivenBack, Paid, Person

Line = dict[str, Any]


def told_to_stripe(person: Person) -> Iterator[Line]:
    """The customer first, then each of their payments with what was taken from it again."""
    if person.stripe_id:
        card = default_card(person)
        yield {
            "object": "customer",
            "id": person.stripe_id,
            "created": _unix(person.since),
            "name": person.name,
            "email": person.email_at_stripe,
            "phone": person.phone,
            "card": _card(card) | _refuses(person) if card else None,
            "metadata": {"shop_customer": person.reference},
        }
    for order in person.orders:
        for payment in order.payments:
            yield _payment(payment, person, f"Order {order.reference}", {"shop_order": order.reference})
    if person.unclaimed:
        yield _payment(person.unclaimed, person, None, {})


def _payment(payment: Paid, person: Person, description: str | None, metadata: dict[str, str]) -> Line:
    card = payment.card
    line: Line = {
        "object": "payment",
        "id": payment.external_id,
        "charge": payment.charge_id,
        "customer": person.stripe_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "created": _unix(payment.at),
        "description": description,
        "metadata": metadata,
        "payment_method": card.method,
        "card": _card(card),
        "refunds": [_refund(refund) for refund in payment.refunds],
    }
    if payment.dispute:
        dispute = payment.dispute
        line["dispute"] = {
            "id": dispute.id,
            "status": dispute.status,
            "reason": "product_not_received",
            "created": _unix(dispute.at),
        }
    return line


def _refuses(person: Person) -> dict[str, str]:
    said = _subscriptions.behaves(person)
    return {"behaves": said} if said else {}


def _card(card: Card) -> dict[str, Any]:
    return {"brand": card.brand, "last4": card.last4, "exp_month": card.month, "exp_year": card.year}


def _refund(refund: GivenBack) -> Line:
    ours = {"opsconsole_subject": refund.id, "opsconsole_trace": refund.trace} if refund.by else {}
    reason = REASONS[refund.reason].tells if refund.by else RefundReason.REQUESTED
    return {
        "id": refund.external_id,
        "amount": refund.amount,
        "created": _unix(refund.at),
        "status": refund.status.value,
        "reason": reason.value,
        "failure_reason": refund.failure_reason,
        "pending_reason": refund.pending_reason,
        "reference": refund.reference,
        "metadata": ours,
    }


def _unix(at: datetime) -> int:
    return int(at.timestamp())
