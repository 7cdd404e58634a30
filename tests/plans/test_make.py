"""Several acts about one order, decided on together: all of them, or none."""

from __future__ import annotations

import pytest

from ..house import House
from ..messages.scenes import written_to
from ..scenes import WINDOW, cases_of, denied, invalid, nothing_written, paid_back, refused
from .scenes import ALL, CANCEL, again, at_pharmacy, on_its_way, plan, ready, settled, stands, step


def test_before_hand_over_all_of_it_is_done_after_a_minute(house: House) -> None:
    order, api = ready(house), house.api()
    asked = {"cancel": CANCEL, "refund": ALL, "tell": "refund_issued"}
    with nothing_written(house):
        seen = api.post(f"{order['url']}/plan?preview=1", asked, 200)["preview"]
    assert [promise["to"] for promise in seen["promises"]] == ["payments", "crm"] and seen["undo_for"] == 60
    done = api.post(f"{order['url']}/plan", asked, match=seen["hash"])
    assert done["act"] == "plans.make" and done["undo"] == f"{done['subject']}/withdraw"
    made = api.get(done["subject"])
    assert (made["status"], stands(made)) == (
        "under_way",
        {"cancel": "done", "refund": "under_way", "tell": "under_way"},
    )
    assert api.get(order["url"])["status"] == "canceled" and paid_back(house) == []
    settled(house)
    made = again(house, made)
    assert (made["status"], made["final"]) == ("done", True) and set(stands(made).values()) == {"done"}
    assert paid_back(house) == [6000] and written_to(house) == [("cust-1@example.test", "refund_issued")]
    assert api.get(order["url"])["plans"] == [made["url"]]


def test_at_the_pharmacy_the_money_waits_for_its_answer(house: House) -> None:
    order, api = at_pharmacy(house), house.api()
    asked = {"cancel": CANCEL, "refund": ALL, "tell": "order_canceled"}
    seen = api.post(f"{order['url']}/plan?preview=1", asked, 200)["preview"]
    assert [promise["to"] for promise in seen["promises"]] == ["pharmacy-truepill"] and seen["undo_for"] == 0
    assert any("$60.00 goes back once the pharmacy has stopped it" in words for words in seen["warnings"])
    assert {"from": None, "to": "the pharmacy's answer"}.items() <= next(
        change for change in seen["changes"] if (change["on"], change["field"]) == ("refund", "waits_for")
    ).items()
    made = plan(house, order, **asked)
    assert stands(made) == {"cancel": "under_way", "refund": "waiting", "tell": "waiting"}
    refund = api.get(step(made, "refund")["subject"])
    assert refund["status"] == "planned" and api.get(f"/promises?subject={refund['id']}")["items"] == []
    assert api.get(order["url"])["refundable"]["amount"] == "0.00"  # it is set apart
    settled(house)
    made = again(house, made)
    assert (made["status"], set(stands(made).values())) == ("done", {"done"})
    assert paid_back(house) == [6000] and api.get(order["url"])["status"] == "canceled"
    assert (
        written_to(house) == [("cust-1@example.test", "order_canceled")] and cases_of(house, made["id"]) == []
    )


def test_a_message_about_the_refund_waits_for_both(house: House) -> None:
    made = plan(house, at_pharmacy(house), cancel=CANCEL, refund=ALL, tell="refund_issued")
    settled(house)
    assert set(stands(again(house, made)).values()) == {"done"}
    assert written_to(house) == [("cust-1@example.test", "refund_issued")]


def test_the_money_need_not_wait(house: House) -> None:
    order = at_pharmacy(house)
    seen = house.api().post(
        f"{order['url']}/plan?preview=1", {"cancel": CANCEL, "refund": ALL, "wait": False}, 200
    )["preview"]
    assert [(p["to"], p["due_in"]) for p in seen["promises"]] == [("pharmacy-truepill", 0), ("payments", 60)]
    assert any("whatever the pharmacy answers" in words for words in seen["warnings"])


def test_a_parcel_is_stopped_and_the_money_goes_back(house: House) -> None:
    order, parcel = on_its_way(house)
    made = plan(house, order, stop_parcel=True, refund={"amount": "20.00", "reason": "goodwill"})
    assert stands(made) == {"stop_parcel": "under_way", "refund": "under_way"}
    assert step(made, "stop_parcel")["cases"] and step(made, "stop_parcel")["subject"] == parcel["url"]


