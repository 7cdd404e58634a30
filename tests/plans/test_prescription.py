"""A plan that cancels a prescription: the money waits for the pharmacy's answer."""

from __future__ import annotations

from ..house import House
from ..prescriptions.scenes import clinic, look, sent
from ..scenes import WINDOW, nothing_written, paid_back
from .scenes import ALL, again, plan, ready, stands


def test_confirmed_the_money_goes_back(house: House) -> None:
    clinic(house)
    rx, order = sent(house), ready(house)
    made = plan(house, order, "support", refund=ALL, prescription=rx["url"])
    assert stands(made) == {"stop_prescription": "under_way", "refund": "waiting"}
    house.later(WINDOW)
    house.later(60)
    assert paid_back(house) == []
    for _ in range(6):
        house.later(60)
    assert stands(again(house, made)) == {"stop_prescription": "done", "refund": "done"}
    assert paid_back(house) == [6000] and look(house, rx)["status"] == "cancelled"
    assert "Cancel prescription rx" in house.page("support").get(made["url"])


def test_undone_nobody_is_asked(house: House) -> None:
    clinic(house)
    rx, order = sent(house), ready(house)
    made = plan(house, order, refund=ALL, prescription=rx["url"])
    house.api().post(f"{made['url']}/withdraw", {})
    for _ in range(4):
        house.later(WINDOW)
    assert again(house, made)["status"] == "withdrawn" and paid_back(house) == []
    assert look(house, rx)["status"] == "active"


def test_somebody_elses_prescription_is_refused(house: House) -> None:
    clinic(house)
    order = ready(house)
    with nothing_written(house):
        said = house.api().post(f"{order['url']}/plan", {"prescription": "rx_none"}, 409)["refused"]
    assert (said["code"], said["field"], said["step"]) == (
        "no_such_step",
        "prescription",
        "stop_prescription",
    )
    assert "Cancel a prescription" not in house.page("support").get(f"{order['url']}/plan")
