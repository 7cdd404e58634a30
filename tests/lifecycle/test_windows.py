"""When somebody may be told of something, and when they are: over calendars, time zones and cadences."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconsole.lib.zones import ZONE_OF
from opsconsole.models import Notice, NoticeKind, NoticeRule, NoticeStatus
from opsconsole.services.lifecycle._notices import needed
from opsconsole.services.lifecycle._windows import Occasion, rule_for, window
from opsconsole.services.lifecycle._zones import day_in, morning_of, zone_of

R = NoticeKind.RENEWAL
RULES = [
    NoticeRule(R, "*", 14, 9, 5, False, "habit"),
    NoticeRule(R, "*", 365, 45, 15, False, "habit"),
    NoticeRule(R, "CA", 365, 45, 15, True, "law"),
    NoticeRule(NoticeKind.TRIAL, "*", 7, 4, 2, False, "habit"),
    NoticeRule(NoticeKind.TRIAL, "CA", 32, 21, 3, True, "law"),
]
AT = datetime(2027, 3, 14, 9, 30, tzinfo=UTC)  # summer time begins in the States that day
STATES = st.sampled_from([*sorted(ZONE_OF), "NY", None])


def test_the_row_that_names_the_state_and_reaches_the_longest_cadence_counts() -> None:
    """(kind, days, state) -> (earliest, latest, days before that it is sent)"""
    for kind, days, state, expected in (
        (R, 7, "CA", None),  # weekly: nobody is told
        (R, 30, "CA", (9, 5, 7)),
        (R, 30, None, (9, 5, 7)),
        (R, 365, "TX", (45, 15, 30)),
        (R, 365, "CA", (45, 15, 30)),
        (NoticeKind.TRIAL, 31, "CA", (4, 2, 3)),
        (NoticeKind.TRIAL, 32, "CA", (21, 3, 12)),
        (NoticeKind.TRIAL, 60, "NV", (4, 2, 3)),
        (NoticeKind.PAUSE, 30, "NV", None),
    ):
        rule = rule_for(RULES, Occasion(kind, AT, days), state)
        assert (rule and (rule.earliest, rule.latest, rule.aims)) == expected, (kind, days, state)
    assert rule_for(RULES, Occasion(R, AT, 365), "CA").law  # type: ignore[union-attr]


def test_days_are_those_where_the_customer_lives() -> None:
    at = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)
    for state, expected in (("NY", date(2026, 12, 31)), ("GU", date(2027, 1, 1)), ("HI", date(2026, 12, 31))):
        assert day_in(zone_of(state), at) == expected
    assert morning_of("America/New_York", date(2027, 3, 14)) == datetime(2027, 3, 14, 14, tzinfo=UTC)
    assert morning_of("America/New_York", date(2027, 3, 13)) == datetime(2027, 3, 13, 15, tzinfo=UTC)


instants = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@settings(max_examples=300, deadline=None)
@given(
    now=instants,
    ahead=st.floats(0, 420),
    state=STATES,
    days=st.sampled_from([7, 14, 30, 61, 90, 180, 365, 730]),
)
def test_what_is_sent_is_sent_within_its_window(
    now: datetime, ahead: float, state: str | None, days: int
) -> None:
    """Whatever the calendar, the zone and the cadence: due inside of the window, or never."""
    occasion, zone = Occasion(R, now + timedelta(days=ahead), days), zone_of(state)
    rule = rule_for(RULES, occasion, state)
    if rule is None:
        return
    found = window(rule, occasion, zone, now)
    before = (found.about_on - day_in(zone, found.due_at)).days
    assert found.about_on == day_in(zone, occasion.at) and found.due_at >= now
    if found.closed_at(now):
        assert before < rule.latest
    else:
        assert rule.latest <= before <= rule.earliest and found.open_at(found.due_at)
        assert before - rule.latest >= 2 or found.due_at == now  # time to try again, unless it was known late


class _Told:
    """A subscription's notices of one kind, as the acts would move them."""

    def __init__(self, zone: str) -> None:
        self.zone, self.all, self.sent = zone, [], []  # type: ignore[var-annotated]
        self.believed: date | None = None

    def look(self, now: datetime, occasion: Occasion | None, rule: NoticeRule) -> None:
        wanted = window(rule, occasion, self.zone, now) if occasion else None
        today = day_in(self.zone, now)
        if wanted and wanted.about_on <= today:
            wanted = None
        known = [one for one in self.all if one.status != NoticeStatus.CANCELED]
        change = needed(R, known, wanted, today, now)
        for one in change.off:
            one.status = NoticeStatus.CANCELED
        if change.told:
            change.told.moved = change.moved
        if change.made:
            made, late = change.made, change.made.closed_at(now)
            self.all.append(
                Notice(
                    status=NoticeStatus.MISSED if late else NoticeStatus.DUE,
                    kind=R.value,
                    about_on=made.about_on,
                    opens_on=made.opens_on,
                    closes_on=made.closes_on,
                    zone=self.zone,
                    law=made.rule.law,
                    due_at=made.due_at,
                    moved=False,
                    created_at=now + timedelta(microseconds=len(self.all)),
                )
            )

    def send(self, now: datetime, about: date | None) -> None:
        today = day_in(self.zone, now)
        for one in self.all:
            if one.moved:
                one.status, one.moved, one.corrected_to, self.believed = (
                    NoticeStatus.CORRECTED,
                    False,
                    about,
                    about,
                )
                fresh = [n for n in self.all if n.status == NoticeStatus.DUE and n.about_on == about]
                for n in fresh:
                    if n.opens_on <= today <= n.closes_on:
                        n.status, n.message_id = NoticeStatus.SENT, "msg"
            elif one.status == NoticeStatus.DUE and one.due_at <= now:
                if today > one.closes_on:
                    one.status = NoticeStatus.MISSED
                    continue
                one.status, one.message_id, self.believed = NoticeStatus.SENT, "msg", one.about_on
                self.sent.append((today, one))


@settings(max_examples=150, deadline=None)
@given(
    start=instants,
    state=STATES,
    steps=st.lists(
        st.tuples(
            st.sampled_from([0.5, 1, 2, 9]),
            st.sampled_from([None, 2, 5.5, 6, 7, 8, 20, 55]),
            st.sampled_from([True, True, False]),
        ),
        max_size=14,
    ),
)
def test_a_date_that_moves_to_and_fro_leaves_the_customer_with_what_holds(
    start: datetime, state: str | None, steps: list[tuple[float, float | None, bool]]
) -> None:
    """Each step: so many days later the date is elsewhere (or none), and the clock may look or not."""
    told, rule, now = _Told(zone_of(state)), RULES[0], start
    for later, ahead, looks in steps:
        now += timedelta(days=later)
        occasion = Occasion(R, now + timedelta(days=ahead), 30) if ahead is not None else None
        told.look(now, occasion, rule)
        about = day_in(told.zone, occasion.at) if occasion else None
        standing = [
            n.about_on for n in told.all if n.status in (NoticeStatus.DUE, NoticeStatus.SENT) and not n.moved
        ]
        assert [day for day in standing if day != about and day > day_in(told.zone, now)] == []
        assert standing.count(about) <= 1 if about else True
        if looks:
            told.send(now, about)
            if told.believed and told.believed > day_in(told.zone, now):
                assert told.believed == about
        for day, one in told.sent:
            assert one.opens_on <= day <= one.closes_on
