"""What is to happen by itself stands in one list, each once, and is gone when it was called off."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..scenes import WINDOW, processor
from .scenes import again, change, charges, subscribed


def acts(one: Any) -> list[str]:
    return [each["act"] for each in one["ahead"]]


def test_each_stands_once_and_can_be_called_off(house: House) -> None:
    one = subscribed(house, billing_mode={"type": "flexible"})
    assert one["ahead"] == []
    change(house, one, "pause", kind="paused", deliveries=1, reason="travel")
    assert acts(again(house, one)) == ["changes.withdraw", "changes.withdraw"], (
        "the pause, and its resumption"
    )
    house.later(WINDOW)
    [resumes] = again(house, one)["ahead"]
    assert resumes["at"] and "Resume" in resumes["says"]
    house.api().post(resumes["url"], {})
    assert again(house, one)["ahead"] == []
    change(house, one, "resume")
    house.later(WINDOW)
    change(house, one, "cancel", when="period_end", reason="other")
    house.later(WINDOW)
    [ends] = again(house, one)["ahead"]
    assert ends["act"] == "subscriptions.keep"
    house.api().post(ends["url"], {})
    house.later(WINDOW)
    assert again(house, one)["ahead"] == []
    change(house, one, "skip", reason="travel")
    house.later(WINDOW)
    [moved] = again(house, one)["ahead"]
    assert (
        moved["act"] == "subscriptions.reschedule"
        and charges(again(house, one))[0].isoformat() in moved["at"]
    )
    page = house.page("support")
    assert "What happens by itself" in page.get(one["url"])


def test_what_stripe_changes_by_itself_is_told(house: House) -> None:
    one = subscribed(house)
    stripe = processor(house)
    schedule = stripe.subscription_schedules.create({"from_subscription": one["external_id"]})
    house.drain()
    [told] = again(house, one)["ahead"]
    assert schedule.id in told["says"] and told["act"] is None
    stripe.subscription_schedules.release(schedule.id)
    house.drain()
    assert again(house, one)["ahead"] == []
