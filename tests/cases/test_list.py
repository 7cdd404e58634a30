"""The one worklist: its views, filters and order; what a row tells; groups; how much a page weighs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from opsconsole.db import db, now
from opsconsole.models import Case, Team
from opsconsole.services import cases, transaction
from opsconsole.services.cases import _clock

from ..house import House
from ..scenes import cases_of, declined
from ..statements import statements
from .scenes import id_of, planted


def test_the_most_urgent_first_with_how_long_there_is(house: House) -> None:
    with house.app.app_context():
        at = now()
    planted(house, says="Overdue one", due_at=at - timedelta(hours=3, minutes=1))
    planted(house, says="Early one", due_at=at + timedelta(hours=2, minutes=1), warn_at=at)
    planted(
        house,
        says="Grave one",
        due_at=at + timedelta(days=2, minutes=1),
        urgency=10**11,
        suggests={"act": "cases.dismiss", "url": "/x", "label": "Do this"},
    )
    page = house.page("support").get("/cases")
    assert page.index("Grave one") < page.index("Overdue one") < page.index("Early one")
    for words in ("over by 3 h", "2 h left", "2 d left", "Do this", "bad triangle", "warn half"):
        assert words in page, words


def test_every_filter_finds_its_own(house: House) -> None:
    with house.app.app_context():
        at = now()
    lee = id_of(house, "ops_lead")
    names = {
        "late": {"due_at": at - timedelta(hours=1)},
        "later": {"due_at": at + timedelta(days=2)},
        "clinic": {"team": "clinic", "due_at": at + timedelta(days=3)},
        "truepill": {"vendor": "pharmacy-truepill", "fingerprint": "tp", "due_at": at + timedelta(days=3)},
        "lees": {"owner_id": lee, "due_at": at + timedelta(days=3)},
        "away": {"snoozed_until": at + timedelta(days=1), "due_at": at + timedelta(days=3)},
        "done": {"status": "resolved", "resolved_at": at, "resolved_by": lee, "reopened_at": at},
    }
    urls = {name: planted(house, **more)[0] for name, more in names.items()}
    api = house.api()
    for query, found in (
        ("due=breached", "late"), ("team=clinic", "clinic"), ("vendor=pharmacy-truepill", "truepill"),
        ("fingerprint=tp", "truepill"), (f"owner={lee}", "lees"), ("owner=any", "lees"), ("snoozed=yes", "away"),
        ("done=today", "done"), (f"done=month&done_by={lee}", "done"), ("reopened=yes", "done"),
        ("team=clinic,finance", "clinic"),
    ):  # fmt: skip
        assert [one["url"] for one in api.get(f"/cases?{query}")["items"]] == [urls[found]], query
    assert len(api.get("/cases?due=later")["items"]) == 5 and api.get("/cases?due=today")["items"] == []
    assert len(api.get("/cases?status=open&snoozed=no")["items"]) == 5
    for wrong in ("due=soon", "snoozed=maybe", "done=ever", "reopened=no"):
        api.get(f"/cases?{wrong}", 422)


def test_the_views_and_a_page_that_stays_small_and_asks_as_much_for_one_as_for_many(house: House) -> None:
    planted(house, team="support")
    sam = house.page("support")
    for view in ("Mine", "My team", "Unowned", "Snoozed", "All", "Groups"):
        assert f">{view}</a>" in sam.get("/cases")
    assert 'team=support&amp;snoozed=no" aria-current="page"' in sam.get(
        "/cases?status=open&team=support&snoozed=no"
    )
    sizes = []
    for _ in range(2):
        with statements(house) as sent:
            sam.get("/cases?status=open")
        sizes.append(len(sent))
        planted(
            house, 40, says="The pharmacy sent back what it was asked to fill, with the code of something that has expired.",
            suggests={
                "act": "fills.resend", "url": f"/fills/fil_{'x' * 26}/resend",
                "label": "Put right what was refused, then try again",
            },
        )  # fmt: skip
    page = sam.get("/cases?status=open")
    assert sizes[0] == sizes[1] <= 5 and page.count("row-link") == 22
    assert len(page.encode()) < 40_000, len(page.encode())


def test_whose_work_it_is_and_how_long_there_is_by_its_reason(house: House) -> None:
    assert {reason for reasons in _clock._TEAMS.values() for reason in reasons} <= set(cases.REASONS)
    assert set(_clock._LIMITS) | _clock._GRAVE <= set(cases.REASONS)
    _, refund, told = declined(house)
    case = cases_of(house, refund["id"])[0]
    assert re.fullmatch(r"payments:[a-z_]+:refunds\.send", case["fingerprint"]), case["fingerprint"]
    assert case["vendor"] == "payments" and told["team"] in [team.value for team in Team]
    with house.app.app_context(), transaction():
        harm = cases.open_case("harm_two_copies", "fil_1", says="x")
        usual = cases.open_case("refund_failed", "rf_1", says="x")
        assert harm.urgency < usual.urgency and harm.due_at < usual.due_at
        assert usual.due_at - usual.created_at == timedelta(hours=4) and usual.team == "finance"
        cases.resolve(usual, "dismissed")
        db.session.flush()
        again = cases.open_case("refund_failed", "rf_1", says="x")
        assert usual.reopened_at is not None and again.id != usual.id


@pytest.mark.parametrize("many", [600, pytest.param(10_000, marks=pytest.mark.soak)])
def test_many_failures_fold_into_the_few_causes_that_made_them(house: House, many: int) -> None:
    """Twelve causes: three systems, two codes, two steps; each failure about another refund of one of nine customers."""
    causes = [
        (vendor, code, step)
        for vendor in ("payments", "pharmacy-truepill", "crm")
        for code in ("expired_card", "rate_limited")
        for step in ("send", "fetch")
    ]
    with house.app.app_context(), transaction():
        rows = []
        at = now()
        for n in range(many):
            vendor, code, step = causes[n % 12]
            rows.append(
                {
                    "id": f"cas_{n:026}", "status": "open", "reason": "vendor_rejected", "says": "x",
                    "subject_id": f"rf_{n:026}",
                    "trace_id": "trc_1", "about": [f"rf_{n:026}", f"cst_{n % 9}", f"ord_{n % 100}"], "vendor": vendor,
                    "team": "ops",
                    "created_at": at - timedelta(seconds=n), "fingerprint": cases.fingerprint(vendor, code, step),
                }
            )  # fmt: skip
        db.session.connection().execute(db.insert(Case), rows)
    found = house.api().get("/cases/groups")["items"]
    assert len(found) == 12 and sum(one["count"] for one in found) == many
    assert {(one["vendor"], one["customers"]) for one in found} == {
        (v, 3) for v in ("payments", "pharmacy-truepill", "crm")
    }
    for one in found[:2]:
        rows = house.rows("select count(*) from cases where fingerprint = :f", f=one["fingerprint"])
        assert rows[0][0] == one["count"] and one["first_at"] < one["last_at"]
    assert house.page("support").get("/cases/groups").count("row-link") == 12
