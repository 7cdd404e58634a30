"""Comparing one order, from its page."""

from __future__ import annotations

from ..fills.scenes import look
from ..house import House
from ..scenes import cases_of, denied, refused
from .scenes import (
    by_hand,
    fill_behind,
    filled,
    findings,
    only_finding,
    order_without_fill,
    parcel_not_followed,
    two_live_there,
)


def orders(house: House) -> list[str]:
    return [
        row.url for row in house.rows("select '/orders/' || id as url from orders order by placed_at, id")
    ]


def test_one_order_is_compared_from_its_page(house: House) -> None:
    fill_behind(house)
    other = filled(house, customer="cust-2")
    house.sandbox.truepill.forget(other["external_id"])
    [url, _] = orders(house)
    page = house.page("support")
    assert "Compare with pharmacy and carrier" in page.get(url)
    page.get(f"{url}/reconcile?fix=y")
    shown = page.submit(f"{url}/reconcile", {"fix": "y"})
    assert "Comparison of order" in shown and "Being asked" in shown
    house.drain()
    run = house.api().get(page.url)
    assert (run["status"], run["order"], run["found"], run["repaired"]) == ("done", url, 1, 1)
    assert findings(house) == [], "the other order was not looked at"


def test_a_parcel_of_one_order_is_asked_for_by_itself(house: House) -> None:
    parcel_not_followed(house)
    [url] = orders(house)
    done = house.api("support").post(f"{url}/reconcile", {"fix": False})
    house.drain()
    run = house.api().get(done["subject"])
    assert [part["looked"] for part in run["parts"] if part["port"] == "tracking"] == [1]
    assert only_finding(house)["kind"] == "parcel_not_followed"


def test_it_finds_what_only_they_have_and_closes_it_again(house: House) -> None:
    two_live_there(house)
    [url] = orders(house)
    house.api().post(f"{url}/reconcile", {"fix": True})
    house.drain()
    found = only_finding(house)
    assert (found["kind"], found["external_id"]) == ("two_live_there", "TP-9")
    house.sandbox.truepill.forget("TP-9")
    house.api().post(f"{url}/reconcile", {"fix": True})
    house.drain()
    assert findings(house) == [] and house.api().get(found["url"])["status"] == "gone"


def test_it_closes_nothing_of_other_orders(house: House) -> None:
    order_without_fill(house)
    filled(house, customer="cust-2")
    by_hand(house, "TP-5", "R-of-nobody")
    house.api().post("/reconciliation/run", {"fix": False})
    house.drain()
    assert len(findings(house)) == 2
    house.api().post(f"{orders(house)[1]}/reconcile", {"fix": True})
    house.drain()
    assert len(findings(house)) == 2


def test_it_is_compared_once_at_a_time(house: House) -> None:
    filled(house)
    [url] = orders(house)
    house.api().post(f"{url}/reconcile", {"fix": False}, key="twice")
    house.api().post(f"{url}/reconcile", {"fix": False}, key="twice")
    assert len(house.rows("select 1 from reconciliation_runs")) == 1
    assert "compared already" in refused(house, house.api(), f"{url}/reconcile", {"fix": False}, "running")


def test_without_the_right(house: House) -> None:
    filled(house)
    for role in ("finance", "auditor", "shop"):
        denied(house, role, f"{orders(house)[0]}/reconcile", {"fix": False})


def test_the_pharmacys_no_becomes_a_case(house: House) -> None:
    """A definite no to a question is nobody's fault here: a person looks, and tries again."""
    fill = filled(house)
    house.sandbox.fault(kind="down", method="GET /truepill/v1/orders", vendor="truepill")
    done = house.api().post(f"{fill['order']}/reconcile", {"fix": False})
    for _ in range(6):
        house.later(5 * 3600)
    [case] = cases_of(house, done["subject"])
    assert case["reason"] == "vendor_unavailable_exhausted" and look(house, fill)[0] != "canceled"
    house.sandbox.clear_faults()
    house.api().post(f"{case['url']}/retry", {"reason": "They are back"})
    house.later(3600)
    assert house.api().get(done["subject"])["status"] == "done"
