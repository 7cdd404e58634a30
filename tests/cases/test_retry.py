"""Trying again: after a no in a new round, with another amount if wanted."""

from __future__ import annotations

from ..house import House
from ..scenes import (
    cases_of,
    declined,
    denied,
    invalid,
    nothing_written,
    only_case,
    paid_back,
    processor,
    refund_elsewhere,
    refused,
)  # fmt: skip


def test_with_an_amount_that_is_left_the_next_round_succeeds(house: House) -> None:
    order, refund, case = declined(house)
    api = house.api()
    body = {"reason": "Five is what is left", "fix": {"amount": "5.00"}}
    seen = api.post(f"{case['url']}/retry?preview=1", body, 200)["preview"]
    assert seen["promises"] == [
        {"says": "Stripe refunds $5.00 to Visa ending 4242", "to": "payments", "due_in": 0}
    ]
    assert {"on": refund["url"], "field": "amount", "from": "$10.00", "to": "$5.00"} in seen["changes"]
    done = api.post(f"{case['url']}/retry", body, key="again", match=seen["hash"])
    assert (done["act"], done["subject"], done["status"]) == ("cases.retry", case["url"], "resolved")
    house.drain()
    after = api.get(refund["url"])
    assert (after["status"], after["amount"]["amount"], after["failure_reason"]) == (
        "succeeded",
        "5.00",
        None,
    )
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    assert (promise["round"], promise["attempts"], promise["status"]) == (2, 2, "kept")
    assert [entry["idempotency_key"] for entry in house.sandbox.ledger("refund")][-1] == f"{promise['ref']}:2"
    closed = api.get(case["url"])
    assert (closed["status"], closed["outcome"]) == ("resolved", "retried") and closed["resolved_at"]
    with nothing_written(house):
        assert api.post(f"{case['url']}/retry", body, key="again") == done
    assert "already" in refused(house, api, f"{case['url']}/retry", body, "already_resolved")
    assert paid_back(house) == [5500, 500] and api.get(order["url"])["refundable"]["amount"] == "0.00"


def test_a_second_no_is_a_new_case(house: House) -> None:
    order, refund, case = declined(house)
    refund_elsewhere(house, order, 500)  # nobody has told us yet
    house.sandbox.fault(kind="drop", method="webhook")
    house.api().post(f"{case['url']}/retry", {"reason": "r", "fix": {"amount": "5.00"}})
    house.drain()
    again = only_case(house, refund["id"])
    assert again["id"] != case["id"] and "already been refunded" in again["says"]
    [promise] = house.api().get(f"/promises?subject={refund['id']}")["items"]
    assert (promise["round"], promise["status"]) == (2, "manual_intervention")


def test_what_a_fix_may_not_be(house: House) -> None:
    _, _, case = declined(house)
    api, url = house.api(), f"{case['url']}/retry"
    for amount in ("0", "-1", "many", "1.001"):
        invalid(house, api, url, {"reason": "r", "fix": {"amount": amount}}, "fix")
    invalid(house, api, url, {"fix": {}}, "reason")
    invalid(house, api, url, {"reason": "r", "fix": {"amount": 5}}, "fix")
    invalid(house, api, url, {"reason": "r", "fix": "5.00"}, "fix")
    invalid(house, api, url, {"reason": "r", "fix": {"amount": "5.00"}, "amount": "5.00"}, "amount")
    refused(house, api, url, {"reason": "r", "fix": {"currency": "eur"}}, "not_fixable", "fix")
    words = refused(house, api, url, {"reason": "r", "fix": {"amount": "5.01"}}, "not_refundable", "fix")
    assert words == "At most $5.00 can be refunded now."
    assert "$5.00" in refused(
        house, api, url, {"reason": "r"}, "not_refundable", "fix"
    )  # ten is too much still


def test_who_may_retry_and_what_is_not_there(house: House) -> None:
    _, _, case = declined(house)
    for role in ("auditor", "clinician", "shop", "admin"):
        denied(house, role, f"{case['url']}/retry", {"reason": "r"})
    with nothing_written(house):
        house.api().post("/cases/cas_nowhere/retry", {"reason": "r"}, 404)
    house.api("support").post(f"{case['url']}/retry", {"reason": "r", "fix": {"amount": "1.00"}})


def test_where_nothing_waits_there_is_nothing_to_retry(house: House) -> None:
    order = house.order("60.00", method="pm_card_refundFail")
    api = house.api()
    done = api.post(f"{order['url']}/refund", {"amount": "1.00", "reason": "goodwill"})
    house.later(61)
    case = only_case(house, done["subject"])
    assert case["reason"] == "refund_failed"
    offers = {act["act"]: act["allowed"] for act in case["acts"]}
    assert offers == {
        "cases.retry": False,
        "cases.settle": False,
        "cases.dismiss": True,
        "cases.claim": False,
        "cases.release": False,
        "cases.hand_over": True,
        "cases.snooze": True,
        "cases.wake": False,
    }
    refused(house, api, f"{case['url']}/retry", {"reason": "r"}, "nothing_to_retry")
    refused(house, api, f"{case['url']}/settle", {"reason": "r", "external_id": "x"}, "nothing_to_settle")


def test_the_whole_story_stands_on_the_refunds_timeline(house: House) -> None:
    _, refund, case = declined(house)
    api = house.api()
    done = api.post(f"{case['url']}/retry", {"reason": "Five is left", "fix": {"amount": "5.00"}})
    [waits] = api.get(f"/traces/{done['trace']}")["waiting_for"]
    assert waits.startswith("Stripe refunds $5.00 to Visa ending 4242 (last try: Refund amount ($10.00)")
    house.drain()
    again = api.get(f"/traces/{done['trace']}")
    assert [entry["status"] for entry in again["entries"] if entry["kind"] == "attempt"][-1] == "kept"
    assert again["waiting_for"] == []
    entries = api.get(f"/traces/{refund['trace']}")["entries"]
    tries = [entry["status"] for entry in entries if entry["kind"] == "attempt"]
    assert tries == ["declined", "kept"]
    [told] = api.get(f"/audit?act=cases.retry&subject={refund['id']}")["items"]
    assert "Five is left" in told["says"] and told["by"] == "token demo"
    assert cases_of(house, refund["id"]) == []
    assert len(processor(house).refunds.list({"limit": 10}).data) == 2
