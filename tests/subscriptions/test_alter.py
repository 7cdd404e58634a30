"""Another cadence, number or product: billed as previewed, and no product without its prescription."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole.jobs import schedule
from opsconsole.models import Product
from opsconsole.services import transaction

from ..gates import scenes as of_gates
from ..gates.scenes import prescribed
from ..house import House
from ..scenes import WINDOW, processor
from .scenes import DAY, again, at_stripe, change, charges, paid_invoices, shop_with_prices, subscribed

OTHER = "SC-100-60"


def price(house: House, external_id: str) -> str:
    return str(house.rows("select id from prices where external_id = :id", id=external_id)[0].id)


def priced(house: House) -> dict[Any, str]:
    """Our ids of the prices of the subscription's own product."""
    house.drain()
    found = house.rows(
        "select p.id, interval_count from prices p join products d on d.id = p.product_id where d.sku <> :o",
        o=OTHER,
    )
    return {row.interval_count: row.id for row in found}


def another(house: House) -> str:
    """Another product that needs a prescription, with a price. Our id of it."""
    with house.app.app_context(), transaction():
        Product(sku=OTHER, name="Strong cream", kind="prescription", form="cream", strength=None,
                needs_prescription=True, active=True).add()  # fmt: skip
    made = shop_with_prices(house, sku=OTHER, amounts={("month", 1): 5200})
    house.drain()
    return price(house, made["month", 1])


@pytest.mark.parametrize("proration", ["none", "create_prorations", "always_invoice"])
def test_what_is_billed_is_what_was_shown(house: House, proration: str) -> None:
    one = subscribed(house)
    house.later(10 * DAY)
    body = {"quantity": 2, "proration": proration, "reason": "customer_request"}
    seen = house.api().post(f"{one['url']}/alter?preview=1", body, 200)["preview"]
    told = {each["field"]: each["to"] for each in seen["changes"]}
    done = house.api().post(f"{one['url']}/alter", body, match=seen["hash"])
    house.later(WINDOW)
    assert house.api().get(done["subject"])["status"] == "done"
    assert again(house, one)["items"][0]["quantity"] == 2
    paid = len(paid_invoices(house, one))
    house.later(25 * DAY)
    billed = paid_invoices(house, one)
    shown = told["next invoice"].split(" ")[0].rstrip(",").replace("$", "")
    first_after = billed[1].amount_paid if proration == "always_invoice" else billed[paid].amount_paid
    assert f"{first_after / 100:.2f}" == shown, (told, [each.amount_paid for each in billed])


def test_another_cadence_begins_a_period_at_once(house: House) -> None:
    one = subscribed(house)
    two_months = priced(house)[2]
    done = change(house, one, "alter", price=two_months, proration="none", reason="too_much_product")
    house.later(WINDOW)
    assert house.api().get(done["subject"])["status"] == "done"
    now = again(house, one)
    assert now["items"][0]["every"] == {"interval": "month", "count": 2}
    days = charges(now)
    assert (days[1] - days[0]).days in range(59, 63)


def test_covered_by_a_prescription_it_is_swapped_at_once(house: House) -> None:
    one = subscribed(house)
    to = another(house)
    prescribed(house, sku=OTHER, external_id="rx-other")
    change(house, one, "swap", price=to, reason="customer_request")
    house.later(WINDOW)
    assert at_stripe(house, one).items.data[0].price.unit_amount == 5200
    assert again(house, one)["effective"] == "active"


def test_without_one_it_waits_and_nothing_of_either_is_charged(house: House) -> None:
    one = subscribed(house)
    to, ordered = another(house), of_gates.order(house)
    done = change(house, one, "swap", price=to, reason="customer_request")
    assert house.api().get(ordered["url"])["status"] == "on_hold"
    assert done["status"] == "scheduled" and "clinician" in str(done["warnings"])
    house.later(WINDOW)
    now = again(house, one)
    assert now["effective"] == "collection_paused"
    assert now["items"][0]["price"] == one["items"][0]["price"]
    [case] = house.api().get(f"/cases?subject={one['url']}&status=open")["items"]
    assert case["reason"] == "swap_needs_prescription"
    house.later(40 * DAY)
    assert len(paid_invoices(house, one)) == 1, "charged while a clinician decides"
    assert "waits" in change(house, one, "swap", status=409, price=to, reason="other")["refused"]["message"]
    prescribed(house, sku=OTHER, external_id="rx-other")
    with house.app.app_context():
        schedule._carry_on_swaps()
    house.drain()
    house.drain()
    now = again(house, one)
    assert house.api().get(done["subject"])["status"] == "done"
    assert now["effective"] == "active" and now["pause"] is None
    assert at_stripe(house, one).items.data[0].price.unit_amount == 5200
    assert house.api().get(f"/cases?subject={one['url']}&status=open")["items"] == []


def test_a_waiting_swap_that_is_called_off_goes_on_as_before(house: House) -> None:
    one = subscribed(house)
    done = change(house, one, "swap", price=another(house), reason="customer_request")
    house.later(WINDOW)
    house.api().post(f"{done['subject']}/withdraw", {})
    house.later(WINDOW)
    now = again(house, one)
    assert now["effective"] == "active" and now["items"] == one["items"]


def test_refusals_rights_and_the_second_click(house: House) -> None:
    one = subscribed(house)
    own, other = priced(house), another(house)
    before = house.checksum()
    assert "quantity" in change(house, one, "alter", status=422, quantity=40, reason="other")["errors"]
    assert "price" in change(house, one, "alter", status=422, reason="other")["errors"]
    assert (
        change(house, one, "alter", status=409, price=other, reason="other")["refused"]["code"]
        == "not_priced"
    )
    assert (
        change(house, one, "swap", status=409, price=own[2], reason="other")["refused"]["code"]
        == "not_priced"
    )
    for role in ("clinician", "finance", "auditor", "shop"):
        change(house, one, "alter", role=role, status=403, quantity=2, reason="other")
        change(house, one, "swap", role=role, status=403, price=other, reason="other")
    after = house.checksum()
    assert {table for table in before if before[table] != after[table]} <= {"quotes", "breakers"}
    body = {"quantity": 2, "reason": "other"}
    first = house.api().post(f"{one['url']}/alter", body, key="once")
    assert house.api().post(f"{one['url']}/alter", body, key="once") == first
    processor(house).subscriptions.cancel(one["external_id"])
    house.later(WINDOW)
    assert house.api().get(first["subject"])["status"] == "failed"
    assert house.api().get(f"/cases?subject={first['subject']}")["items"][0]["reason"] == "vendor_rejected"
