"""Undoing a fill before the pharmacy is asked."""

from __future__ import annotations

from opsconsole.services import CLOCK, fills

from ..house import House
from ..scenes import WINDOW, denied, nothing_written, refused
from .scenes import look, made_up, order, pharmacies, submitted


def test_in_time_nothing_goes_out_and_the_clock_leaves_it_alone(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    fill = submitted(house, ready)
    denied(house, "finance", f"{fill['url']}/withdraw")
    first = house.api().post(f"{fill['url']}/withdraw", {}, key="k")
    with nothing_written(house):
        assert house.api().post(f"{fill['url']}/withdraw", {}, key="k") == first
    refused(house, house.api(), f"{fill['url']}/withdraw", {}, "already_withdrawn")
    house.later(WINDOW)
    assert look(house, fill) == ("withdrawn", "ready") and made_up(house) == []
    with house.app.app_context():
        assert fills.ready() == []
        assert fills.dispatch(ready["id"], by=CLOCK) is None
    assert submitted(house, ready)["number"] == 1, "a person may send it again"


def test_too_late(house: House) -> None:
    pharmacies(house)
    fill = submitted(house, order(house))
    house.later(WINDOW)
    refused(house, house.api(), f"{fill['url']}/withdraw", {}, "not_withdrawable")