@pytest.mark.parametrize(
    ("asked", "code", "field", "step"),
    [
        ({"refund": {"amount": "99.00", "reason": "goodwill"}}, "not_refundable", "refund-amount", "refund"),
        ({"stop_parcel": True}, "no_such_step", "stop_parcel", "stop_parcel"),
        ({"tell": "refund_issued"}, "no_such_step", "tell", "tell"),
        ({"tell": "order_delayed"}, "not_so", "tell", "tell"),
    ],
)
def test_what_refuses_one_step_refuses_all_and_says_which(
    house: House, asked: object, code: str, field: str, step: str
) -> None:
    order, api = ready(house), house.api()
    with nothing_written(house):
        no = api.post(f"{order['url']}/plan", {"cancel": CANCEL, **asked}, 409)["refused"]  # type: ignore[dict-item]
    assert (no["code"], no["field"], no["step"]) == (code, field, step)
    assert no["message"].partition(":")[0] in ("Refunding", "Stopping the parcel", "Telling")


def test_what_cannot_be_canceled_any_more_says_so_and_nothing_is_refunded(house: House) -> None:
    order, _ = on_its_way(house)
    said = refused(
        house,
        house.api(),
        f"{order['url']}/plan",
        {"cancel": CANCEL, "refund": ALL},
        "not_cancelable",
        "cancel",
    )
    assert said.startswith("Canceling: It is on its way")


def test_what_is_needed_and_who_may(house: House) -> None:
    order, api = ready(house), house.api()
    url = f"{order['url']}/plan"
    invalid(house, api, url, {}, "cancel")
    invalid(house, api, url, {"cancel": "because"}, "cancel")
    invalid(house, api, url, {"refund": {"all": True}}, "refund-reason")
    invalid(house, api, url, {"refund": {"reason": "goodwill"}}, "refund-amount")
    invalid(
        house, api, url, {"refund": {"all": True, "amount": "1.00", "reason": "goodwill"}}, "refund-amount"
    )
    invalid(house, api, url, {"refund": {"amount": "0.00", "reason": "goodwill"}}, "refund-amount")
    invalid(house, api, url, {"tell": "nothing"}, "tell")
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, url, {"cancel": CANCEL})


def test_over_the_limit_all_of_it_is_asked_for(house: House) -> None:
    order = house.order("150.00")
    asked = {"cancel": CANCEL, "refund": ALL}
    answer = house.api("support").post(f"{order['url']}/plan", asked, 202)["approval"]
    assert house.api().get(order["url"])["status"] == "ready" and paid_back(house) == []
    lee = house.page("ops_lead")
    lee.get(answer["url"] + "/approve")
    lee.submit(answer["url"] + "/approve", {"note": "Right"})
    house.later(WINDOW)
    assert house.api().get(order["url"])["status"] == "canceled" and paid_back(house) == [15000]


def test_the_second_click_changes_nothing(house: House) -> None:
    order, api = ready(house), house.api()
    asked = {"cancel": CANCEL, "refund": ALL}
    first = api.post(f"{order['url']}/plan", asked, key="k")
    with nothing_written(house):
        assert api.post(f"{order['url']}/plan", asked, key="k") == first


def test_sam_makes_one_and_follows_it(house: House) -> None:
    order, sam = at_pharmacy(house), house.page("support")
    assert "Cancel and refund…" in sam.get(order["url"])
    page = sam.get(f"{order['url']}/plan")
    assert "Only when the pharmacy has stopped it" in page and "All of it can be done, or nothing is" in page
    asked = {
        "cancel": CANCEL, "refund-all": "y", "refund-amount": "", "refund-reason": "cancelled_before_ship", "wait": "y",
        "tell": "order_canceled",
    }  # fmt: skip
    page = sam.submit(f"{order['url']}/plan?preview=1", asked)
    assert "is asked to stop the fill" in page and "once the pharmacy has stopped it" in page
    page = sam.submit(f"{order['url']}/plan", asked)
    assert "Plan for order" in page and "after the pharmacy&#39;s answer" in page
    assert "If a step ends otherwise" in page and "No money went back" in page
    assert "Plans" in sam.get(order["url"])
    [made] = house.api().get(order["url"])["plans"]
    sam.get(f"{made}/timeline")
    sam.submit(f"{order['url']}/plan?preview=1", {**asked, "wait": "false"})


def test_a_form_without_a_step_says_what_is_missing(house: House) -> None:
    order, sam = ready(house), house.page("support")
    sam.get(f"{order['url']}/plan")
    nothing = {"cancel": "", "refund-amount": "", "refund-reason": "", "tell": ""}
    assert "Choose one step at least" in sam.submit(f"{order['url']}/plan", nothing, 422)
    assert "Either all that is left, or an amount" in sam.submit(
        f"{order['url']}/plan", {**nothing, "refund-reason": "goodwill"}, 422
    )
