"""Who had the ball of an order is what its lanes say: now as at any time before, to the second."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opsconsole.db import db
from opsconsole.models import StatusMove, Visit
from opsconsole.services import clocks, orders, service_levels
from opsconsole.services.clocks import Outage

from ..house import House
from ..orders.lane_stories import STORIES, Story, at, tell
from ..statements import statements

HOUR = timedelta(hours=1)
ODD = (
    "refund_planned",
    "refund_failed",
    "paid_but_waits",
    "returned",
    "canceled_money_kept",
    "to_be_fetched",
    "no_fills_left",
)


def read(story: Story) -> tuple[orders.Lanes, clocks.Attribution]:
    order = tell(story)
    lanes = orders.lanes(order, at=at(story.now), awaited=story.awaited)
    return lanes, clocks.of(order, lanes)


@pytest.fixture
def app(house: House):  # type: ignore[no-untyped-def]
    with house.app.app_context():
        yield house
        db.session.rollback()


def test_every_story_of_the_lanes_is_divided_and_ends_with_whoever_has_the_ball(app: House) -> None:
    for story in STORIES[::3] + tuple(one for one in STORIES if one.name in ODD):
        lanes, found = read(story)
        running = found.running
        assert (running.holder.value if running else "nobody") == story.ball == lanes.ball.who.value, (
            story.name
        )
        edges = [found.since, *(span.until for span in found.spans)]
        assert [span.since for span in found.spans] == edges[:-1] and edges[-1] == found.until, story.name
        parts = clocks.shares(found, service_levels.levels())
        assert sum((one.ball for one in parts), timedelta()) == found.elapsed, story.name
        assert all(timedelta() <= one.ball_at_work <= one.ball for one in parts), story.name
        assert found.until == (
            lanes.now if running else found.spans[-1].until if found.spans else found.since
        )
        db.session.rollback()


def test_the_way_of_an_order_in_hours(app: House) -> None:
    story = next(one for one in STORIES if one.name == "shipped")
    _, found = read(story)
    told = [(one.holder.value, round(one.lasted / HOUR, 1)) for one in found.spans]
    assert told == [
        ("patient", 0.2), ("patient", 4.8), ("clinic", 3), ("clinic", 1),  # checking out, answering, deciding, signing
        ("patient", 0.4), ("payment", 0.0), ("us", 0.1), ("us", 0.1),  # to pay, collected, ours to move on, ours to send
        ("pharmacy", 2.4), ("pharmacy", 48), ("carrier", 30),
    ]  # fmt: skip
    shares = {one.holder.value: one for one in clocks.shares(found, service_levels.levels())}
    # Tuesday 21:00 to Thursday 21:00 UTC: the company's hours, as no pharmacy is known. Two hours of the first day before.
    assert shares["pharmacy"].ball == 50.4 * HOUR and shares["pharmacy"].ball_at_work < 24 * HOUR
    assert shares["carrier"].ball_at_work == shares["carrier"].ball == 30 * HOUR
    assert sum((one.ball for one in shares.values()), timedelta()) == 90 * HOUR


def test_a_question_to_the_patient_is_the_patients_time(app: House) -> None:
    story = next(one for one in STORIES if one.name == "in_review_late")
    order = tell(story)
    visit = Visit(
        kind="initial", customer_id=order.customer_id, order_id=order.id, status="needs_info", status_since=at(20),
        created_at=at(0),
    ).add()  # fmt: skip
    for hours, before, after in (
        (5, "in_progress", "submitted"),
        (8, "submitted", "in_review"),
        (20, "in_review", "needs_info"),
    ):
        db.session.add(
            StatusMove(record_id=visit.id, at=at(hours), before=before, after=after, by="c", cause="")
        )
        db.session.flush()
    lanes = orders.lanes(order, at=at(story.now))
    with statements(app) as sent:
        found = clocks.of(order, lanes)
    assert len(sent) == 2  # what it consists of, and incidents
    told = [(one.holder.value, one.state, round(one.lasted / HOUR, 1)) for one in found.spans]
    assert told[-3:] == [
        ("clinic", "visit_submitted", 3), ("clinic", "visit_in_review", 12), ("patient", "visit_needs_info", 35),
    ]  # fmt: skip
    assert found.running and found.running.why == "The customer has to answer the clinician"


def test_when_it_is_late_stands_still_while_a_vendor_is_down(
    app: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opsconsole.lib.business_time import Limit
    from opsconsole.services.service_levels import Declared, _declare

    limit = Limit(4 * HOUR, 24 * HOUR)
    monkeypatch.setitem(
        _declare._DECLARED, "RX.UNSIGNED", Declared("RX.UNSIGNED", "Not signed", "clinic", limit)
    )
    story = next(one for one in STORIES if one.name == "awaiting_rx")  # since hour 8, looked at in hour 10
    order = tell(story)
    lanes, held = orders.lanes(order, at=at(story.now)), service_levels.levels()
    due = clocks.due(clocks.of(order, lanes), held)
    assert due == clocks.Due(at(8), "RX.UNSIGNED", at(12), at(32))
    paused = clocks.due(clocks.of(order, lanes, [Outage("healthcare", at(8.5), at(9.5))]), held)
    assert paused == clocks.Due(at(8), "RX.UNSIGNED", at(13), at(33))
    down = clocks.of(order, lanes, [Outage("healthcare", at(9))])
    assert clocks.due(down, held) == clocks.Due(at(8), "RX.UNSIGNED", stands=True)
    assert down.running and down.running.why == "The clinic's system did not answer"
    monkeypatch.delitem(_declare._DECLARED, "RX.UNSIGNED")
    assert clocks.due(clocks.of(order, lanes), held) == clocks.Due(at(8), breach_at=at(32))
