"""A person stops what is done about an unpaid invoice, and says why."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import HOUR, again, at_stripe, card_says, failed, on_day, subscription_at_stripe, told

WHY = {"reason": "They pay by bank transfer"}


def test_nothing_more_is_done_and_stripe_stops_too(house: House) -> None:
    dunning = failed(house, stripe_days=(3, 5, 30))
    house.later(HOUR)
    url = f"{dunning['url']}/stop"
    sam = house.page()
    assert "insufficient funds" in sam.get("/dunnings?status=running") and "Jo Field" in sam.html
    assert "Renewal" in sam.get("/notices") and "Not paid" in sam.get(dunning["subscription"])
    for role in ("clinician", "auditor", "shop"):
        denied(house, role, url, WHY)
    with nothing_written(house):
        invalid(house, house.api(), url, {}, "reason")
    done = house.api("support").post(url, WHY | {"stripe_too": True}, key="k")
    house.drain()
    now = again(house, dunning)
    assert (now["status"], now["why"], now["next_step_at"]) == ("stopped", WHY["reason"], None)
    assert not at_stripe(house, dunning).auto_advance
    with nothing_written(house):
        assert house.api("support").post(url, WHY | {"stripe_too": True}, key="k") == done
        refused(house, house.api(), url, WHY, "not_running")
    on_day(house, dunning, 21)
    assert told(house) == ["card_declined_soft"] and len(again(house, dunning)["attempts"]) == 1
    assert subscription_at_stripe(house, dunning).status == "past_due"
    card_says(house, None)
    house.api().post(f"{dunning['url']}/try_now")
    house.later(HOUR)
    assert again(house, dunning)["status"] == "recovered"
