"""What falls due for a subscription: announcements, the next period, ends of trials and pauses, expiries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import _invoice_life
from ._billing import draft, settle_paused
from ._ends import end_it, expire
from ._pauses import stop
from ._subscription import (
    INCOMPLETE_FOR,
    OVER,
    ROLLING,
    TRIAL_TOLD_BEFORE,
    UPCOMING_BEFORE,
    ends_by,
    keep,
    method_of,
    owed,
    period_end,
    plan_next,
    put_into_period,
)
from ._turn import Facts, Turn, show

Step = Callable[[Turn, Facts], None]


def falls_due(turn: Turn, id: str) -> None:
    """Everything that is due by now, one after the other; each step leaves one reason less."""
    while (facts := turn.find("subscription", id)) and facts["status"] not in OVER:
        step = next(_due(facts, turn.created), None)
        if step is None:
            return plan_next(turn, facts)
        step(turn, facts)


def _due(facts: Facts, now: int) -> Iterator[Step]:
    """What is to be done, the most pressing first: an end before a bill, a new phase before the bill for it."""
    status, told = facts["status"], facts.get("told", {})
    if status == "incomplete" and facts["created"] + INCOMPLETE_FOR <= now:
        yield expire
    for waiting in ("pending_update", "resuming"):
        if facts.get(waiting) and facts[waiting]["expires_at"] <= now:
            yield _forget_pending if waiting == "pending_update" else _stay_paused
    if ends_by(facts, now):
        yield _end
    if facts.get("phase_due") is not None and facts["phase_due"] <= now:
        yield _turn_phase
    resumes_at = (facts.get("pause_collection") or {}).get("resumes_at")
    if resumes_at is not None and resumes_at <= now:
        yield _collect_again
    if (
        status == "trialing"
        and told.get("trial") != facts["trial_end"]
        and _near(facts["trial_end"], TRIAL_TOLD_BEFORE, now)
    ):
        yield _tell_of_trial
    if status in ROLLING:
        end = period_end(facts)
        if end <= now:
            yield renew
        tells = not facts.get("pause_collection") and not ends_by(facts, end)
        if tells and told.get("upcoming") != end and _near(end, UPCOMING_BEFORE, now):
            yield _tell_of_invoice


def _near(at: int, within: int, now: int) -> bool:
    return at - within <= now


def _forget_pending(turn: Turn, facts: Facts) -> None:
    _let_go(turn, facts, "pending_update")


def _stay_paused(turn: Turn, facts: Facts) -> None:
    _let_go(turn, facts, "resuming")


def _let_go(turn: Turn, facts: Facts, waiting: str) -> None:
    """The invoice that it waited for is void: that ends the wait."""
    invoice = turn.need("invoice", facts[waiting]["invoice"])
    if invoice["status"] in ("open", "uncollectible"):
        return _invoice_life.void(turn, invoice)
    before = show("subscription", facts)
    facts.pop(waiting)
    keep(turn, facts, before)


def _end(turn: Turn, facts: Facts) -> None:
    end_it(turn, facts, reason="cancellation_requested", as_planned=True)


def _turn_phase(turn: Turn, facts: Facts) -> None:
    from . import subscription_schedules  # a phase changes its subscription like anybody else

    subscription_schedules.turn_phase(turn, facts)


def _collect_again(turn: Turn, facts: Facts) -> None:
    before = show("subscription", facts)
    facts["pause_collection"] = None
    keep(turn, facts, before)


def _tell_of_trial(turn: Turn, facts: Facts) -> None:
    facts["told"] = {**facts.get("told", {}), "trial": facts["trial_end"]}
    if facts["trial_end"] > turn.now:
        turn.emit("customer.subscription.trial_will_end", "subscription", facts)
    keep(turn, facts)


def _tell_of_invoice(turn: Turn, facts: Facts) -> None:
    from . import invoices

    facts["told"] = {**facts.get("told", {}), "upcoming": period_end(facts)}
    keep(turn, facts)
    invoices.tell_upcoming(turn, facts)


def renew(turn: Turn, facts: Facts) -> None:
    """A new period for what has come to its end, and the invoice for it; a trial's end is one, too."""
    before = show("subscription", facts)
    if facts["status"] == "trialing":
        if method_of(turn, facts) is None and facts.get("collection_method") != "send_invoice":
            wanted = (facts.get("trial_settings") or {}).get("missing_payment_method", "create_invoice")
            if wanted == "cancel":
                end_it(turn, facts, reason=None)
                return
            if wanted == "pause":
                return stop(turn, facts, "trial_end_without_payment_method", before)
        facts["status"] = "active"
    due = [item for item in facts["items"] if item["end"] <= turn.now]
    period = min(item["start"] for item in due), max(item["end"] for item in due)
    for item in due:
        put_into_period(facts, item, turn.created)
    lines = owed(turn, facts, due)
    paused = (facts.get("pause_collection") or {}).get("behavior")
    advances = facts["status"] != "unpaid" and paused != "keep_as_draft"
    invoice = draft(turn, facts, lines, "subscription_cycle", period, advances=advances)
    keep(turn, facts, before)
    if paused:
        settle_paused(turn, invoice, paused)
