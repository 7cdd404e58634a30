"""A bank's early fraud warning by webhook: a banner that suggests a refund, and falls when one is too late or done."""

from __future__ import annotations

import pytest

from opsconsole.services.banners import KINDS

from ..house import House
from ..scenes import issue, nothing_written, payment_id
from .scenes import act_called, kinds_on

CARD = "pm_card_createIssuerFraudRecord"


@pytest.mark.own_app
def test_the_test_card_is_warned_of_and_the_banner_suggests_a_refund(house: House) -> None:
    order, api = house.order("60.00", method=CARD), house.api()
    [told] = api.get(order["url"])["banners"]
    assert (told["kind"], told["blocks"]) == ("fraud_warning", [])
    assert "refunds.issue" in told["warns"] and "misc" in told["reason"]
    assert api.get(order["payments"][0])["fraud_warning"] == "misc"
    assert "Refund it before it becomes a dispute" in house.page("support").get(f"{order['url']}/refund")
    with act_called(house, "orders.release") as door:  # it only warns
        api.post(f"{door}/{order['id']}", {})


def test_a_full_refund_lowers_it_and_a_part_does_not(house: House) -> None:
    order, api = house.order("60.00", method=CARD), house.api()
    for amount, left in (("10.00", ["fraud_warning"]), ("50.00", [])):
        done = issue(house, order, amount)
        house.later(61)
        assert api.get(done["subject"])["status"] == "succeeded"
        assert kinds_on(house, order["url"]) == left
    assert api.get(order["payments"][0])["fraud_warning"] is None


def test_a_dispute_takes_its_place(house: House) -> None:
    order = house.order("60.00", method=CARD)
    house.sandbox.stripe.dispute(payment_id(house, order))
    house.drain()
    assert kinds_on(house, order["url"]) == ["dispute_open"]


def test_a_warning_of_a_payment_nobody_told_us_of_is_not_lost(house: House) -> None:
    paid = house.pay(6000)
    house.sandbox.fault(kind="drop", method="webhook payment_intent.*")
    house.sandbox.fault(kind="drop", method="webhook charge.*")
    house.sandbox.stripe.warn(paid, fraud_type="made_with_stolen_card")
    house.drain()
    [payment] = house.api().get(f"/payments?external_id={paid}")["items"]
    assert (payment["fraud_warning"], payment["captured"]["amount"]) == ("made_with_stolen_card", "60.00")


def test_the_same_news_again_changes_no_banner(house: House) -> None:
    order = house.order("60.00", method=CARD)
    before = house.checksum()["banners"]
    house.sandbox.webhooks.redeliver("stripe", None, 3, house.sandbox.clock.now())
    house.drain()
    assert house.checksum()["banners"] == before and kinds_on(house, order["url"]) == ["fraud_warning"]


def test_an_odd_type_is_refused_by_the_sandbox(house: House) -> None:
    paid = house.pay(6000)
    with nothing_written(house), pytest.raises(ValueError, match="fraud_type must be one of"):
        house.sandbox.stripe.warn(paid, fraud_type="mood")
    assert KINDS["fraud_warning"].by_facts
