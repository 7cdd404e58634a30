"""A vendor that is down is asked by one probe; promises wait in order, and none is given up."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..scenes import WINDOW, issue, paid_back


def asked(house: House) -> int:
    return sum(call["method"] == "POST" and call["path"] == "/v1/refunds" for call in house.sandbox.calls)


def test_half_an_hour_away_loses_nothing_and_makes_no_case(house: House) -> None:
    orders = [house.order("60.00") for _ in range(6)]
    done = [issue(house, order) for order in orders]
    house.sandbox.fault(kind="down")
    house.later(WINDOW)
    for _ in range(3):
        house.later(40)
    before, [opened] = asked(house), breakers(house)
    assert "payments.refund" in opened
    for _ in range(30):  # half an hour: the breaker lets one probe through now and then
        house.later(60)
    assert asked(house) - before <= 32
    assert house.api().get("/cases")["items"] == []
    attempts = [promise["attempts"] for promise in house.api().get("/promises?kind=refunds.send")["items"]]
    assert sum(attempts) == asked(house)
    house.sandbox.clear_faults()
    house.later(31)
    house.later(1)
    assert paid_back(house) == [1000] * 6 and breakers(house) == []
    assert {house.api().get(one["subject"])["status"] for one in done} == {"succeeded"}


def breakers(house: House) -> list[Any]:
    return list(house.api().get("/readyz")["vendors"])


def test_one_bad_object_opens_nothing(house: House) -> None:
    order, other = house.order("60.00"), house.order("60.00")
    issue(house, order)
    house.sandbox.fault(kind="lock_timeout", method="POST /v1/refunds", times=6)
    house.later(WINDOW)
    for _ in range(6):
        house.later(60)
    assert breakers(house) == []
    issue(house, other)
    house.later(WINDOW)
    assert paid_back(house) == [1000, 1000]
