"""Payouts as Stripe holds them, and what they are made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from opsconsole.db import db
from opsconsole.models import Promise
from opsconsole.services import STRIPE, WORKER, payouts, transaction
from opsconsole.vendors.billing import EntryFacts, Listed, PayoutFacts

from ..house import House
from ..scenes import cases_of

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


def facts(status: str = "in_transit", **more: Any) -> PayoutFacts:
    told = {"automatic": True, "reconciled": "in_progress", **more}
    return PayoutFacts("po_1", status, 9700, "usd", AT, date(2026, 11, 22), **told)


def entry(id: str, net: int, **more: Any) -> EntryFacts:
    told = {"source": f"ch_{id}", "payout": "po_1", **more}
    return EntryFacts(
        id,
        "charge",
        amount=net,
        fee=0,
        net=net,
        currency="usd",
        created_at=AT,
        available_on=AT.date(),
        **told,
    )


def settle(house: House, told: PayoutFacts, minutes: int = 0) -> Any:
    with house.app.app_context(), transaction():
        payouts.settle("po_1", facts=told, fetched_at=AT + timedelta(minutes=minutes), by=STRIPE)
    [payout] = house.api().get("/payouts?external_id=po_1")["items"]
    return payout


def asked(house: House) -> list[dict[str, Any]]:
    return [row.arguments for row in house.rows("select arguments from promises order by position")]


def test_a_payout_follows_stripe_and_older_news_never_wins(house: House) -> None:
    assert settle(house, facts("paid"), minutes=5)["status"] == "paid"
    assert settle(house, facts("in_transit"), minutes=1)["status"] == "paid"
    payout = settle(house, facts("failed", failure_code="account_closed"), minutes=9)
    assert (payout["status"], payout["final"], payout["failure_code"]) == ("failed", True, "account_closed")
    [case] = cases_of(house, payout["url"])
    assert case["reason"] == "payout_failed" and "account closed" in case["says"]
    settle(house, facts("paid"), minutes=10)
    assert not cases_of(house, payout["url"])
    settle(house, facts("on_the_moon"), minutes=11)
    [case] = cases_of(house, payout["url"])
    assert case["reason"] == "vendor_status_unknown" and "on_the_moon" in case["says"]
    assert "$97.00" in house.page("finance").get(payout["url"])


def test_what_it_is_made_of_is_read_page_by_page_once_stripe_knows(house: House) -> None:
    settle(house, facts())
    assert asked(house) == []
    payout = settle(house, facts(reconciled="completed"), minutes=1)
    settle(house, facts(reconciled="completed"), minutes=2)  # told twice, asked once
    assert asked(house) == [{"payout": "po_1", "after": None}]
    take_in(house, payout["id"], Listed((entry("txn_1", 5000), entry("txn_2", 4000)), "txn_2"))
    assert asked(house)[-1] == {"payout": "po_1", "after": "txn_2"}
    assert house.api().get(payout["url"])["read_at"] is None
    take_in(house, payout["id"], Listed((entry("txn_2", 4000), entry("txn_3", 700)), None))
    listed = house.api().get(f"{payout['url']}/entries")["items"]
    assert {one["external_id"]: one["net"]["amount"] for one in listed} == {
        "txn_1": "50.00", "txn_2": "40.00", "txn_3": "7.00",
    }  # fmt: skip
    shown = house.page("finance").get(payout["url"])
    assert "Adds up to" in shown and shown.count("$97.00") > 1
    assert "ch_txn_3" in house.page("finance").get(f"{payout['url']}/entries")
    settle(house, facts("paid", reconciled="completed"), minutes=3)
    assert len(asked(house)) == 2


def take_in(house: House, payout_id: str, page: Listed) -> None:
    with house.app.app_context(), transaction():
        payouts.itemised(payout_id, facts=page, fetched_at=AT + timedelta(hours=1), by=WORKER)
        for one in db.session.query(Promise):
            one.status = "kept"


def test_an_entry_is_copied_once_and_learns_its_payout_later(house: House) -> None:
    payout = settle(house, facts())
    take_in(house, payout["id"], Listed((entry("txn_9", 100, payout=None),), None))
    assert house.api().get(f"{payout['url']}/entries")["items"] == []
    take_in(house, payout["id"], Listed((entry("txn_9", 100),), None))
    take_in(
        house, payout["id"], Listed((entry("txn_9", 100, payout=None),), None)
    )  # a list that does not know it
    assert [one["external_id"] for one in house.api().get(f"{payout['url']}/entries")["items"]] == ["txn_9"]
