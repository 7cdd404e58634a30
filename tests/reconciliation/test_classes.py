"""Every way in which we and the outside can differ: seen, called by its name, put right, and not seen again."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole import vendors
from opsconsole.services import WORKER, reconciliation
from opsconsole.services.reconciliation import KINDS

from ..fills.scenes import look
from ..house import House
from ..scenes import cases_of
from ..shipments.scenes import instant
from .scenes import (
    HOUR,
    WAYS,
    Way,
    compared,
    each_way,
    filled,
    findings,
    only_finding,
    parcel_of,
    shipped,
    tracking_differs,
)

INPUT = {
    "fills.cancel": {"reason": "other"},
    "reconciliation.dismiss": {"reason": "They looked: all is well"},
}


def as_suggested(house: House, found: Any) -> None:
    """Somebody does what the finding suggests, and what follows from that happens."""
    suggested = found["suggests"]
    house.api().post(suggested["url"], INPUT.get(suggested["act"], {}))
    house.drain()
    house.later(10)


def ordered(house: House) -> list[Any]:
    """What pharmacies were really asked to make up, to stop and to send elsewhere."""
    return [house.sandbox.ledger(what) for what in ("fill", "fill_cancel", "fill_address")]


def test_every_kind_has_its_way() -> None:
    assert {way.kind for way in WAYS} == set(KINDS)
    assert {way.kind for way in WAYS if way.automatic} == {
        code for code, kind in KINDS.items() if kind.automatic
    }


@each_way
def test_it_is_seen_put_right_as_it_suggests_and_gone_then(house: House, way: Way) -> None:
    """What needs a person is left alone also by a comparison that brings stale copies up to date."""
    way.seed(house)
    before = ordered(house)
    run = compared(house, fix=not way.automatic)
    found = only_finding(house)
    assert (run["found"], run["repaired"], found["kind"]) == (1, 0, way.kind)
    assert found["suggests"]["act"] == way.act and found["ours"] and found["theirs"] != found["ours"]
    assert len(cases_of(house, found["url"])) == (0 if way.automatic else 1)
    assert ordered(house) == before, "nothing is ordered, stopped or sent elsewhere by itself"
    as_suggested(house, found)
    if way.kind == "tracking_differs":
        assert only_finding(house)["suggests"]["act"] == "shipments.relabel"
        label = {"carrier": "UPS", "tracking_code": found["theirs"], "reason": "As the pharmacy says"}
        house.api().post(only_finding(house)["suggests"]["url"], label)
        house.drain()
    second = compared(house)
    assert findings(house) == [] and second["found"] == 0
    assert house.api().get(found["url"])["status"] == way.ends
    assert cases_of(house, found["url"]) == []


@pytest.mark.parametrize("way", [way for way in WAYS if way.by_itself], ids=lambda way: way.kind)
def test_what_is_merely_stale_comes_right_by_itself(house: House, way: Way) -> None:
    way.seed(house)
    before = ordered(house)
    run = compared(house, fix=True)
    assert (findings(house), run["found"], run["repaired"]) == ([], 1, 1)
    [found] = findings(house, status="repaired")
    assert found["kind"] == way.kind and cases_of(house, found["url"]) == [] and ordered(house) == before
    second = compared(house, fix=True)
    assert (second["found"], findings(house)) == (0, [])


def test_where_we_agree_nothing_is_found(house: House) -> None:
    """Also when what they tell is only a moment old, and lies in the inbox."""
    fill = shipped(house)
    house.sandbox.easypost.scan(parcel_of(house, fill)["external_id"], "in_transit")
    house.sandbox.flush()
    run = compared(house)
    assert (run["found"], findings(house)) == (0, []) and run["looked"] >= 2
    assert look(house, fill) == ("shipped", "shipped")


def test_what_was_read_before_newer_news_came_accuses_nobody(house: House) -> None:
    """A webhook overtakes the comparison: what that had read is old by then."""
    fill = filled(house)
    old = vendors.port("pharmacy-truepill").fetch_fills([fill["external_id"]])
    read_at = instant(house)
    house.later(HOUR)
    house.later(7 * HOUR)
    house.api().post("/reconciliation/run", {"fix": False})
    with house.app.app_context():
        [(run,)] = house.rows("select id from reconciliation_runs")
        reconciliation.fetched(run, facts=old, fetched_at=read_at, by=WORKER)
    assert look(house, fill)[0] == "shipped" and house.rows("select 1 from drifts") == []


def test_a_number_that_differs_tells_the_customer_nothing_by_itself(house: House) -> None:
    """Our fill follows; whether its parcel does is a person's, for the customer is written to."""
    tracking_differs(house)
    compared(house, fix=True)
    found = only_finding(house)
    assert found["suggests"]["act"] == "shipments.relabel"
    [case] = cases_of(house, found["shipment"])
    assert case["reason"] == "parcel_renumbered", "one problem is one case"
