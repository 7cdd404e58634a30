"""One word for how a subscription stands: every combination of what it is derived from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

from opsconsole.models import Effective, Subscription, SubscriptionStatus
from opsconsole.services.subscriptions import Terms, judge, occasions, step

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
STATUSES = [status for status in SubscriptionStatus if status != "unknown"]
PAUSES = {None: None, "void": None, "keep_as_draft": NOW + timedelta(days=40)}
LACK = "The prescription has expired: a clinician has to prescribe again."


def made(status: str, pause: str | None, canceling: bool) -> Subscription:
    return Subscription(
        status=SubscriptionStatus(status), external_id="sub_1", currency="usd", started_at=NOW - timedelta(days=90),
        anchor_at=NOW, period_end=NOW + timedelta(days=20), cancel_at_period_end=canceling, cancel_at=None,
        pause_behavior=pause, pauses_until=PAUSES[pause], trial_start=None, trial_end=NOW + timedelta(days=9),
        pending_update=False, schedule_id=None,
    )  # fmt: skip


def expected(status: str, pause: str | None, canceling: bool, covered: bool) -> str:
    """The table as people say it: what is over comes first, then what stands still, then what will not be charged."""
    always = {"canceled": "canceled", "incomplete_expired": "canceled", "incomplete": "incomplete", "unpaid": "unpaid",
              "paused": "paused"}  # fmt: skip
    if status in always:
        return always[status]
    if canceling:
        return "canceling"
    if pause:
        return "collection_paused"
    if not covered:
        return "blocked"
    return {"trialing": "trial", "active": "active", "past_due": "past_due"}[status]


def test_all_combinations() -> None:
    rows = list(product(STATUSES, PAUSES, (False, True), (False, True)))
    assert len(rows) == 8 * 3 * 2 * 2
    for status, pause, canceling, covered in rows:
        standing = judge(made(status, pause, canceling), None if covered else LACK)
        where = (status, pause, canceling, covered)
        assert standing.effective == expected(*where), where
        words = " ".join(standing.because)
        over = status in ("canceled", "incomplete_expired")
        assert ("Collection is paused" in words) == bool(pause and not over), where
        assert ("to end on" in words) == (canceling and not over), where
        assert (LACK in words) == (not covered and not over), where


def test_a_wrong_pause_is_told_as_what_it_is() -> None:
    """Two pauses with opposite meanings: each is called by its own name, and both at once by both."""
    assert judge(made("active", "void", False), None).effective is Effective.COLLECTION_PAUSED
    assert judge(made("paused", None, False), None).effective is Effective.PAUSED
    both = judge(made("paused", "void", False), None)
    assert both.effective is Effective.PAUSED and "Collection is paused" in both.because[1]


def test_a_moved_charge_is_no_trial() -> None:
    one = made("trialing", None, False)
    assert judge(one, None).effective is Effective.TRIAL
    one.trial_start = NOW
    assert judge(one, None).effective is Effective.ACTIVE


def test_months_keep_their_day_and_end_with_the_subscription() -> None:
    anchor = datetime(2026, 1, 31, 12, tzinfo=UTC)
    terms = Terms(next_at=anchor, anchor=anchor, interval="month", count=1)
    assert [one.on.isoformat() for one in occasions(terms)] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
    ]
    ends = Terms(anchor, anchor, "month", 2, ends_at=datetime(2026, 5, 31, 12, tzinfo=UTC))
    assert [one.on.isoformat() for one in occasions(ends)] == ["2026-01-31", "2026-03-31"]
    for interval, count, days in (("day", 10, 10), ("week", 2, 14)):
        assert step(anchor, interval, count, after=anchor) == anchor + timedelta(days=days)
    assert step(anchor, "year", 1, after=anchor).year == 2027
