"""When a customer may be told of something, and when they are: pure, from the policy's rows and a date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...models import ANYWHERE, NoticeKind, NoticeRule
from ._zones import day_in, morning_of


@dataclass(frozen=True)
class Occasion:
    """Something that is to happen: at `at`, to what comes round every `days` days (of a trial: that lasts so long)."""

    kind: NoticeKind
    at: datetime
    days: int


@dataclass(frozen=True)
class Window:
    """Of which day the notice speaks, from when to when it may be sent (both days are in), and when it is."""

    rule: NoticeRule
    about_on: date
    opens_on: date
    closes_on: date
    due_at: datetime
    zone: str

    def open_at(self, now: datetime) -> bool:
        """Whether it may be sent at that instant."""
        return self.opens_on <= day_in(self.zone, now) <= self.closes_on

    def closed_at(self, now: datetime) -> bool:
        return day_in(self.zone, now) > self.closes_on


def rule_for(rules: Iterable[NoticeRule], occasion: Occasion, state: str | None) -> NoticeRule | None:
    """The row that is about it: one that names the state before one for everywhere, and of those the one with the longest
    cadence that it reaches. None: nobody need be told."""
    fitting = [
        rule
        for rule in rules
        if rule.kind is occasion.kind
        and rule.state in (state, ANYWHERE)
        and rule.from_days <= max(occasion.days, 1)
    ]
    return max(fitting, key=lambda rule: (rule.state != ANYWHERE, rule.from_days), default=None)


def window(rule: NoticeRule, occasion: Occasion, zone: str, now: datetime) -> Window:
    """The window of one occasion. It is sent in the morning of the day that the rule aims at; at once where that is past."""
    about = day_in(zone, occasion.at)
    due = morning_of(zone, about - timedelta(days=rule.aims))
    return Window(
        rule=rule,
        about_on=about,
        opens_on=about - timedelta(days=rule.earliest),
        closes_on=about - timedelta(days=rule.latest),
        due_at=max(due, now),
        zone=zone,
    )


def windows(
    rules: Sequence[NoticeRule],
    occasions: Iterable[Occasion],
    *,
    state: str | None,
    zone: str,
    now: datetime,
) -> dict[NoticeKind, Window]:
    """The window of each kind of which there is something to tell, of the soonest occasion of it."""
    found: dict[NoticeKind, Window] = {}
    for occasion in sorted(occasions, key=lambda one: one.at):
        rule = rule_for(rules, occasion, state)
        if rule and occasion.kind not in found and day_in(zone, occasion.at) > day_in(zone, now):
            found[occasion.kind] = window(rule, occasion, zone, now)
    return found
