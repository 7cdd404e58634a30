"""The three lanes of an order: forty stories, their picture, and the same in a table."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise, product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import g, get_template_attribute

from opsconsole.db import db
from opsconsole.models import OrderStatus, PaymentStatus, RefundStatus
from opsconsole.services import orders
from opsconsole.services.orders import Gate, Lanes, Passed
from opsconsole.views import _lanes as paper

from ..house import House
from ..scenes import WINDOW, issue, refund_elsewhere
from ..statements import statements
from .lane_stories import STORIES, Back, Pay, Story, at, tell

PICTURES = Path(__file__).parent / "lanes"
SVG = "{http://www.w3.org/2000/svg}"
ALL = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)


@contextmanager
def told(house: House, story: Story) -> Iterator[tuple[Lanes, str]]:
    """The story's lanes and their part of the page, as of the story's own now."""
    with house.app.test_request_context():
        g.now = at(story.now)
        lanes = orders.lanes(tell(story), at=g.now, awaited=story.awaited)
        yield lanes, str(get_template_attribute("orders/_lanes.html", "picture")(lanes, paper.draw(lanes)))


def pictures(page: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r'<svg class="lanes-svg.*?</svg>', page, re.S)]


def of_lanes(page: str) -> str:
    [section] = re.findall(r'<section class="lanes".*?</section>', page, re.S)
    return str(section)


def words_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def table_rows(page: str) -> list[str]:
    """Each row of the table twin in the words that the picture's titles use."""
    [body] = re.findall(r"<tbody>(.*?)</tbody>", page, re.S)
    found = []
    for row in re.findall(r"<tr class=.*?</tr>", body, re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        note = words_of("".join(re.findall(r'<span class="badge.*?</span>', cells[1], re.S)))
        cells[1] = re.sub(r'<span class="badge.*?</span>', "", cells[1], flags=re.S)
        lane, what, since, until, lasted, who = map(words_of, cells)
        when = since if until == "a moment" else f"{since} to {until}"
        found.append(" · ".join(part for part in (f"{lane}: {what}", when, lasted, who, note) if part))
    return found


def test_there_are_forty_stories_and_each_has_a_name_of_its_own() -> None:
    assert len({story.name for story in STORIES}) == len(STORIES) >= 40
    kept = {picture.name.partition(".")[0] for picture in PICTURES.glob("*.svg")}
    assert kept == {story.name for story in STORIES}, "a picture of a story that nobody tells any more"


@ALL
def test_the_story_is_told(house: House, story: Story, request: pytest.FixtureRequest) -> None:
    with told(house, story) as (lanes, page):
        assert (lanes.money.current.state, lanes.ball.who.value) == (story.money, story.ball)
        assert lanes.ball.late is story.late
        assert lanes.ball.says.endswith(".") and lanes.ball.since <= lanes.now
        spans_follow_each_other(lanes)
        gates_agree_with_the_status(lanes, story)
        wide, narrow = pictures(page)
        for svg in (wide, narrow):
            titles = [title.text or "" for title in svg.iter(f"{SVG}title")]
            assert sorted(titles) == sorted(table_rows(page))
            bars_stand_in_line(svg)
            assert svg.get("role") == "img" and lanes.ball.says in (svg.get("aria-label") or "")
        assert not re.search(r"\s(id|style)=", page.replace(' id="lanes-title"', ""))
    is_the_one_that_was_looked_at(story, page, request)


def spans_follow_each_other(lanes: Lanes) -> None:
    for lane in lanes.all:
        assert lane.spans[0].since == lanes.since and lane.current.until is None
        for before, after in pairwise(lane.spans):
            assert before.until == after.since and before.since < after.since
            assert (before.state, before.says) != (after.state, after.says)
        assert [point.at for point in lane.points] == sorted(point.at for point in lane.points)
        assert all(lanes.since <= point.at <= lanes.last <= lanes.now for point in lane.points)


# Which gates an order in each status must have passed, written down by hand.
PASSED = {
    "draft": "", "awaiting_visit": "", "in_review": "", "rejected": "",
    "awaiting_rx": "approved", "awaiting_payment": "approved signed", "ready": "approved signed paid",
    "submitted": "approved signed paid", "at_pharmacy": "approved signed paid at_pharmacy",
    "shipped": "approved signed paid at_pharmacy shipped",
    "returned": "approved signed paid at_pharmacy shipped",
    "delivered": "approved signed paid at_pharmacy shipped delivered",
    "closed": "approved signed paid at_pharmacy shipped delivered",
}  # fmt: skip
BESIDE = {"on_hold": "ready", "manual_intervention": "submitted", "canceled": "ready"}
ENDED = ("rejected", "canceled", "returned", "closed")


def gates_agree_with_the_status(lanes: Lanes, story: Story) -> None:
    stood = [step.split()[0] for step in story.way.split(",")]
    known = stood[-1] if stood[-1] in PASSED else stood[-2]
    expected = set(PASSED[known].split()) - {"paid"}
    if not set(stood) & {"awaiting_visit", "in_review", "awaiting_rx"} or not story.told:
        expected -= {"approved", "signed"}
    by_code: dict[str, Gate] = {gate.code: gate for gate in lanes.gates}
    assert {code for code, gate in by_code.items() if gate.passed is Passed.PASSED} - {"paid"} == expected
    collected = sum(pay.minor for pay in story.pay if pay.way == "succeeded")
    assert (by_code["paid"].passed is Passed.PASSED) == (0 < story.total <= collected)
    ahead = [gate for gate in lanes.gates if gate.passed is Passed.AHEAD]
    assert not (ahead and stood[-1] in ENDED)
    shown = {point.gate: point.at for lane in lanes.all for point in lane.points if point.gate}
    assert shown == {gate.code: gate.at for gate in lanes.gates if gate.at}
    passed_at = [gate.at for gate in lanes.gates if gate.at and gate.code != "paid"]
    assert passed_at == sorted(passed_at)


def bars_stand_in_line(svg: ElementTree.Element) -> None:
    """In every lane each bar begins where the one before ends, and nothing leaves the paper."""
    width = float(svg.get("viewBox", "").split()[2])
    bars: dict[str, list[tuple[float, float]]] = {}
    for bar in (one for one in svg.iter(f"{SVG}g") if (one.get("class") or "").startswith("bar ")):
        rect = bar.find(f"{SVG}rect")
        assert rect is not None
        x, wide = float(rect.get("x", "")), float(rect.get("width", ""))
        assert x >= 0 and x + wide <= width
        bars.setdefault(rect.get("y", ""), []).append((x, wide))
    assert len(bars) == 3
    for lane in bars.values():
        for (x, wide), (after, _) in pairwise(lane):
            assert after >= x and x + wide <= after + 1.05, (x, wide, after)  # no bar is thinner than a hair
    marks = [one for one in svg.iter(f"{SVG}g") if (one.get("transform") or "").startswith("translate")]
    for mark in marks:
        assert 0 <= float(mark.get("transform", "")[10:].split()[0]) <= width
    for tick in (one for one in svg.iter(f"{SVG}text") if one.get("class") == "tick"):
        assert 0 <= float(tick.get("x", "")) <= width


STYLED = '<?xml-stylesheet type="text/css" href="../../../opsconsole/static/console.css"?>\n'


def is_the_one_that_was_looked_at(story: Story, page: str, request: pytest.FixtureRequest) -> None:
    """In both sizes. Its colours are those of the paper that it lies on, light or dark."""
    found = re.findall(r'<svg class="lanes-svg.*?</svg>', page, re.S)
    for size, svg in zip(("", ".narrow"), found, strict=True):
        kept = PICTURES / f"{story.name}{size}.svg"
        drawn = STYLED + svg + "\n"
        if request.config.getoption("--renew-pictures"):
            kept.write_text(drawn, encoding="utf-8")
        assert kept.is_file(), f"There is no {kept.name} yet: run pytest {request.node.path} --renew-pictures"
        assert drawn == kept.read_text(encoding="utf-8"), (
            f"{kept.name} looks different now. If that is meant: pytest tests/orders/test_lanes.py "
            "--renew-pictures, open the pictures that changed in a browser, and commit them."
        )


def test_what_happens_through_the_doors_shows_in_the_lanes(house: House) -> None:
    order = house.order("60.00")
    api = house.api()
    before = api.get(order["url"])
    assert [(one["lane"], one["state"]) for one in before["lanes"]] == [
        ("money", "paid"), ("prescription", "not_told"), ("parcel", "ready"),
    ]  # fmt: skip
    assert before["ball"]["who"] == "us" and before["ball"]["says"] == "Nobody told where it ships to."
    issue(house, order, "10.00")
    assert api.get(order["url"])["lanes"][0]["state"] == "refund_planned"
    house.later(WINDOW)
    assert api.get(order["url"])["lanes"][0] == {
        "lane": "money", "state": "partly_refunded", "says": "$10.00 of $60.00 given back",
        "since": api.get(order["url"])["lanes"][0]["since"],
    }  # fmt: skip
    refund_elsewhere(house, order, 5000)
    house.drain()
    assert api.get(order["url"])["lanes"][0]["state"] == "refunded"
    page = house.page().get(order["url"])
    assert "$60.00 was given back already." in page
    rows = " / ".join(table_rows(of_lanes(page)))
    assert all(what in rows for what in ("Refund of $10.00 planned by token demo", "$50.00 sent back")), rows


def test_a_disputed_payment_says_why_no_more_can_be_refunded(house: House) -> None:
    order = house.order("60.00", method="pm_card_createDispute")
    house.drain()
    told_of = house.api().get(order["url"])
    assert (told_of["lanes"][0]["state"], told_of["ball"]["who"]) == ("disputed", "payment")
    page = house.page().get(order["url"])
    assert "$60.00 is disputed: the bank holds it, and a refund would pay it twice." in page
    assert any(row.startswith("Money: $60.00 disputed · ") for row in table_rows(of_lanes(page)))


def test_whatever_is_known_can_be_drawn(house: House) -> None:
    """Every status of an order with every status of its payment, and with every status of a refund."""
    with house.app.test_request_context():
        g.now = at(300)
        pays = [Pay(6, way=f"{paid} 7") for paid in PaymentStatus]
        pays += [Pay(6, back=(Back(8, 1000, f"{back} 9"),)) for back in RefundStatus]
        for nth, (status, pay) in enumerate(product(OrderStatus, [None, *pays, None])):
            way = f"awaiting_rx 0, {status} 5"
            story = Story("any", way, 300, "", "", (pay,) if pay else (), told=nth % 2 == 0)
            lanes = orders.lanes(tell(story), at=g.now, awaited=story.awaited)
            spans_follow_each_other(lanes)
            assert paper.draw(lanes).rows and lanes.ball.says
            db.session.rollback()


def test_the_lanes_take_two_statements_and_one_for_the_parcels(house: House) -> None:
    with house.app.test_request_context():
        order = tell(next(one for one in STORIES if one.name == "refund_failed_and_made_again"))
        paid = order.paid()
        assert order.status and [one.payment.status for one in paid]
        with statements(house) as sent:
            orders.lanes(order, paid)
    assert len(sent) == 3, sent
