"""Billing periods: which stretch of time an interval covers, counted from a subscription's anchor.

The anchor fixes the day, the month's last day included: from 31 January it is 28 February, then 31 March
(https://docs.stripe.com/billing/subscriptions/billing-cycle).
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from typing import Any

DAY = 86400
SECONDS = {"day": DAY, "week": 7 * DAY}
MONTHS = {"month": 1, "year": 12}
#: Stripe's longest interval is three years.
MOST = {"day": 1095, "week": 156, "month": 36, "year": 3}


def after(anchor: int, recurring: dict[str, Any], times: int) -> int:
    """The moment `times` intervals after the anchor; negative ones are before it."""
    interval, count = recurring["interval"], recurring["interval_count"] * times
    if interval in SECONDS:
        return anchor + SECONDS[interval] * count
    day = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(day.year * 12 + day.month - 1 + MONTHS[interval] * count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return int(day.replace(year=year, month=month + 1, day=min(day.day, last)).timestamp())


def around(anchor: int, recurring: dict[str, Any], at: int) -> tuple[int, int]:
    """The period that holds `at`: it starts then or before and ends after it."""
    about = SECONDS.get(recurring["interval"]) or 30 * DAY * MONTHS[recurring["interval"]]
    times = (at - anchor) // (about * recurring["interval_count"])
    while after(anchor, recurring, times) > at:
        times -= 1
    while after(anchor, recurring, times + 1) <= at:
        times += 1
    return after(anchor, recurring, times), after(anchor, recurring, times + 1)


def in_months(recurring: dict[str, Any]) -> tuple[str, int]:
    """An interval in comparable terms: 12 months are one year, 7 days one week."""
    interval, count = recurring["interval"], recurring["interval_count"]
    if interval in MONTHS:
        return "month", MONTHS[interval] * count
    return "day", SECONDS[interval] // DAY * count
