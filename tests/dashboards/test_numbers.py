"""Every number of every board opens exactly its rows."""

from __future__ import annotations

import html
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import text

from opsconsole.db import db, now
from opsconsole.services import CLOCK, dashboards, payouts, stuck, transaction

from ..house import House
from ..stuck.plant import Plant
from ..stuck.test_rules import world

BOARDS = ("/stuck", "/dashboards", "/dashboards/levels", "/dashboards/levels?days=30", "/dashboards/money")
_LINK = re.compile(
    r'<a class="(?:number|stat)[^"]*" href="([^"]+)"[^>]*>(?:<span class="stat-label">[^<]*</span>'
    r'<span class="stat-value">)?(\d+)<'
)


@pytest.fixture
def stands(house: House) -> House:
    """Every world there is, and a part of what was stuck put right in time or too late."""
    with house.app.app_context(), transaction():
        plant = Plant(now())
        for code in stuck.RULES:
            world(code).firing(plant)
        stuck.diagnose(stuck.Scope(plant.now - timedelta(days=2)))
        stuck.diagnose(stuck.Scope(plant.now))
        draw = random.Random(7)
        for row in db.session.execute(
            text("select id from stuck where ended_at is null order by code")
        ).all():
            if draw.random() < 0.3:
                at = plant.now - timedelta(hours=draw.randrange(1, 40))
                db.session.execute(
                    text(
                        "update stuck set status = 'cleared', ended = 'cleared', ended_at = greatest(:at, began_at)"
                        " where id = :id"
                    ),
                    {"id": row.id, "at": at},
                )
    return house


def test_every_number_opens_exactly_its_rows_and_the_backlog_is_that_of_any_day(stands: House) -> None:
    lee, api = stands.page("ops_lead"), stands.api()
    seen: dict[str, int] = {}
    for board in BOARDS:
        for url, number in _LINK.findall(lee.get(board)):
            seen.setdefault(html.unescape(url), int(number))
    wrong = {url: (number, found) for url, number in seen.items() if (found := _length(api, url)) != number}
    assert len(seen) > 100
    assert not wrong, wrong
    _backlog_is_that_of_any_day(stands)


def _length(api: Any, url: str) -> int:
    """How many rows a list has, to its end."""
    parts = urlsplit(url)
    asked, found = dict(parse_qsl(parts.query)), 0
    while True:
        page = api.get(f"{parts.path}?{urlencode(asked)}")
        found += len(page["items"])
        if not page["next"]:
            return found
        asked["after"] = page["next"]


def _backlog_is_that_of_any_day(stands: House) -> None:
    """Counted back from now it is what the spells themselves say."""
    with stands.app.app_context():
        spells = db.session.execute(text("select began_at, ended_at from stuck")).all()
        at = now()
        for day in dashboards.flow().days:
            over = min(datetime.combine(day.on + timedelta(days=1), datetime.min.time(), UTC), at)
            naive = sum(
                one.began_at < over and (one.ended_at is None or one.ended_at >= over) for one in spells
            )
            assert day.backlog == naive, day.on
            assert day.began == sum(one.began_at.astimezone(UTC).date() == day.on for one in spells)


def test_what_was_given_back_ties_to_the_ledger(house: House) -> None:
    order = house.order("60.00")
    house.api().post(f"{order['url']}/refund", {"amount": "12.34", "reason": "goodwill"})
    house.later(120)
    house.later(86_400 * 2)
    with house.app.app_context():
        day = db.session.scalar(
            text("select (created_at at time zone 'UTC')::date from refunds order by created_at desc")
        )
        payouts.tie(day=day, by=CLOCK)
        [row] = [one for one in dashboards.money().days if one.day == day and one.currency == "usd"]
        assert row.amount == row.tied and row.amount >= 1234
