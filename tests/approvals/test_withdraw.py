"""Whoever asked takes it back."""

from __future__ import annotations

from ..house import House
from .scenes import decide, waiting


def test_the_one_who_asked_takes_it_back(house: House) -> None:
    approval = waiting(house)
    told = house.api("support").post(f"{approval['url']}/withdraw", {}, 200)
    assert told["status"] == "withdrawn"
    again = house.api("support").post(f"{approval['url']}/withdraw", {}, 409)
    assert again["refused"]["code"] == "already_decided"
    assert decide(house.page("ops_lead"), approval).status_code == 409
    assert house.rows("select * from refunds") == []


def test_nobody_else_does(house: House) -> None:
    approval = waiting(house)
    told = house.api("finance").post(f"{approval['url']}/withdraw", {}, 409)
    assert told["refused"]["code"] == "not_yours"
    house.api("auditor").post(f"{approval['url']}/withdraw", {}, 403)
    assert house.api().get(approval["url"])["status"] == "waiting"
