"""It need not happen: what waits behind the case is dropped."""

from __future__ import annotations

from ..approvals.scenes import agreed, decide
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
    agreed(house, api.post(f"{case['url']}/dismiss", {"reason": "It cannot have happened"}, 202))
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


def test_while_nobody_knows_it_takes_two(house: House) -> None:
    """To call a refund not done that may have been done: nothing happens until somebody else has looked too."""
    refund, case = unknown_outcome(house)
    api, url = house.api("ops_lead"), f"{case['url']}/dismiss"
    seen = api.post(f"{url}?preview=1", {"reason": "Not there"}, 200)["preview"]
    assert "may have done it already" in seen["approval"]["why"] and "finance" in seen["approval"]["who"]
    asked = api.post(url, {"reason": "Not there"}, 202)["approval"]
    assert api.get(case["url"])["status"] == "open"
    assert decide(house.page("support"), asked).status_code == 403
    assert decide(house.page("finance"), asked).status_code == 200
    assert (api.get(case["url"])["outcome"], api.get(refund["url"])["status"]) == ("dismissed", "failed")
