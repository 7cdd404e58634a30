"""An order that is held, canceled or sent elsewhere takes its planned fill back; a sent one is the pharmacy's."""

from __future__ import annotations

import pytest

from opsconsole.services import CLOCK, fills

from ..house import House
from ..orders.test_hold import in_days
from ..scenes import WINDOW, refused
from .scenes import HOME, look, made_up, order, pharmacies, submitted

ELSEWHERE = {**HOME, "line1": "2 Oak St"}


def asks(house: House) -> dict[str, dict[str, object]]:
    return {
        "hold": {"reason": "other", "until": in_days(house, 1)},
        "cancel": {"reason": "customer_request"},
        "readdress": {"ship_to": ELSEWHERE},
    }


def clock(house: House) -> None:
    with house.app.app_context():
        for order_id in fills.ready():
            fills.dispatch(order_id, by=CLOCK)


@pytest.mark.parametrize("verb", ["hold", "cancel", "readdress"])
def test_what_is_only_planned_does_not_go_out(house: House, verb: str) -> None:
    pharmacies(house)
    ready = order(house)
    fill = submitted(house, ready)
    house.api().post(f"{ready['url']}/{verb}", asks(house)[verb])
    house.later(WINDOW)
    assert look(house, fill)[0] == "withdrawn" and made_up(house) == []


@pytest.mark.parametrize("verb", ["hold", "readdress"])
def test_then_it_goes_by_itself_and_once(house: House, verb: str) -> None:
    pharmacies(house)
    ready, api = order(house), house.api()
    submitted(house, ready)
    api.post(f"{ready['url']}/{verb}", asks(house)[verb])
    if verb == "hold":
        clock(house)
        api.post(f"{ready['url']}/release", {})
    house.drain()  # another address is checked first
    clock(house)
    clock(house)
    house.later(WINDOW)
    house.later(10)
    assert made_up(house) == [ready["reference"]]


def test_what_somebody_undid_is_left_to_people(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    house.api().post(f"{submitted(house, ready)['url']}/withdraw", {})
    clock(house)
    house.later(WINDOW)
    assert made_up(house) == []


@pytest.mark.parametrize(
    ("verb", "code"),
    [("hold", "not_holdable"), ("readdress", "not_readdressable")],
)
def test_what_went_out_is_the_pharmacys(house: House, verb: str, code: str) -> None:
    pharmacies(house)
    ready = order(house)
    submitted(house, ready)
    house.later(WINDOW)
    words = refused(house, house.api(), f"{ready['url']}/{verb}", asks(house)[verb], code)
    assert "on its fill" in words
