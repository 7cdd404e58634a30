"""Going on in spite of a banner: who may, for how long, in full view."""

from __future__ import annotations

import pytest

from opsconsole.services.banners import KINDS
from opsconsole.services.staff import ROLES

from ..house import TOKENS, House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import act_called, places, plant, put_up

BLOCKING = [kind.code for kind in KINDS.values() if kind.blocks]
ASKED = {"hours": 2, "reason": "The customer stands at the counter"}


@pytest.mark.parametrize("kind", BLOCKING)
@pytest.mark.own_app
def test_it_blocks_nothing_until_its_time_is_up(house: House, kind: str) -> None:
    order, api = house.order("60.00"), house.api()
    banner = f"/banners/{plant(house, kind, order, places(kind)[0])}"
    [name] = sorted(KINDS[kind].blocks)[:1]
    with act_called(house, name) as door:
        url = f"{door}/{order['id']}"
        refused(house, api, url, {}, "blocked")
        api.post(f"{banner}/set_aside", ASKED)
        [told] = api.get(order["url"])["banners"]
        assert told["blocks"] == [] and told["set_aside_until"]
        api.post(url, {})
        house.advance(2 * 3600 - 5)
        api.post(url, {})
        house.advance(6)
        refused(house, api, url, {}, "blocked")
        assert api.get(order["url"])["banners"][0]["blocks"] == sorted(KINDS[kind].blocks)


@pytest.mark.parametrize("kind", BLOCKING)
def test_only_who_has_the_right_may(house: House, kind: str) -> None:
    order = house.order("60.00")
    banner = f"/banners/{plant(house, kind, order, places(kind)[0])}"
    for role in TOKENS:
        if {"banners.set_aside", KINDS[kind].override} <= ROLES[role][1]:
            house.api(role).post(f"{banner}/set_aside", ASKED)
        else:
            denied(house, role, f"{banner}/set_aside", ASKED)
    clinical = {"clinician", "demo"}
    may = {role for role, (_, grants) in ROLES.items() if KINDS[kind].override in grants}
    assert may and (may == clinical if KINDS[kind].clinical else "clinician" not in may)
    assert "support" not in may and "auditor" not in may


def test_zero_hours_put_it_back(house: House) -> None:
    order, lead = house.order("60.00"), house.api("ops_lead")
    made = put_up(house, order["url"])
    lead.post(f"{made['url']}/set_aside", ASKED)
    lead.post(f"{made['url']}/set_aside", {"hours": 0, "reason": "Changed my mind"})
    back = lead.get(made["url"])
    assert (back["status"], back["set_aside_until"], back["set_aside_by"]) == ("standing", None, None)


def test_what_cannot_be_set_aside(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    made = put_up(house, order["url"])
    for hours in (-1, 73):
        invalid(house, api, f"{made['url']}/set_aside", {**ASKED, "hours": hours}, "hours")
    invalid(house, api, f"{made['url']}/set_aside", {"hours": 1}, "reason")
    api.post(f"{made['url']}/lower", {"reason": "over"})
    refused(house, api, f"{made['url']}/set_aside", ASKED, "already_lowered")
    only_warns = plant(house, "fraud_warning", order)
    refused(house, api, f"/banners/{only_warns}/set_aside", ASKED, "blocks_nothing")


def test_the_second_click_changes_nothing_and_the_preview_holds(house: House) -> None:
    made, api = put_up(house, house.order("60.00")["url"]), house.api()
    with nothing_written(house):
        seen = api.post(f"{made['url']}/set_aside?preview=1", ASKED, 200)["preview"]
    assert seen["undo_for"] == 0 and seen["changes"]
    house.advance(30)
    first = api.post(f"{made['url']}/set_aside", ASKED, key="one", match=seen["hash"])
    with nothing_written(house):
        assert api.post(f"{made['url']}/set_aside", ASKED, key="one") == first


def test_lee_sets_one_aside_and_everybody_sees_it(house: House) -> None:
    order, lee, sam = house.order("60.00"), house.page("ops_lead"), house.page("support")
    made = put_up(house, order["url"])
    assert f"{made['url']}/set_aside" in lee.get(order["url"])
    assert f"{made['url']}/set_aside" not in sam.get(order["url"])
    lee.get(f"{made['url']}/set_aside")
    lee.submit(f"{made['url']}/set_aside?preview=1", {"hours": "2", "reason": "They are at the counter"})
    lee.submit(f"{made['url']}/set_aside", {"hours": "2", "reason": "They are at the counter"})
    assert "set aside for now" in sam.get(order["url"]) and "They are at the counter" in sam.html
    assert "Lee Okafor" in sam.get(made["url"])
