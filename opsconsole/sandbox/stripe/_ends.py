"""How a subscription ends: canceled at once, when its time comes, or because its first invoice was never paid."""

from __future__ import annotations

from typing import Any

from . import _dunning, _invoice_life
from ._billing import draft, pend
from ._proration import credit
from ._subscription import keep, less
from ._turn import Facts, Turn, show


def end_it(
    turn: Turn,
    facts: Facts,
    *,
    reason: str | None,
    said: dict[str, Any] | None = None,
    prorate: bool = False,
    invoice_now: bool = False,
    as_planned: bool = False,
) -> Facts:
    """Cancel for good; `as_planned` where that was asked for earlier.

    Its invoices are not collected by themselves any more; `invoice_now` bills what is pending.
    """
    for invoice in list(turn.all("invoice", subscription=facts["id"])):
        if invoice["status"] in ("draft", "open"):
            _dunning.leave_alone(turn, invoice)
    if prorate and facts["status"] != "trialing":
        lines = [
            line for item in facts["items"] for line in credit(facts, item, turn.created, less(turn, facts))
        ]
        pend(turn, facts, lines)
    details = {**facts.get("cancellation_details", {}), **(said or {})}
    facts["cancellation_details"] = {**details, "reason": reason}
    if not as_planned or facts.get("canceled_at") is None:
        facts["canceled_at"] = turn.created
    facts.update(status="canceled", ended_at=turn.created)
    for gone in ("pending_update", "resuming", "paused", "phase_due"):
        facts.pop(gone, None)
    last = _last(turn, facts) if invoice_now else None
    _end_schedule(turn, facts, completed=as_planned)
    turn.record("subscription.canceled", facts)
    keep(turn, facts, None, "deleted")
    if last:
        _invoice_life.finalize(turn, last)
        if last["status"] == "open" and facts.get("collection_method") != "send_invoice":
            _invoice_life.collect(turn, last, automatic=True)
    return facts


def _last(turn: Turn, facts: Facts) -> Facts | None:
    """The invoice for what is pending, if anything is."""
    waiting = _invoice_life.waiting(turn, facts["customer"], facts["currency"])
    if any(item.get("subscription") == facts["id"] for item in waiting):
        return draft(turn, facts, [], "subscription_update", (turn.created, turn.created))
    return None


def _end_schedule(turn: Turn, facts: Facts, *, completed: bool) -> None:
    if not facts.get("schedule"):
        return
    schedule = turn.need("subscription_schedule", facts["schedule"])
    if schedule["status"] in ("active", "not_started"):
        before = show("subscription_schedule", schedule)
        word = "completed" if completed else "canceled"
        schedule |= {"status": word, f"{word}_at": turn.created}
        turn.save("subscription_schedule", schedule)
        turn.emit(f"subscription_schedule.{word}", "subscription_schedule", schedule, before)


def expire(turn: Turn, facts: Facts) -> None:
    """Its first invoice was not paid in time."""
    before = show("subscription", facts)
    facts.update(status="incomplete_expired", ended_at=turn.created, canceled_at=turn.created)
    keep(turn, facts, before)
    invoice = turn.find("invoice", facts.get("latest_invoice") or "")
    if invoice and invoice["status"] == "open":
        _invoice_life.void(turn, invoice)
