"""A banner goes up: seen wherever it counts, once per kind, by whoever may."""

from __future__ import annotations

import pytest

from opsconsole.services.banners import KINDS

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import kinds_on, places, put_up

BY_HAND = [(kind.code, on) for kind in KINDS.values() if not kind.by_facts for on in places(kind.code)]


@pytest.mark.parametrize(("kind", "on"), BY_HAND)
def test_every_kind_that_people_raise_stands_where_it_is_raised(house: House, kind: str, on: str) -> None:
    order, other = house.order("60.00"), house.order("60.00")
    subject = order["url"] if on == "order" else order["customer"]
    made = put_up(house, subject, kind, "support")
    assert (made["status"], made["on"], made["customer"]) == ("standing", subject, order["customer"])
    assert kinds_on(house, order["url"]) == kinds_on(house, order["customer"]) == [kind]
    assert kinds_on(house, other["url"]) == ([] if on == "order" else [kind])
    [told] = house.api().get(order["url"])["banners"]
    assert told["blocks"] == sorted(KINDS[kind].blocks) and told["says"] == KINDS[kind].says
    assert (
        told["id"] == made["id"] and told["since"] == made["created_at"] and told["set_aside_until"] is None
    )


def test_the_list_of_orders_tells_of_banners_in_one_statement_more(house: House) -> None:
    made = [house.order("60.00", customer=f"cust-{n}") for n in range(3)]
    put_up(house, made[1]["url"])
    told = {
        one["id"]: [banner["kind"] for banner in one["banners"]]
        for one in house.api().get("/orders")["items"]
    }
    assert told == {made[0]["id"]: [], made[1]["id"]: ["do_not_ship"], made[2]["id"]: []}


def test_at_most_one_of_a_kind_stands_on_a_thing(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    put_up(house, order["url"])
    asked = {"kind": "do_not_ship", "reason": "once more"}
    assert "already" in refused(house, api, f"{order['url']}/banner", asked, "already_standing", "kind")
    put_up(house, order["customer"])
    put_up(house, order["url"], "undeliverable_address")
    assert len(kinds_on(house, order["url"])) == 3


def test_what_cannot_be_raised(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    for kind in ("dispute_open", "fraud_warning", "bad_weather"):
        invalid(house, api, f"{order['url']}/banner", {"kind": kind, "reason": "so"}, "kind")
    invalid(house, api, f"{order['url']}/banner", {"kind": "minor", "reason": "so"}, "kind")
    invalid(house, api, f"{order['url']}/banner", {"kind": "do_not_ship"}, "reason")
    api.post(f"/customers/{order['id']}/banner", {"kind": "do_not_ship", "reason": "so"}, 404)
    api.post("/orders/ord_nowhere/banner", {"kind": "do_not_ship", "reason": "so"}, 404)


def test_who_may_raise(house: House) -> None:
    order = house.order("60.00")
    for role in ("auditor", "shop", "admin"):
        denied(house, role, f"{order['url']}/banner", {"kind": "do_not_ship", "reason": "so"})
    for role, kind in (
        ("support", "do_not_ship"),
        ("clinician", "minor"),
        ("finance", "undeliverable_address"),
    ):
        put_up(house, order["customer"], kind, role)


def test_the_second_click_changes_nothing(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    asked = {"kind": "do_not_ship", "reason": "so"}
    first = api.post(f"{order['url']}/banner", asked, key="one")
    with nothing_written(house):
        assert api.post(f"{order['url']}/banner", asked, key="one") == first


def test_the_preview_says_what_it_does_and_cannot_be_undone(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    asked = {"kind": "do_not_ship", "reason": "so"}
    with nothing_written(house):
        seen = api.post(f"{order['url']}/banner?preview=1", asked, 200)["preview"]
    assert (seen["promises"], seen["undo_for"]) == ([], 0)
    assert {"kind", "status", "reason"} == {change["field"] for change in seen["changes"] if change["to"]}
    api.post(f"{order['url']}/banner", asked, match=seen["hash"])


def test_the_audit_says_of_clinical_ones_no_more_than_that(house: House) -> None:
    order = house.order("60.00")
    put_up(house, order["customer"], "minor")
    [says] = house.rows("select says from audit_entries where act = 'banners.raise'")[0]
    assert says == "Raised a banner for the clinicians"


def test_sam_raises_one_and_sees_it_everywhere(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    assert f"{order['url']}/banner" in sam.get(order["url"])
    sam.get(f"{order['url']}/banner")
    asked = {"kind": "do_not_ship", "reason": "The parcel shop burned down"}
    sam.submit(f"{order['url']}/banner?preview=1", asked)
    assert "What will happen" in sam.html and "Raise it" in sam.html
    sam.submit(f"{order['url']}/banner", asked)
    assert sam.url == order["url"] and "The banner stands." in sam.html
    payment = house.api().get(order["url"])["payments"][0]
    for page in (
        order["url"],
        f"{order['url']}/refund",
        order["customer"],
        f"{order['customer']}/message",
        payment,
    ):
        assert "The parcel shop burned down" in sam.get(page), page
    assert "An ops lead can set it aside" in sam.get(order["url"])
    assert "Do not ship" in sam.get("/banners") and "burned down" in sam.html


def test_a_blocked_act_is_greyed_with_the_reason(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    until = house.rows("select (instant() at time zone 'UTC')::date::text")[0][0]
    api.post(f"{order['url']}/hold", {"reason": "stock", "until": until})
    put_up(house, order["customer"])
    [offer] = [act for act in api.get(order["url"])["acts"] if act["act"] == "orders.release"]
    assert not offer["allowed"]
    assert offer["why_not"].startswith("Do not ship: Nothing may be shipped.")
