"""A banner comes down: by whoever may, and not while facts hold it up."""

from __future__ import annotations

import pytest

from opsconsole.services.banners import KINDS

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import act_called, kinds_on, places, plant, put_up

BY_HAND = [kind.code for kind in KINDS.values() if not kind.by_facts]
WHY = {"reason": "It is settled"}


@pytest.mark.parametrize("kind", BY_HAND)
@pytest.mark.own_app
def test_what_was_raised_comes_down_and_blocks_nothing_more(house: House, kind: str) -> None:
    order, api = house.order("60.00"), house.api()
    made = put_up(house, order["url"] if "order" in places(kind) else order["customer"], kind)
    [name] = sorted(KINDS[kind].blocks)[:1]
    with act_called(house, name) as door:
        refused(house, api, f"{door}/{order['id']}", {}, "blocked")
        house.api("clinician").post(f"{made['url']}/lower", WHY)
        api.post(f"{door}/{order['id']}", {})
    down = api.get(made["url"])
    assert (down["status"], down["final"], down["lowered_reason"]) == ("lowered", True, "It is settled")
    assert kinds_on(house, order["url"]) == kinds_on(house, order["customer"]) == []
    put_up(house, order["url"] if "order" in places(kind) else order["customer"], kind)  # and may come again


@pytest.mark.parametrize("kind", [kind.code for kind in KINDS.values() if kind.clinical])
def test_only_a_clinician_lowers_a_clinical_one(house: House, kind: str) -> None:
    made = put_up(house, house.order("60.00")["customer"], kind, "support")
    for role in ("support", "ops_lead", "finance", "auditor"):
        denied(house, role, f"{made['url']}/lower", WHY)
        [_, lower] = house.api(role).get(made["url"])["acts"]
        assert (lower["act"], lower["allowed"]) == ("banners.lower", False)
    house.api("clinician").post(f"{made['url']}/lower", WHY)


@pytest.mark.parametrize("kind", [kind.code for kind in KINDS.values() if kind.by_facts])
def test_what_facts_hold_up_nobody_lowers(house: House, kind: str) -> None:
    banner = plant(house, kind, house.order("60.00"))
    words = refused(house, house.api(), f"/banners/{banner}/lower", WHY, "follows_facts")
    assert "by itself" in words


def test_twice_is_refused_and_the_second_click_replays(house: House) -> None:
    made, api = put_up(house, house.order("60.00")["url"]), house.api()
    invalid(house, api, f"{made['url']}/lower", {}, "reason")
    first = api.post(f"{made['url']}/lower", WHY, key="one")
    with nothing_written(house):
        assert api.post(f"{made['url']}/lower", WHY, key="one") == first
    refused(house, api, f"{made['url']}/lower", WHY, "already_lowered")
    api.post("/banners/ban_nowhere/lower", WHY, 404)


def test_who_may_lower(house: House) -> None:
    made = put_up(house, house.order("60.00")["url"])
    for role in ("auditor", "shop", "admin"):
        denied(house, role, f"{made['url']}/lower", WHY)
    house.api("support").post(f"{made['url']}/lower", WHY)


def test_sam_lowers_one(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    made = put_up(house, order["url"])
    assert f"{made['url']}/lower" in sam.get(order["url"])
    sam.get(f"{made['url']}/lower")
    sam.submit(f"{made['url']}/lower?preview=1", WHY)
    sam.submit(f"{made['url']}/lower", WHY)
    assert sam.url == order["url"] and "standing-banner" not in sam.html
    assert "It is settled" in sam.get(made["url"])
