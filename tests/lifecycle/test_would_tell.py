"""A preview says what the customer hears because of it."""

from __future__ import annotations

from typing import Any

from ..house import House
from .scenes import clock, subscriber, until


def warned(house: House, one: Any, verb: str, **body: Any) -> str:
    seen = house.api().post(f"{one['url']}/{verb}?preview=1", {"reason": "travel", **body}, 200)["preview"]
    return " ".join(seen.get("warnings", ()))


def test_before_and_after_the_customer_was_told(house: House) -> None:
    one = subscriber(house)
    [notice] = house.api().get(f"/notices?subscription={one['id']}&status=due")["items"]
    assert "is not told of a renewal" in warned(house, one, "skip")
    assert "is not told of a renewal" in warned(house, one, "cancel", when="period_end")
    assert "told" not in warned(house, one, "alter", quantity=2)
    until(house, notice["due_at"])
    clock(house)
    assert "was told of a renewal" in warned(house, one, "skip")
