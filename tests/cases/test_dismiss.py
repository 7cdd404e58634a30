"""It need not happen: what waits behind the case is dropped."""

from __future__ import annotations

from ..house import House
from ..scenes import declined, denied, invalid, nothing_written, paid_back, refused, unknown_outcome


def test_a_declined_refund_is_given_up(house: House) -> None:
    order, refund, case = declined(house)
    api, url = house.api(), f"{case['url']}/dismiss"
    done = api.post(url, {"reason": "The customer kept it"}, key="k")
    assert (done["act"], done["promises"]) == ("cases.dismiss", [])
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    assert promise["status"] == "dismissed" and api.get(refund["url"])["status"] == "failed"
    closed = api.get(case["url"])
    assert (closed["status"], closed["outcome"], closed["final"]) == ("resolved", "dismissed", True)
    assert {act["why_not"] for act in closed["acts"]} == {"It was dismissed."}
    with nothing_written(house):
        assert api.post(url, {"reason": "The customer kept it"}, key="k") == done
    refused(house, api, url, {"reason": "r"}, "already_resolved")
    house.later(3600)
    assert paid_back(house) == [5500] and api.get(order["url"])["refundable"]["amount"] == "5.00"


def test_what_was_given_up_and_done_after_all_counts_when_the_processor_tells(house: House) -> None:
    refund, case = unknown_outcome(house)
    api = house.api()
    api.post(f"{case['url']}/dismiss", {"reason": "It cannot have happened"})
    assert api.get(refund["url"])["status"] == "failed"
    house.sandbox.webhooks.redeliver("stripe", None, 1, house.sandbox.clock.now())
    house.drain()
    assert api.get(refund["url"])["status"] == "succeeded" and paid_back(house) == [1000]


def test_a_reason_is_needed_and_who_may(house: House) -> None:
    _, _, case = declined(house)
    url = f"{case['url']}/dismiss"
    invalid(house, house.api(), url, {}, "reason")
    invalid(house, house.api(), url, {"reason": "a\x00b"}, "reason")
    for role in ("support", "auditor", "admin"):
        denied(house, role, url, {"reason": "r"})
