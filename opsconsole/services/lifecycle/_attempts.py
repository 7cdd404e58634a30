"""What is known of each try to collect an invoice, and whether another one makes sense."""

from __future__ import annotations

from datetime import datetime

from ...models import Change, Dunning, LifecyclePolicy
from ...vendors.payments.declines import NEVER_AGAIN

STRIPE = "Stripe"


def is_hard(policy: LifecyclePolicy, code: str | None, advice: str | None) -> bool:
    """Whether a card that was declined so is not tried again: the policy lists the code, or the network forbids it."""
    return code in policy.hard or advice == NEVER_AGAIN


def tried(dunning: Dunning, at: datetime, by: str, *, change: Change | None = None) -> None:
    """Write a failed try down; why it failed is told later."""
    attempt = {
        "at": at.isoformat(),
        "by": by,
        "code": change.failure_code if change else None,
        "advice": None,
        "change": change.id if change else None,
    }
    dunning.attempts = [*dunning.attempts, attempt]


def explain(dunning: Dunning, code: str | None, advice: str | None) -> None:
    """The latest try that nobody knows the reason of failed because of this; a known reason keeps its code."""
    if not dunning.attempts:
        return
    *before, last = dunning.attempts
    dunning.attempts = [*before, last | {"code": last["code"] or code, "advice": advice}]
