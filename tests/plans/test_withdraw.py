"""Undoing a plan, all of it, while nothing has left."""

from __future__ import annotations

from ..fills.scenes import pharmacies, submitted
from ..house import House
from ..messages.scenes import written_to
from ..orders.test_hold import held
from ..scenes import WINDOW, cases_of, denied, nothing_written, paid_back, refused
from .scenes import ALL, CANCEL, again, at_pharmacy, on_its_way, plan, ready


def test_the_order_goes_on_from_where_it_was(house: House) -> None:
    order, api = ready(house), house.api()
    made = plan(house, order, cancel=CANCEL, refund=ALL, tell="refund_issued")
    api.post(f"{made['url']}/withdraw", {})
    made = again(house, made)
    assert made["status"] == "withdrawn" and {step["status"] for step in made["steps"]} == {"withdrawn"}
    now = api.get(order["url"])
    assert (now["status"], now["refundable"]["amount"]) == ("ready", "60.00")
    house.later(WINDOW)
    assert paid_back(house) == [] and written_to(house) == []
    pharmacies(house)
    refused(house, api, f"{made['url']}/withdraw", {}, "already_withdrawn")
    plan(house, order, cancel=CANCEL, refund=ALL)
    house.later(WINDOW)
    assert paid_back(house) == [6000]


def test_once_a_vendor_was_asked_it_is_too_late(house: House) -> None:
    made = plan(house, ready(house), cancel=CANCEL, refund=ALL)
    house.later(WINDOW)
    refused(house, house.api(), f"{made['url']}/withdraw", {}, "not_withdrawable")
    [undo] = again(house, made)["acts"]
    assert not undo["allowed"] and "too late" in undo["why_not"]


def test_a_plan_that_asks_no_vendor_can_be_undone_for_a_minute(house: House) -> None:
    order, api = ready(house), house.api()
    made = plan(house, order, cancel=CANCEL)
    house.later(WINDOW)
    refused(house, api, f"{made['url']}/withdraw", {}, "not_withdrawable")
    order, _ = on_its_way(house)
    made = plan(house, order, stop_parcel=True)
    api.post(f"{made['url']}/withdraw", {})
    [shipment] = house.rows("select id from shipments where order_id = :id", id=order["id"])
    assert cases_of(house, shipment.id) == []
    assert api.get(f"/shipments/{shipment.id}")["intercepts"][0]["status"] == "withdrawn"


def test_what_the_pharmacy_was_asked_is_not_taken_back(house: House) -> None:
    made = plan(house, at_pharmacy(house), cancel=CANCEL, refund=ALL)
    said = refused(house, house.api(), f"{made['url']}/withdraw", {}, "not_withdrawable")
    assert "The pharmacy was asked to stop" in said


def test_a_planned_fill_stays_taken_back_and_a_held_order_is_not_brought_back(house: House) -> None:
    pharmacies(house)
    order, api = ready(house), house.api()
    from ..fills.scenes import order as with_address

    order = with_address(house)
    submitted(house, order)
    made = plan(house, order, cancel=CANCEL)
    api.post(f"{made['url']}/withdraw", {})
    assert api.get(order["url"])["status"] == "ready" and submitted(house, order)["status"] == "queued"
    other = ready(house)
    held(house, other)
    made = plan(house, other, cancel=CANCEL)
    refused(house, api, f"{made['url']}/withdraw", {}, "not_cancelable")


def test_who_may_and_once(house: House) -> None:
    made, api = plan(house, ready(house), cancel=CANCEL), house.api()
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, f"{made['url']}/withdraw", {})
    first = api.post(f"{made['url']}/withdraw", {}, key="k")
    with nothing_written(house):
        assert api.post(f"{made['url']}/withdraw", {}, key="k") == first


def test_sam_undoes_one(house: House) -> None:
    made, sam = plan(house, ready(house), cancel=CANCEL, refund=ALL), house.page("support")
    assert f"{made['url']}/withdraw" in sam.get(made["url"])
    sam.get(f"{made['url']}/withdraw")
    sam.submit(f"{made['url']}/withdraw", {})
    assert "All of it was undone" in sam.html
