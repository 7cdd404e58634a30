"""Putting a finding right: what the outside answers decides."""

from __future__ import annotations

import pytest

from ..fills.scenes import look, order
from ..house import House
from ..scenes import WINDOW, cases_of, denied, only_case, refused
from ..shipments.scenes import stands
from .scenes import (
    compared,
    fill_ahead_here,
    fill_behind,
    fill_missing_there,
    fill_unknown_here,
    filled,
    findings,
    only_finding,
    order_without_fill,
    ship_to_differs,
    two_live_there,
)


def test_a_copy_is_stopped_where_it_is(house: House) -> None:
    two_live_there(house)
    compared(house)
    found = only_finding(house)
    page = house.page("ops_lead")
    page.get(f"{found['url']}/repair")
    shown = page.submit(f"{found['url']}/repair", {})
    assert "Truepill is asked to stop TP-9" in shown
    house.drain()
    assert only_finding(house)["acts"][0]["allowed"], "it was asked, and decides in a moment"
    house.later(5)
    compared(house)
    assert house.api().get(found["url"])["status"] == "repaired"
    assert [one["object_id"] for one in house.sandbox.ledger("fill_cancel")] == ["TP-9"]
    [(fill,)] = house.rows("select status from fills")
    assert fill == "acknowledged", "ours goes on"


def test_what_it_would_not_stop_stays_open_and_says_so(house: House) -> None:
    two_live_there(house)
    compared(house)
    found = only_finding(house)
    house.sandbox.truepill.amend("TP-9", {"status": "filling", "cancellation": "denied"})
    house.api().post(f"{found['url']}/repair")
    house.drain()
    now = only_finding(house)
    assert now["suggests"]["act"] == "reconciliation.dismiss"
    assert "would not stop TP-9" in only_case(house, found["url"])["says"]


def test_the_pharmacys_no_becomes_a_case(house: House) -> None:
    ship_to_differs(house)
    compared(house)
    found = only_finding(house)
    house.sandbox.truepill.move(found["external_id"], "shipped")
    house.api().post(f"{found['url']}/repair")
    house.drain()
    no = next(case for case in cases_of(house, found["url"]) if case["reason"] == "vendor_rejected")
    assert "on its way" in no["says"] and only_finding(house)["id"] == found["id"]
    assert "Its repair is a case" in refused(
        house, house.api(), f"{found['url']}/repair", {}, "being_repaired"
    )
    house.api().post(f"{no['url']}/dismiss", {"reason": "It has left"})
    assert house.sandbox.ledger("fill_address") == []


def test_what_is_given_up_can_be_sent_again(house: House) -> None:
    fill_missing_there(house)
    compared(house)
    house.api().post(only_finding(house)["suggests"]["url"])
    house.drain()
    [(url, order_url)] = house.rows("select '/fills/' || id, '/orders/' || order_id from fills")
    assert look(house, {"url": url, "order": order_url}) == ("rejected", "manual_intervention")
    house.api().post(f"{url}/resend")
    house.drain()
    house.later(10)
    assert look(house, {"url": url, "order": order_url}) == ("acknowledged", "at_pharmacy")
    assert (compared(house)["found"], findings(house)) == (0, [])


def test_what_is_there_after_all_is_not_given_up(house: House) -> None:
    """It was lost in their books for an hour."""
    fill = filled(house)
    kept = house.sandbox.truepill.amend(fill["external_id"], {})
    house.sandbox.truepill.forget(fill["external_id"])
    compared(house)
    house.sandbox.truepill.load([kept])
    found = only_finding(house)
    house.api().post(f"{found['url']}/repair")
    house.drain()
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    assert house.api().get(found["url"])["status"] == "repaired"


def test_what_was_ordered_by_hand_is_the_orders_fill_from_then_on(house: House) -> None:
    fill_unknown_here(house)
    compared(house)
    house.api().post(only_finding(house)["suggests"]["url"])
    house.drain()
    [row] = house.rows("select id, order_id, external_id, status, why from fills")
    assert (row.external_id, row.status, row.why) == ("TP-7", "acknowledged", "Ordered there by hand")
    house.sandbox.truepill.move("TP-7", "shipped")
    house.drain()
    assert look(house, {"url": f"/fills/{row.id}", "order": f"/orders/{row.order_id}"}) == (
        "shipped",
        "shipped",
    )
    assert (compared(house)["found"], len(house.sandbox.ledger("fill"))) == (0, 0)


def test_what_was_sent_meanwhile_is_not_taken_in_beside_it(house: House) -> None:
    fill_unknown_here(house)
    compared(house)
    found = only_finding(house)
    [(ready,)] = house.rows("select '/orders/' || id from orders")
    house.api().post(f"{ready}/submit")
    house.api().post(f"{found['url']}/repair")
    house.later(WINDOW)
    assert [row.why for row in house.rows("select why from fills")] != ["Ordered there by hand"]
    assert "two_live_there" in {one["kind"] for one in findings(house)}


def test_an_order_that_nobody_has_is_ready_again(house: House) -> None:
    order_without_fill(house)
    compared(house)
    preview = house.api().post(f"{only_finding(house)['url']}/repair?preview=1", None, 200)["preview"]
    assert preview["promises"] == [] and [one["to"] for one in preview["changes"] if one["field"] == "status"]
    house.api().post(only_finding(house)["suggests"]["url"])
    assert [row.status for row in house.rows("select status from orders")] == ["ready"]


def test_an_order_that_somebody_has_by_now_stays_where_it_is(house: House) -> None:
    order_without_fill(house)
    compared(house)
    found = only_finding(house)
    ready = house.api().get(found["order"])
    stands(house, ready, "ready")
    house.api().post(f"{ready['url']}/submit")
    said = refused(house, house.api(), f"{found['url']}/repair", {}, "nothing_to_repair")
    assert "has it by now" in said


def test_a_second_click_asks_nobody_again(house: House) -> None:
    fill_behind(house)
    compared(house)
    url = f"{only_finding(house)['url']}/repair"
    first = house.api().post(url, key="twice")
    assert house.api().post(url, key="twice") == first
    assert "under way" in refused(house, house.api(), url, {}, "being_repaired")
    house.drain()
    assert "is repaired" in refused(house, house.api(), url, {}, "not_open")


def test_what_cannot_be_put_right_from_here_is_refused(house: House) -> None:
    fill_ahead_here(house)
    compared(house)
    refused(house, house.api(), f"{only_finding(house)['url']}/repair", {}, "nothing_to_repair")


@pytest.mark.parametrize("role", ["support", "clinician", "auditor"])
def test_without_the_right(house: House, role: str) -> None:
    fill_missing_there(house)
    compared(house)
    denied(house, role, f"{only_finding(house)['url']}/repair")


def test_the_foundations_of_a_comparison_stand_in_the_sandbox(house: House) -> None:
    """What somebody does at a pharmacy's own desk is not told to us, and what is not there cannot be written over."""
    ready = order(house)
    for what in (house.sandbox.truepill.forget, house.sandbox.honeybee.forget, house.sandbox.easypost.forget):
        with pytest.raises(ValueError, match="There is no"):
            what(ready["reference"])
