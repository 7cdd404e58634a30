"""The morning board: every number on it leads to exactly the rows that it counts, for everybody who sees it."""

from __future__ import annotations

import html
import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from opsconsole.db import db
from opsconsole.services import cases

from ..house import PEOPLE, House
from ..scenes import WINDOW, declined, issue
from ..statements import statements

NUMBER = re.compile(
    r'<a class="(?:stat|number)[^"]*" href="([^"]+)"[^>]*>(?:<span class="stat-label">[^<]*</span>'
    r'<span class="stat-value">)?(\d+)<'
)


def numbers(page: str) -> list[tuple[str, int]]:
    """Every number on the board with the URL it leads to."""
    return [(html.unescape(url), int(value)) for url, value in NUMBER.findall(page)]


def rows(page: Any, url: str) -> int:
    """How many rows are behind a URL, page by page."""
    found = 0
    while url:
        said = page.get(url)
        found += len(re.findall(r'class="?row-link', said))
        older = re.search(r'href="([^"]+)" rel="next"', said)
        url = html.unescape(older[1]) if older else ""
    return found


def busy(house: House) -> None:
    """Cases of all ages and several owners, more than a page of them; refunds, messages and events under way."""
    _, _, case = declined(house)
    house.later(5 * 3600)
    lee, sam = (
        house.rows("select id from staff where email = :email", email=PEOPLE[role][0])[0][0]
        for role in ("ops_lead", "support")
    )
    ages = [("10 minutes", None), ("2 hours", sam), ("3 hours", None), ("6 hours", lee), ("3 days", sam)]
    copies = """
        insert into cases
            (id, created_at, status, status_since, reason, subject_id, behind_id, says, owner_id, trace_id, about)
        select 'cas_copy' || :mark || n, instant() - cast(:age as interval) - n * interval '1 second', 'open', instant(),
               reason, subject_id || :mark || n, null, says, :owner, trace_id, about
        from cases, generate_series(1, :many) n where id = :id
    """
    with house.app.app_context():
        for mark, (age, owner) in enumerate(ages):
            values = {
                "mark": f"{mark}x",
                "age": age,
                "owner": owner,
                "many": 3 + 60 * (mark == 4),
                "id": case["id"],
            }
            db.session.execute(text(copies), values)
        db.session.commit()
    order = house.order("60.00", customer="cust-2")
    issue(house, order, "5.00")
    house.sandbox.fault(kind="down", method="*")
    issue(house, order, "6.00")
    house.advance(WINDOW)
    house.work()
    issue(house, order, "7.00")
    with house.app.app_context():
        db.session.execute(
            text(
                "update inbox_events set status = 'received' where id in (select id from inbox_events limit 2)"
            )
        )
        db.session.commit()


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_every_number_counts_exactly_the_rows_it_leads_to(house: House, role: str) -> None:
    busy(house)
    page = house.page(role)
    found = numbers(page.get("/"))
    assert len(found) >= (30 if role != "clinician" else 20)
    assert sum(1 for _, value in found if value) >= 12
    for url, value in found:
        assert rows(page, url) == value, url


def test_the_board_tells_ages_and_owners_apart(house: House) -> None:
    busy(house)
    board = dict(numbers(house.page("support").get("/")))
    assert board["/cases?status=open&age=1h"] == 3
    assert board["/cases?status=open&age=4h"] == 6
    assert board["/cases?status=open&age=1d"] == 4  # the declined refund's own case, and three copies
    assert board["/cases?status=open&age=older"] == 63
    assert board["/cases?status=open&owner=none"] == 7
    assert board["/cases?status=open"] == 76
    assert board["/refunds?status=planned"] == 2  # one of them waits behind another in its lane
    assert board["/refunds?status=submitted"] == 1
    assert board["/promises?status=waiting&port=payments"] == 3


def test_the_oldest_and_the_newest_cases_stand_there_once(house: House) -> None:
    busy(house)
    page = house.page("ops_lead").get("/")
    urls = re.findall(r'class="row-link wrap" href="(/cases/[^"]+)"', page)
    assert len(urls) == len(set(urls)) == 16
    oldest, newest = urls[:8], urls[8:]
    assert oldest[0] == "/cases/cas_copy4x63" and newest[0] == "/cases/cas_copy0x1"


def test_no_more_than_six_statements_however_much_there_is(house: House) -> None:
    busy(house)
    page = house.page("ops_lead")
    page.get("/")
    with statements(house) as sent:
        page.get("/")
    assert len(sent) <= 6 + 1, [query for query, _ in sent]  # and who asks


def test_an_empty_console_says_so(house: House) -> None:
    page = house.page("ops_lead").get("/")
    assert "Nothing needs anybody" in page and "Not asked yet" in page
    assert all(value == 0 for _, value in numbers(page))


def test_a_vendor_that_does_not_answer_is_told_with_what_waits_for_it(house: House) -> None:
    for number in range(4):
        issue(house, house.order("60.00", customer=f"cust-{number}"), "5.00")
    assert "Answers" in house.page("ops_lead").get("/")
    house.sandbox.fault(kind="down", method="*")
    house.later(WINDOW)
    for _ in range(4):
        house.later(120)
    page = house.page("ops_lead").get("/")
    assert "Does not answer" in page and "Stripe does not answer (refunds)" in page
    assert dict(numbers(page))["/promises?status=waiting&port=payments"] == 4


def test_a_vendor_that_is_quiet_for_too_long_is_told(house: House) -> None:
    for number in range(3):
        house.order("60.00", customer=f"cust-{number}")
        house.later(60)
    page = house.page("ops_lead")
    assert "longest pause" in page.get("/") and "Quiet for too long" not in page.html
    house.advance(timedelta(days=2).total_seconds())
    assert "Quiet for too long" in house.page("ops_lead").get("/")


def test_ages_do_not_overlap_and_leave_nothing_out() -> None:
    bands = list(cases.AGES.values())
    assert bands[0][1] is None and bands[-1][2] is None
    assert all(one[2] == other[1] for one, other in itertools.pairwise(bands))


def test_an_age_that_is_none_is_refused(house: House) -> None:
    assert "age" in house.api().get("/cases?age=yesterday", 422)["errors"]
