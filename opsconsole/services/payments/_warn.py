"""Taking in a bank's early warning that a payment may be fraud, and what became of the warning."""

from __future__ import annotations

from datetime import datetime

from ...models import Payment
from ...vendors.payments import FraudWarningFacts
from .. import banners
from .._act import act, say
from .._actor import Actor
from ._settle import settle


@act(robots=("stripe",))
def warn(external_id: str, *, facts: FraudWarningFacts, fetched_at: datetime, by: Actor) -> Payment | None:
    """Mirror an early fraud warning on its payment, which is read along and so known afterwards.

    It counts while it can be acted on: until all is refunded, or the bank disputes it. An older fetch never
    overwrites a newer one.
    """
    if facts.of is None:
        say(f"Fraud warning {external_id} is of no payment that orders are paid with")
        return None
    payment: Payment = settle(facts.of.id, facts=facts.of, fetched_at=fetched_at, by=by)
    if payment.fraud_warned_at and fetched_at < payment.fraud_warned_at:
        say(f"Fraud warning {external_id} is known as of later")
        return payment
    payment.fraud_warned_at = fetched_at
    payment.fraud_warning = facts.kind if facts.actionable else None
    banners.follow(payment)
    said = (
        "may be fraud, says the bank" if facts.actionable else "cannot be saved from fraud any more, or was"
    )
    say(f"The payment with {payment.card} {said}")
    return payment
