"""What the customer hears because of a change, told in its preview: a notice that becomes another, or one to take back."""

from __future__ import annotations

from datetime import datetime

from ...models import Notice, NoticeStatus, Subscription
from .. import subscriptions
from ._zones import day_in


@subscriptions.when_previewed
def would_tell(one: Subscription, next_at: datetime | None) -> str | None:
    """`next_at` is when it would be charged next; None while nothing would be. None where nobody hears anything else."""
    known = [each for each in Notice.of_subscription(one.id) if not each.final]
    for notice in known:
        day = day_in(notice.zone, next_at) if next_at else None
        if notice.about_on == day:
            continue
        told = f"{notice.speaks_of.words} on {notice.about_on:%-d %b %Y}"
        if notice.status == NoticeStatus.SENT:
            return f"The customer was told of {told}: one message corrects that."
        return f"The customer is not told of {told}" + (", but of the new day in its time." if day else ".")
    return None
