"""Disputes by webhook: the banner that follows them, and what of the payment can be refunded meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from opsconsole.sandbox.stripe import disputes

from ..house import House
from ..scenes import issue, payment_id, processor, refused
from .scenes import kinds_on

HOLDS = {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}
REFUSED = {"needs_response", "under_review", "lost"}


def opened(house: House, order: dict[str, Any], **given: Any) -> str:
    made = house.sandbox.stripe.dispute(payment_id(house, order), **given)
    house.drain()
    return str(made["id"])


def becomes(house: House, dispute: str, status: str) -> None:
    """What the bank decides, also what the control side has no lever for; told by webhook."""
    with house.sandbox.stripe.turn() as turn:
        facts = turn.need("dispute", dispute)
        before = disputes.dispute(facts)
        facts["status"] = status
        turn.save("dispute", facts)
        over = "closed" if status in disputes.CLOSED else "updated"
        turn.emit(f"charge.dispute.{over}", "dispute", facts, before)
    house.drain()


@pytest.mark.parametrize("end", ["won", "lost"])
def test_a_dispute_raises_its_banner_and_its_end_lowers_it(house: House, end: str) -> None:
    order, api = house.order("60.00"), house.api()
    dispute = opened(house, order)
    [told] = api.get(order["url"])["banners"]
    assert told["kind"] == "dispute_open" and "orders.release" in told["blocks"] and told["due_at"]
    assert kinds_on(house, order["customer"]) == ["dispute_open"]
    assert "Evidence is due" in house.page("support").get(order["url"])
    house.sandbox.stripe.close_dispute(dispute, end)
    house.drain()
    assert kinds_on(house, order["url"]) == []
    down = api.get(told["url"])
    assert (down["status"], down["lowered_by"]) == ("lowered", "stripe")


def test_an_inquiry_stands_until_it_is_closed(house: House) -> None:
    order = house.order("60.00")
    dispute = opened(house, order, status="warning_needs_response")
    [told] = house.api().get(order["url"])["banners"]
    assert "A full refund ends it" in told["reason"]
    house.sandbox.stripe.close_dispute(dispute, "won")
    house.drain()
    assert kinds_on(house, order["url"]) == []


def test_the_banner_and_the_payment_change_in_one_commit(house: House) -> None:
    order = house.order("60.00")
    opened(house, order)
    [(act, about)] = house.rows(
        "select act, about from audit_entries where trace_id ="
        ' (select trace_id from audit_entries where changes @> \'[{"on": "banner"}]\' limit 1)'
        " or changes::text like '%dispute_open%'"
    )[:1]
    assert act == "payments.settle" and order["id"] in about


def test_news_in_any_order_and_twice_raise_one(house: House) -> None:
    order = house.order("60.00")
    dispute = opened(house, order)
    house.sandbox.webhooks.redeliver("stripe", None, 3, house.sandbox.clock.now())
    house.drain()
    assert house.rows("select count(*) from banners")[0][0] == 1
    house.sandbox.stripe.close_dispute(dispute, "won")
    house.drain()
    house.sandbox.webhooks.redeliver("stripe", None, 3, house.sandbox.clock.now())
    house.drain()
    assert house.rows("select status, count(*) from banners group by 1") == [("lowered", 1)]


def test_a_payment_that_an_order_claims_later_brings_its_banner(house: House) -> None:
    paid = house.pay(6000)
    house.sandbox.stripe.dispute(paid)
    house.drain()
    shop = house.api("shop")
    shop.post("/customers", {"reference": "late", "name": "Jo"})
    lines = [{"sku": "A", "name": "A", "quantity": 1, "unit_price": "60.00"}]
    told = {"reference": "LATE", "customer": "late", "lines": lines, "total": "60.00", "payment": paid}
    order = shop.post("/orders", told)["subject"]
    assert kinds_on(house, order) == ["dispute_open"]


@pytest.mark.parametrize("part", [6000, 2000], ids=["all of it", "a part"])
@pytest.mark.parametrize("status", disputes.STATUSES)
def test_eight_statuses_and_a_refund(house: House, status: str, part: int) -> None:
    """The console refuses exactly what Stripe would refuse, and says why before anything goes out."""
    order, api = house.order("60.00"), house.api()
    becomes(house, opened(house, order, amount=part), status)
    assert kinds_on(house, order["url"]) == (["dispute_open"] if status in HOLDS else [])
    payment = api.get(order["payments"][0])
    offer = api.get(order["url"])["acts"][0]
    asked = {"amount": "10.00", "reason": "goodwill"}
    if status in REFUSED:
        assert payment["refundable"]["amount"] == "0.00" and not offer["allowed"]
        words = refused(house, api, f"{order['url']}/refund", asked, "not_refundable", "amount")
        assert "Stripe refuses every refund" in words and "bank has the money" in offer["why_not"]
        with pytest.raises(stripe.InvalidRequestError) as no:
            processor(house).refunds.create({"payment_intent": payment["external_id"], "amount": 1000})
        assert no.value.code == "charge_disputed"
    else:
        assert offer["allowed"]
        done = issue(house, order)
        house.later(61)
        assert api.get(done["subject"])["status"] == "succeeded"
    sam = house.page("support")
    assert ("Stripe refuses it, disputed" in sam.get(order["url"])) == (status in REFUSED and part < 6000)


def test_a_dispute_of_one_payment_leaves_the_other_refundable(house: House) -> None:
    order, shop = house.order("60.00"), house.api("shop")
    lines = [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}]
    again = {
        "reference": order["reference"], "customer": "cust-1", "lines": lines, "total": "60.00",
        "payment": house.pay(2000),
    }  # fmt: skip
    shop.post("/orders", again)
    house.drain()
    opened(house, order)
    done = issue(house, order, "5.00")
    house.later(61)
    assert house.api().get(done["subject"])["status"] == "succeeded"
