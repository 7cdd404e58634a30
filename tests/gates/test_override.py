"""Eight gates, each open and closed; and a clinician who lets an order through one of them, for a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import text

from opsconsole.db import db, instant
from opsconsole.models import Order, ShipTo
from opsconsole.services.gates import MAY, NEVER, day_of, of_order
from opsconsole.services.gates._clinical import age_on

from ..house import PEOPLE, House
from ..scenes import nothing_written
from .scenes import change, order, prescribed, served, today

WORDS = "Spoke with her: the larger tube is what she wants."


@pytest.fixture
def ready(house: House) -> Any:
    """A ready order; Ada prescribes, and is licensed where it ships to."""
    served(house)
    made = order(house)
    prescribed(house)
    change(
        house,
        f"update providers set staff_id = (select id from staff where email = '{PEOPLE['clinician'][0]}')",
    )
    return made


def blockers(house: House, made: Any, statement: str = "select 1") -> list[str]:
    """What keeps it here while it is so; afterwards it is as it was."""
    with house.app.app_context():
        db.session.execute(text(statement))
        now = db.session.scalar(db.select(instant()))
        found = [one.code for one in of_order(Order.require(made["id"]), now).blockers]
        db.session.rollback()
    return found


def _born(house: House, years: int, days: int = 0) -> str:
    day = today(house)
    return (day.replace(year=day.year - years, day=min(day.day, 28)) + timedelta(days=days)).isoformat()


_FLAG = (
    "insert into review_flags (id, kind, severity, effect, status, customer_id, source, why, by)"
    " select 'flg_1', '{kind}', 'high', '{effect}', '{status}', id, 'rule:x', '', '' from customers"
)
_VISIT = (
    "insert into visits (id, kind, status, customer_id, says, raw_status, by, decided_at)"
    " select 'vis_1', 'initial', '{}', id, '', '', '', instant() from customers"
)
# check -> (what closes it, the blocker's code, what is almost it and closes nothing)
CHECKS: dict[str, tuple[str, str, str]] = {
    "exists": ("delete from prescriptions", "rx_missing", "update prescriptions set sig = 'x'"),
    "signed": (
        "update prescriptions set status = 'pending_signature'", "rx_not_signed",
        "update prescriptions set raw_status = 'x'",
    ),
    "not expired": (
        "update prescriptions set expires_on = instant()::date - 2", "rx_expired",
        "update prescriptions set expires_on = instant()::date + 14",
    ),
    "fills left": ("update prescriptions set fills_used = 3", "no_refills", "update prescriptions set fills_used = 2"),
    "quantity": (
        "update products set quantity = 2", "quantity_mismatch", "update products set quantity = 1, unit = null",
    ),
    "days": ("update products set days_supply = 90", "days_supply_mismatch", "update products set days_supply = 60"),
    "prescriber": (
        "update provider_licences set starts_on = instant()::date + 2", "prescriber_not_licensed",
        "update provider_licences set starts_on = instant()::date - 2",
    ),
    "pharmacy": (
        "delete from pharmacy_licences where state = 'NV'", "pharmacy_not_licensed",
        "delete from pharmacy_licences where state = 'CA'",
    ),
    "flag": (
        _FLAG.format(kind="allergy", effect="block", status="open"), "clinical_flag",
        _FLAG.format(kind="allergy", effect="block", status="resolved"),
    ),
    "pregnancy": (
        "update products set not_in_pregnancy = true; "
        + _FLAG.format(kind="pregnancy", effect="block", status="in_review"),
        "clinical_flag", _FLAG.format(kind="pregnancy", effect="block", status="open"),
    ),
    "review": (_VISIT.format("denied"), "review_denied", _VISIT.format("approved")),
}  # fmt: skip


def test_each_check_closes_its_gate_and_opens_it(house: House, ready: Any) -> None:
    assert blockers(house, ready) == []
    for name, (closes, code, almost) in CHECKS.items():
        assert blockers(house, ready, closes) == [code], name
        assert blockers(house, ready, almost) == [], name


def test_a_key_of_another_product_closes_it(house: House, ready: Any) -> None:
    keyed = """update prescriptions set keys = '[{"system": "ndc", "code": "42192-0151-01"}]'"""
    assert blockers(house, ready, keyed) == []  # a key that nobody knows says nothing
    other = (
        "insert into products (id, sku, name, kind, needs_prescription, active) values ('prd_x', 'X', 'X', 'prescription',"
        " true, true); insert into product_keys (id, product_id, system, key, as_of) values ('pky_x', 'prd_x', 'ndc',"
        " '42192-0151-01', instant())"
    )
    assert blockers(house, ready, f"{keyed}; {other}") == ["product_mismatch"]


def test_age_counts_by_the_products_and_by_the_states_and_is_told_where_nobody_knows_it(
    house: House, ready: Any
) -> None:
    change(house, "update products set min_age = 21")
    api = house.api()
    told = {gate["gate"]: gate for gate in api.get(ready["url"])["gates"]}["clinical"]
    assert told["stands"] == "open" and "age was not checked" in told["says"]
    for born, code in (
        (_born(house, 20), "too_young"),
        (_born(house, 16), "too_young_for_state"),
        (_born(house, 40), None),
    ):
        house.api("support").post(f"{ready['customer']}/correct", {"birth_date": born})
        assert blockers(house, ready) == ([code] if code else []), born
    assert (
        age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
        and age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18
    )
    assert "1990" not in str(api.get(ready["url"])["gates"])


def test_today_is_the_patients(house: House) -> None:
    at = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)  # after midnight in New York, before it further west
    days = {
        state: day_of(ShipTo("x", "x", "x", state, "00000"), at).day for state in ("NY", "TX", "CA", "HI")
    }
    assert days == {"NY": 22, "TX": 21, "CA": 21, "HI": 21} and day_of(None, at).day == 22
    served(house, states=("NY", "TX", "CA", "HI"))
    for n, (state, zone) in enumerate(
        {
            "NY": "America/New_York",
            "TX": "America/Chicago",
            "CA": "America/Los_Angeles",
            "HI": "Pacific/Honolulu",
        }.items()
    ):
        made = order(house, state=state, customer=f"cust-{n}")
        prescribed(house, f"cust-{n}", external_id=f"rx-{n}")
        local = f"(instant() at time zone '{zone}')::date"
        for last, code in (
            (f"{local} - 1", "rx_expired"),
            (local, "rx_expires_soon"),
            (f"{local} + 14", None),
        ):
            found = blockers(house, made, f"update prescriptions set expires_on = {last}")
            assert found == ([code] if code else []), (state, last)


def closed(house: House) -> None:
    change(house, "update products set quantity = 2")


def asked(house: House, days: int = 7, **more: str) -> dict[str, str]:
    until = (today(house) + timedelta(days=days)).isoformat()
    return {
        "code": "quantity_mismatch",
        "reason": "spoke_with_patient",
        "words": WORDS,
        "until": until,
    } | more


def test_a_licensed_prescriber_lets_it_through_and_what_leaves_says_so(house: House, ready: Any) -> None:
    closed(house)
    ada, api = house.page("clinician"), house.api()
    ada.get(f"{ready['url']}/override")
    said = ada.submit(f"{ready['url']}/override", asked(house))
    assert "The order is let through" in said
    gate = {gate["gate"]: gate for gate in api.get(ready["url"])["gates"]}["prescription"]
    assert gate["stands"] == "open" and "Ada Lindqvist lets it through until" in gate["says"]
    [told] = gate["overridden"]
    assert (told["code"], told["reason"], told["until"]) == (
        "quantity_mismatch",
        "spoke_with_patient",
        asked(house)["until"],
    )
    assert "lets it through" in house.page("support").get(ready["url"])
    done = api.post(f"{ready['url']}/submit", {})
    assert api.get(done["subject"])["status"] == "queued"
    [row] = house.rows("select * from gate_overrides")
    assert row.used_at and WORDS.encode() not in bytes(row.words)
    [entry] = house.rows("select * from audit_entries where act = 'fills.submit'")
    assert any(one["field"] == "let through" and "Ada Lindqvist" in one["to"] for one in entry.changes)
    assert WORDS not in str(house.rows("select says, inputs, changes from audit_entries"))


def test_it_ends_by_itself_or_is_withdrawn(house: House, ready: Any) -> None:
    closed(house)
    who = house.page("clinician")
    who.get(f"{ready['url']}/override")
    who.submit(f"{ready['url']}/override", asked(house, days=2))
    assert blockers(house, ready) == []
    house.advance(4 * 86400)
    assert blockers(house, ready) == ["quantity_mismatch"]
    who = house.page("clinician")
    who.get(f"{ready['url']}/override")
    who.submit(f"{ready['url']}/override", asked(house))
    assert blockers(house, ready) == []
    api, url = house.api("ops_lead"), f"{ready['url']}/withdraw_override"
    with nothing_written(house):
        house.api("support").post(url, {"code": "quantity_mismatch"}, 403)
        assert api.post(url, {"code": "too_young"}, 409)["refused"]["code"] == "not_overridden"
    first = api.post(url, {"code": "quantity_mismatch"}, key="k")
    with nothing_written(house):
        assert api.post(url, {"code": "quantity_mismatch"}, key="k") == first
    assert blockers(house, ready) == ["quantity_mismatch"]


def _plain(page: str) -> str:
    return unescape(page)


def test_who_may_not_and_what_nobody_may(house: House, ready: Any) -> None:
    closed(house)
    url = f"{ready['url']}/override"
    assert not set(MAY) & set(NEVER)
    with nothing_written(house):
        house.api("support").post(url, asked(house), 403)
        house.api("ops_lead").post(url, asked(house), 403)
        no = house.api("demo").post(url, asked(house), 409)["refused"]
        assert no["code"] == "not_overridable" and "prescriber" in no["message"]  # a program is none
    ada = house.page("clinician")
    for code, words in (*NEVER.items(), ("on_hold", "nothing for a clinician to judge")):
        ada.get(url)
        assert words in _plain(ada.submit(url, asked(house, code=code), 409)), code
    ada.get(url)
    ada.submit(url, asked(house, days=45), 422)
    ada.get(url)
    ada.submit(url, asked(house, words=" "), 422)
    ada.get(url)
    assert "Nothing of the kind" in ada.submit(url, asked(house, code="too_young"), 409)
    change(house, "update provider_licences set status = 'expired' where state = 'NV'")
    ada.get(url)
    assert "not licensed in NV" in ada.submit(url, asked(house), 409)
    assert house.rows("select count(*) from gate_overrides")[0][0] == 0
