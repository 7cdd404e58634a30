"""Undoing a refund: within its window it never happened, after it it cannot be undone."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, cases_of, denied, issue, nothing_written, paid_back, refused


def test_within_the_window_nothing_is_ever_asked(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    calls = len(house.sandbox.calls)
    undone = api.post(done["undo"], key="undo")
    assert (undone["act"], undone["status"], undone["subject"]) == (
        "refunds.withdraw",
        "withdrawn",
        done["subject"],
    )
    assert undone["undo"] is None and undone["undo_until"] is None
    house.later(WINDOW)
    house.later(25 * 3600)
    assert len(house.sandbox.calls) == calls and paid_back(house) == []
    refund = api.get(done["subject"])
    assert (refund["status"], refund["final"]) == ("withdrawn", True)
    assert api.get(order["url"])["refundable"]["amount"] == "60.00"
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    assert (promise["status"], promise["attempts"]) == ("withdrawn", 0)
    with nothing_written(house):
        assert api.post(done["undo"], key="undo") == undone
    assert refused(house, api, done["undo"], {}, "already_withdrawn") == "This refund was undone already."


def test_once_the_processor_was_asked_it_is_too_late(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    house.later(WINDOW)
    assert "asked already" in refused(house, api, done["undo"], {}, "not_withdrawable")
    refused(house, api, f"{done['undo']}?preview=1", {}, "not_withdrawable")
    [offer] = api.get(done["subject"])["acts"]
    assert (offer["allowed"], offer["why_not"]) == (False, "Stripe has been asked already.")
    assert paid_back(house) == [1000]


def test_while_nobody_knows_whether_it_was_done_it_cannot_be_undone(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    house.sandbox.fault(kind="lost_answer", method="POST /v1/refunds", times=1)
    house.advance(WINDOW)
    house.work()
    assert api.get(done["subject"])["status"] == "submitted"
    refused(house, api, done["undo"], {}, "not_withdrawable")


def test_when_surely_nothing_was_done_it_can_still_be_undone(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    done = issue(house, order)
    house.sandbox.fault(kind="rate_limit", method="POST /v1/refunds", times=1)
    house.advance(WINDOW)
    house.work()
    refund = api.get(done["subject"])
    assert refund["status"] == "planned" and refund["acts"][0]["allowed"]
    api.post(done["undo"])
    house.later(3600)
    assert paid_back(house) == [] and cases_of(house, refund["id"]) == []


def test_who_may_undo(house: House) -> None:
    done = issue(house, house.order("60.00"))
    for role in ("auditor", "shop", "admin"):
        denied(house, role, done["undo"])
    with nothing_written(house):
        house.api().post("/refunds/rf_nowhere/withdraw", {}, 404)
    house.api("support").post(done["undo"])  # a colleague may
