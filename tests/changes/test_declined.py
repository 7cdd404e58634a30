"""Stripe's no to a change: nothing has changed there, and somebody has to look at it."""

from __future__ import annotations

from ..house import House
from ..scenes import WINDOW, processor
from ..subscriptions.scenes import again, change, subscribed


def test_it_becomes_a_case_that_can_be_tried_again_or_dismissed(house: House) -> None:
    one = subscribed(house)
    done = change(house, one, "skip", reason="travel")
    processor(house).subscriptions.update(one["external_id"], {"cancel_at_period_end": True})
    processor(house).subscriptions.cancel(one["external_id"])
    house.later(WINDOW)
    failed = house.api().get(done["subject"])
    assert failed["status"] == "failed" and failed["failure_reason"]
    [case] = house.api().get(f"/cases?subject={done['subject']}")["items"]
    assert case["reason"] == "vendor_rejected" and "retry" in str(case["acts"])
    house.api().post(f"{case['url']}/retry", {"reason": "once more"})
    house.drain()
    assert house.api().get(done["subject"])["status"] == "failed"
    [open_case] = house.api().get(f"/cases?subject={done['subject']}&status=open")["items"]
    house.api().post(f"{open_case['url']}/dismiss", {"reason": "they have left"})
    assert again(house, one)["effective"] == "canceled"
