"""The same again at today's price: one act, everything that stands in the way at once, charged exactly once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ..gates.scenes import SKU, change
from ..house import House
from ..payments.card_scenes import charged, save_card
from ..scenes import WINDOW, denied, nothing_written, only_case, payment_id, processor, refused
from .scenes import bought, reorder


def test_one_act_makes_the_order_and_charges_the_card(house: House) -> None:
    old, api = bought(house), house.api()
    seen = api.post(f"{old['url']}/reorder?preview=1", {}, 200)["preview"]
    assert [one["says"] for one in seen["promises"]] == ["Stripe charges $69.00 to Visa ending 4242"]
    told = {(one["on"], one["field"]): one["to"] for one in seen["changes"]}
    assert told["order", "reference"] == f"{old['reference']}-2" and told["order", "total"] == "$69.00"
    assert (told["order", "kind"], told["order", "parent_order_id"]) == ("reorder", old["id"])
    assert seen["undo_for"] == 60
    new = reorder(house, old, match=seen["hash"])
    assert (new["reference"], new["kind"], new["parent"]) == (f"{old['reference']}-2", "reorder", old["url"])
    assert (new["status"], new["total"]["amount"], new["ship_to"]) == (
        "awaiting_payment",
        "69.00",
        old["ship_to"],
    )
    assert (new["ball"]["who"], new["ball"]["says"]) == ("us", "The saved card is charged in a minute.")
    [line] = new["lines"]
    assert (line["sku"], line["quantity"], line["unit_price"]["amount"]) == (SKU, 1, "69.00")
    assert api.get(old["url"])["linked"]["children"] == [new["url"]] and charged(house) == []
    house.later(WINDOW)
    assert (api.get(new["url"])["status"], charged(house)) == ("ready", [6900])
    fill = api.post(f"{new['url']}/submit", {})
    assert api.get(fill["subject"])["prescription"] == "rx-9"


def test_a_double_click_is_one_order_and_one_charge(house: House) -> None:
    old = bought(house)
    new = reorder(house, old, key="click")
    with nothing_written(house):
        assert reorder(house, old, key="click")["id"] == new["id"]
    blocked = _blockers(house, old)
    assert [(one["code"], one["fix"]["url"]) for one in blocked] == [("already_reordered", new["url"])]
    house.later(WINDOW)
    assert charged(house) == [6900] and house.api().get(old["url"])["linked"]["children"] == [new["url"]]


def test_the_next_one_has_the_next_number_and_the_first_ones_name(house: House) -> None:
    old, api = bought(house), house.api()
    first = reorder(house, old)
    house.later(WINDOW)
    change(house, f"update orders set status = 'delivered' where id = '{first['id']}'")
    assert reorder(house, first)["reference"] == f"{old['reference']}-3"
    assert api.get(first["url"])["parent"] == old["url"]


def test_shipping_is_as_it_was_and_what_needs_no_prescription_is_taxed_at_its_rate(house: House) -> None:
    old, shop = bought(house), house.api("shop")
    balm = {"sku": "LB", "name": "Lip balm", "kind": "otc", "price": "10.00"}
    shop.post("/products", balm)
    change(house, "insert into pharmacy_offers (id, pharmacy_id, sku, stock, cost, currency) "
                  "select 'pof_lb', id, 'LB', 'in_stock', 100, 'usd' from pharmacies")  # fmt: skip
    lines = [
        {"sku": SKU, "name": "Night cream", "quantity": 1, "unit_price": "60.00"},
        {"sku": "LB", "name": "Lip balm", "quantity": 3, "unit_price": "8.00"},
    ]
    made = shop.post("/orders", {
        "reference": "R-tax", "customer": "cust-1", "lines": lines, "shipping": "5.00", "tax": "1.98", "discount": "7.00",
        "total": "83.98", "payment": house.pay(8398), "ship_to": old["ship_to"],
    })  # fmt: skip
    house.drain()
    new = reorder(house, {"url": made["subject"]})
    money = {name: new[name]["amount"] for name in ("subtotal", "shipping", "tax", "discount", "total")}
    assert money == {
        "subtotal": "99.00",
        "shipping": "5.00",
        "tax": "2.48",
        "discount": "0.00",
        "total": "106.48",
    }
    [line] = [one for one in new["lines"] if one["sku"] == "LB"]
    assert (line["quantity"], line["unit_price"]["amount"]) == (3, "10.00")


def test_it_can_go_somewhere_else(house: House) -> None:
    old, api = bought(house), house.api()
    there = {"name": "Jo Field", "line1": "9 Oak Av", "city": "Fresno", "state": "CA", "zip": "93701"}
    done = api.post(f"{old['url']}/reorder", {"ship_to": there})
    assert api.get(done["subject"])["ship_to"]["city"] == "Fresno"
    assert api.get(old["url"])["ship_to"]["city"] == "Reno"


# ------------------------------------------------------------------ what stands in the way, all at once

Spoil = Callable[[House, Any], None]


def _sql(statement: str) -> Spoil:
    return lambda house, old: change(house, statement.format(order=old["id"]))


def _card_is_gone(house: House, old: Any) -> None:
    processor(house).customers.update(old["known_as"], {"invoice_settings": {"default_payment_method": ""}})
    change(house, "delete from external_ids where system = 'stripe'")


# what goes wrong -> (the code, where it is put right); each stands on its own, and all in ALL stand together
SPOILT: dict[str, tuple[Spoil, str, str]] = {
    "not sold": (_sql("update products set active = false"), "product_gone", r"/products/prd_\w+"),
    "no price": (_sql("update products set price = null, currency = null"), "product_gone", r"/products/prd_\w+"),
    "out of stock": (_sql("update pharmacy_offers set stock = 'out'"), "out_of_stock", r"/pharmacies/\w+"),
    "no prescription": (_sql("delete from prescriptions"), "rx_missing", r"/prescriptions\?customer=cst_\w+"),
    "expired": (
        _sql("update prescriptions set expires_on = instant()::date - 2"), "rx_expired", r"/prescriptions/rx_\w+",
    ),
    "used up": (_sql("update prescriptions set fills_used = 4"), "no_refills", r"/prescriptions/rx_\w+"),
    "no prescriber": (
        _sql("update provider_licences set status = 'expired'"), "prescriber_not_licensed", r"/prescriptions/rx_\w+",
    ),
    "no pharmacy": (_sql("delete from pharmacy_licences"), "pharmacy_not_licensed", "/pharmacies"),
    "not served": (_sql("delete from state_rules"), "state_not_served", r"/state-rules\?state=NV"),
    "no address": (_sql("update orders set ship_to = null"), "bad_address", r"/orders/{order}/reorder#ship-to"),
    "no card": (_card_is_gone, "no_card", r"/customers/cst_\w+/message\?template=save_card"),
}  # fmt: skip


def _blockers(house: House, old: Any) -> list[Any]:
    house.advance(11)
    house.api().post(
        f"{old['url']}/reorder?preview=1", {}, 409
    )  # asks for the card, and keeps what was answered
    with nothing_written(house):
        said = house.api().post(f"{old['url']}/reorder", {}, 409)["refused"]
    assert said["code"] == "blocked" and said["message"]
    return list(said["blockers"])


@pytest.mark.parametrize("wrong", SPOILT)
def test_each_blocker_is_told_with_where_it_is_put_right(house: House, wrong: str) -> None:
    spoil, code, fix = SPOILT[wrong]
    old = bought(house)
    spoil(house, old)
    [one] = _blockers(house, old)
    assert one["code"] == code and one["says"].endswith(".") and one["fix"]["label"]
    assert re.fullmatch(fix.format(order=old["id"]), one["fix"]["url"]), one["fix"]["url"]


def test_all_that_can_be_wrong_together_is_listed_at_once(house: House) -> None:
    """Without an address, licences and stock cannot be asked for; of a prescription, one thing is wrong at a time."""
    old, api = bought(house), house.api()
    other = "XX-1"
    api.post(
        "/products", {"sku": other, "name": "Day cream", "kind": "prescription", "needs_prescription": True}
    )
    new = reorder(house, old)
    for line, sku in enumerate(("YY-1", other), 2):
        change(house, "insert into order_lines (id, order_id, position, sku, name, quantity, currency, unit_price, amount) "
                      f"values ('lin_{line}', '{old['id']}', {line}, '{sku}', 'More', 1, 'usd', 100, 100)")  # fmt: skip
    for wrong in ("not sold", "out of stock", "used up", "not served", "no card"):
        SPOILT[wrong][0](house, old)
    found = _blockers(house, old)
    assert [one["code"] for one in found] == [
        "already_reordered", "product_gone", "product_gone", "product_gone", "state_not_served", "no_refills", "rx_missing",
        "out_of_stock", "no_card",
    ]  # fmt: skip
    assert all(one["says"] and one["fix"]["url"].startswith("/") for one in found)
    assert len({one["says"] for one in found}) == len(found)
    page = house.page("support").get(f"{old['url']}/reorder")
    listed = re.findall(r'data-blocker="(\w+)"', page)
    assert listed == [one["code"] for one in found]
    assert "9 things stand in the way" in page and new["url"] in page
    assert all(one["fix"]["url"] in page for one in found)
    house.later(WINDOW)
    assert charged(house) == [6900], "the one that was there before"


def test_an_open_dispute_blocks_it(house: House) -> None:
    old = bought(house)
    house.sandbox.stripe.dispute(payment_id(house, old))
    house.drain()
    house.api().post(f"{old['url']}/reorder?preview=1", {}, 409)  # asks for the card
    words = refused(house, house.api(), f"{old['url']}/reorder", {}, "blocked")
    assert "Dispute open" in words


@pytest.mark.parametrize("status", ["draft", "in_review", "awaiting_payment", "rejected"])
def test_what_was_never_bought_is_not_bought_again(house: House, status: str) -> None:
    old = bought(house)
    change(house, f"update orders set status = '{status}' where id = '{old['id']}'")
    refused(house, house.api(), f"{old['url']}/reorder", {}, "not_reorderable")
    [act] = [one for one in house.api().get(old["url"])["acts"] if one["act"] == "reorders.place"]
    assert not act["allowed"] and act["why_not"]


def test_while_the_first_has_not_gone_out_the_preview_says_so(house: House) -> None:
    old = bought(house)
    change(house, f"update orders set status = 'ready' where id = '{old['id']}'")
    seen = house.api().post(f"{old['url']}/reorder?preview=1", {}, 200)["preview"]
    assert "will get both" in seen["warnings"][0]


def test_who_may_not(house: House) -> None:
    old = bought(house)
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, f"{old['url']}/reorder")


# ------------------------------------------------------------------ the charge fails, or nobody knows


def test_a_declined_card_leaves_the_order_waiting_until_another_one_pays(house: House) -> None:
    old, api = bought(house, "pm_card_visa_chargeDeclinedInsufficientFunds"), house.api()
    new = reorder(house, old)
    house.later(WINDOW)
    new = api.get(new["url"])
    assert (new["status"], new["ball"]["says"]) == (
        "awaiting_payment", "The customer has to give a card that works.",
    )  # fmt: skip
    case = only_case(house, new["collections"][0].rsplit("/", 1)[-1])
    assert "not enough money on the card" in case["says"]
    acts = {act["act"]: act["allowed"] for act in new["acts"]}
    assert acts["orders.cancel"] and acts["payments.collect"] and "reorders.withdraw" not in acts
    save_card(house, old["known_as"], "pm_card_mastercard")
    house.advance(11)
    api.post(f"{new['url']}/collect", {})
    house.later(WINDOW)
    assert (api.get(new["url"])["status"], charged(house)) == ("ready", [6900])


def test_after_a_lost_answer_there_is_exactly_one_charge(house: House) -> None:
    old, api = bought(house), house.api()
    new = reorder(house, old)
    house.sandbox.fault(kind="lost_answer", method="POST /v1/payment_intents", times=1)
    house.later(WINDOW)
    house.later(60)
    house.later(25 * 3600)
    assert (api.get(new["url"])["status"], charged(house)) == ("ready", [6900])


# ------------------------------------------------------------------ pages


def test_the_page_shows_both_prices_and_the_orders_link_to_each_other(house: House) -> None:
    old, sam = bought(house), house.page("support")
    page = sam.get(f"{old['url']}/reorder")
    assert "$60.00" in page and "$69.00" in page and "Stripe charges $69.00 to Visa ending 4242" in page
    there = sam.submit(
        f"{old['url']}/reorder", {f"ship_to-{name}": "" for name in ("name", "line1", "city", "zip")}
    )
    new = house.api().get(old["url"])["linked"]["children"][0]
    assert sam.url == new and "Reorders" in there and old["url"] in there and "Undo reorder" in there
    assert "Reordered as" in sam.get(old["url"]) and new in sam.html
