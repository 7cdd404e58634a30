"""Keeping an order back before it is handed over, and letting it go on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, refused

REASON = "customer_asked"


def in_days(house: House, days: int) -> str:
    today: date = house.rows("select (instant() at time zone 'UTC')::date")[0][0]
    return (today + timedelta(days=days)).isoformat()


def held(house: House, order: dict[str, Any], days: int = 3, **more: Any) -> Any:
    return house.api().post(f"{order['url']}/hold", {"reason": REASON, "until": in_days(house, days), **more})


def test_a_held_order_waits_and_goes_on_from_where_it_was(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    before = order["status"]
    assert held(house, order)["subject"] == order["url"]
    now = api.get(order["url"])
    assert (now["status"], now["fulfilment_status"]) == ("on_hold", "on_hold")
    assert now["hold"] == {
        "reason": REASON, "until": in_days(house, 3), "by": "token demo", "returns_to": before,
    }  # fmt: skip
    api.post(f"{order['url']}/release", {})
    now = api.get(order["url"])
    assert (now["status"], now["hold"]) == (before, None)


def test_what_was_paid_while_it_was_held_counts(house: House) -> None:
    shop, api = house.api("shop"), house.api()
    shop.post("/customers", {"reference": "c", "name": "Jo", "email": "jo@example.test"})
    order = shop.post(
        "/orders",
        {
            "reference": "R-1", "customer": "c", "total": "20.00",
            "lines": [{"sku": "S", "name": "Cream", "quantity": 1, "unit_price": "20.00"}],
        },
    )["subject"]  # fmt: skip
    api.post(f"{order}/hold", {"reason": "payment", "until": in_days(house, 1)})
    told = api.get(order)
    body = {"reference": "R-1", "customer": "c", "total": "20.00", "payment": house.pay(2000)}
    lines = [{"sku": "S", "name": "Cream", "quantity": 1, "unit_price": "20.00"}]
    shop.post("/orders", {**body, "lines": lines})
    house.drain()
    assert (told["status"], api.get(order)["status"]) == ("on_hold", "on_hold")
    api.post(f"{order}/release", {})
    assert api.get(order)["status"] == "ready"


def test_what_is_held_too_long_becomes_a_case_once_and_its_release_closes_it(house: House) -> None:
    order = house.order("60.00")
    held(house, order, days=1)
    run(house)
    assert not cases_of(house, order["url"])
    house.advance(2 * 86_400)
    run(house)
    run(house)
    [case] = cases_of(house, order["url"])
    assert case["reason"] == "hold_overdue" and case["suggests"]["act"] == "orders.release"
    house.api().post(f"{order['url']}/release", {})
    assert not cases_of(house, order["url"])


def run(house: House) -> None:
    from opsconsole.jobs.schedule import _tell_of_holds

    with house.app.app_context():
        _tell_of_holds()


def test_a_note_for_colleagues_goes_to_the_notes_and_not_to_the_audit(house: House) -> None:
    order = house.order("60.00")
    done = held(house, order, note="Jo telephones again on Monday")
    entries = house.api().get(f"/traces/{done['trace']}")["entries"]
    assert {entry["name"] for entry in entries} >= {"orders.hold", "orders.note"}
    assert "Monday" in house.page("support").get(order["url"])
    assert "Monday" not in str(house.rows("select inputs::text from audit_entries"))


def test_what_cannot_be_held_or_released(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = f"{order['url']}/hold"
    for until in (in_days(house, -1), in_days(house, 31)):
        invalid(house, api, url, {"reason": REASON, "until": until}, "until")
    invalid(house, api, url, {"reason": "because", "until": in_days(house, 1)}, "reason")
    invalid(house, api, url, {}, "reason", "until")
    refused(house, api, f"{order['url']}/release", {}, "not_held")
    held(house, order)
    refused(house, api, url, {"reason": REASON, "until": in_days(house, 1)}, "not_holdable")
    api.post(f"{order['url']}/cancel", {"reason": "customer_request"})
    refused(house, api, url, {"reason": REASON, "until": in_days(house, 1)}, "not_holdable")


def test_who_may(house: House) -> None:
    order = house.order("60.00")
    asked = {"reason": REASON, "until": in_days(house, 1)}
    for role in ("admin", "auditor", "shop"):
        denied(house, role, f"{order['url']}/hold", asked)
        denied(house, role, f"{order['url']}/release", {})


def test_the_second_click_changes_nothing_and_the_preview_holds(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    asked = {"reason": REASON, "until": in_days(house, 2)}
    with nothing_written(house):
        seen = api.post(f"{order['url']}/hold?preview=1", asked, 200)["preview"]
    first = api.post(f"{order['url']}/hold", asked, key="one", match=seen["hash"])
    with nothing_written(house):
        assert api.post(f"{order['url']}/hold", asked, key="one") == first
    first = api.post(f"{order['url']}/release", {}, key="two")
    with nothing_written(house):
        assert api.post(f"{order['url']}/release", {}, key="two") == first


def test_sam_holds_one_and_everybody_sees_it(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    assert f"{order['url']}/hold" in sam.get(order["url"])
    asked = {"reason": REASON, "until": in_days(house, 2), "note": ""}
    sam.get(f"{order['url']}/hold")
    sam.submit(f"{order['url']}/hold?preview=1", asked)
    sam.submit(f"{order['url']}/hold", asked)
    page = sam.get(order["url"])
    assert "Held by Sam" in page and "the customer asked us to wait" in page
    assert f"{order['url']}/release" in page and f"{order['url']}/hold" not in page
    assert "the customer asked us to wait" in sam.get(f"{order['url']}/release")
