"""Finding in the audit: by words, who, what, about what, when, who agreed and which trace, all of it in the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from opsconsole.db import db
from opsconsole.services import audit

from ..approvals.scenes import agreed, ask
from ..house import House
from ..plumbing.test_listing import plan, walk
from ..scenes import issue


@pytest.fixture
def story(house: House) -> dict[str, Any]:
    """Sam refunds a little; Lee approves what Sam asks for beyond the limit; a day later Finn refunds too."""
    order = house.order("900.00")
    small = issue(
        house, order, "10.00", role="support", reason="never_arrived", note="Parcel was three weeks late"
    )
    asked = ask(house, order, "150.00").get_json()
    done = agreed(house, asked)
    house.later(24 * 3600)
    late = issue(house, order, "5.00", role="finance")
    return {"order": order, "small": small, "asked": asked, "done": done, "late": late}


def found(house: House, **asked: str) -> list[dict[str, Any]]:
    return house.api("auditor").get(f"/audit?{urlencode(asked)}")["items"]


def acts(house: House, **asked: str) -> list[tuple[str, str]]:
    return [(one["act"], one["by"]) for one in found(house, **asked)]


def test_every_filter_finds_what_it_says(house: House, story: dict[str, Any]) -> None:
    labels = {one["by"] for one in found(house, act="refunds.issue")}
    by = next(label for label in labels if "support" in label)
    issue_ = ("refunds.issue", by)
    assert acts(house, q="three WEEKS late") == [issue_], "the reason"
    assert acts(house, q="eeks arriv") == [issue_], "parts of words, in any order"
    assert acts(house, q="150.00", by=by, act="refunds.issue") == [issue_], "the sentence"
    assert all("support" in one["by"] for one in found(house, q=by, act="refunds.issue")) and found(
        house, q=by
    )
    assert acts(house, approver="Lee Okafor") == [issue_]
    assert acts(house, approver="Finn Marsh") == []
    [one] = found(house, approver="Lee Okafor")
    assert one["approved_by"] == "Lee Okafor" and one["approval"] == story["asked"]["approval"]["url"]
    shown = house.api("auditor").get(one["url"])
    assert shown["approved_by"] == "Lee Okafor" and shown["reason"] == "goodwill"
    assert {entry["trace"] for entry in found(house, trace=one["trace"])} == {one["trace"]}
    assert "approvals.approve" in {entry["act"] for entry in found(house, trace=one["trace"])}
    of_order = found(house, subject=story["order"]["url"], act="refunds.issue")
    assert len(of_order) == 3
    [(today, yesterday)] = house.rows("select instant()::date, (instant() - interval '1 day')::date")
    late = found(house, act="refunds.issue", **{"from": str(today)})
    assert [one["subject"] for one in late] == [story["late"]["subject"]]
    early = found(house, act="refunds.issue", until=str(yesterday))
    assert len(early) == 2 and late[0] not in early
    assert (
        walk(house.api("auditor"), "/audit", "created_at")
        == walk(house.api("auditor"), "/audit", "-created_at")[::-1]
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"q": "ab"}, "q"), ({"q": "% _"}, "q"), ({"from": "soon"}, "from"), ({"until": "2026-13-01"}, "until")],
)
def test_what_cannot_be_asked_is_said(house: House, asked: dict[str, str], field: str) -> None:
    assert set(house.api("auditor").get(f"/audit?{urlencode(asked)}", 422)["errors"]) == {field}


def test_signs_mean_themselves(house: House, story: dict[str, Any]) -> None:
    assert found(house, q="%late%") == found(house, q="week_") == []


def test_mo_searches_and_reads_an_entry(house: House, story: dict[str, Any]) -> None:
    mo = house.page("auditor")
    page = mo.get("/audit?q=goodwill&approver=Lee+Okafor")
    assert 'value="goodwill"' in page and "<td>Lee Okafor" in page and page.count("row-link") == 1
    [one] = found(house, approver="Lee Okafor")
    entry = mo.get(one["url"])
    for words in (
        "Approved by",
        "Lee Okafor",
        "goodwill",
        f"/traces/{one['trace']}",
        "150.00",
        "Why",
    ):
        assert words in entry, words
    assert "127.0.0.1" in mo.get(one["within"]), "from where it was approved"
    assert "No act fits" in mo.get("/audit?q=nothing+like+this")


def test_what_has_no_page_is_no_link(house: House) -> None:
    from ..staff.sign_in_scenes import enrol

    enrol(house.page("support"))
    [one] = found(house, act="staff.enrol")
    assert "fac_" in one["subject"]
    page = house.page("auditor").get(one["url"])
    assert 'href="/factors/' not in page and "fac_" in page


def test_each_filter_is_read_through_its_index(house: House) -> None:
    """As the database would in a larger audit: with statistics, and never the whole table."""
    with house.app.app_context():
        db.session.execute(
            text(
                "insert into audit_entries (id, created_at, act, by, by_id, says, inputs, changes, promises, trace_id,"
                " within, about) select 'aud_' || lpad(n::text, 26, '0'), instant() - n * interval '1 minute',"
                " case when n % 50 = 0 then 'approvals.approve' else 'refunds.issue' end, 'Person ' || n % 7, 'stf_1',"
                " 'Refund of ' || n, jsonb_build_object('reason', md5(n::text)), '[]', '{}', 'trc_' || n,"
                " case when n % 50 = 1 then 'aud_' || lpad((n - 1)::text, 26, '0') end, array['ord_' || n]"
                " from generate_series(1, 8000) n"
            )
        )
        db.session.execute(text("analyze audit_entries"))
        db.session.commit()
        for asked, index in (
            ({"q": "c4ca4238a0b9"}, "audit_entries_search_idx"),
            ({"trace": "trc_77"}, "audit_entries_trace_idx"),
            ({"subject": "ord_77"}, "audit_entries_about_idx"),
            ({"by": "Person 3"}, "audit_entries_by_created_idx"),
            ({"act": "refunds.issue"}, "audit_entries_act_created_idx"),
            ({"approver": "Person 3"}, "audit_entries_within_idx"),
            ({"from": "2020-01-01"}, "audit_entries_created_idx"),
            ({"until": "2040-01-01"}, "audit_entries_created_idx"),
        ):
            read = plan(audit.LIST, asked, "-created_at", ("seqscan",))
            db.session.rollback()
            assert index in read and "Seq Scan" not in read, (asked, read)
