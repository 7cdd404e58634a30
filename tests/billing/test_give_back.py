"""What was paid of an order goes back to the card, as account credit, or some of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from opsconsole.models import Payment
from opsconsole.services import refunds

from ..house import House
from ..payments.card_scenes import with_card
from ..scenes import denied, invalid, nothing_written, paid_back, processor, refused

WHY = {"reason": "goodwill"}


def paid_order(house: House) -> tuple[Any, str]:
    """A paid order of a customer whom Stripe knows, and Stripe's id of them."""
    known_as = with_card(house)
    return house.order("60.00"), known_as


def test_a_split_makes_one_refund_and_one_entry(house: House) -> None:
    (order, known_as), api = paid_order(house), house.api()
    url, asked = f"{order['url']}/give_back", WHY | {"to_card": "18.00", "to_balance": "42.00"}
    preview = api.post(f"{url}?preview=1", asked, 200)["preview"]
    assert len(preview["promises"]) == 2 and paid_back(house) == []
    answer = api.post(url, asked, key="twice")
    assert answer["undo"] is None and api.post(url, asked, key="twice")["subject"] == answer["subject"]
    house.later(61)
    ledger = processor(house).customers.balance_transactions.list(known_as).data
    assert (paid_back(house), [entry.amount for entry in ledger]) == ([1800], [-4200])
    # what became credit is not given a second time
    words = refused(
        house, api, f"{order['url']}/refund", WHY | {"amount": "0.01"}, "not_refundable", "amount"
    )
    assert "$42.00 was given as account credit instead." in words
    refused(house, api, url, WHY | {"to_balance": "0.01"}, "not_refundable", "to_balance")
    assert "was given as account credit already" in house.page("ops_lead").get(url)


def test_all_of_it_is_checked_before_the_first(house: House) -> None:
    (order, _), api = paid_order(house), house.api()
    url = f"{order['url']}/give_back"
    refused(house, api, url, WHY | {"to_card": "18.00", "to_balance": "42.01"}, "not_refundable", "to_card")
    denied(house, "clinician", url, WHY | {"to_card": "1.00"})
    for asked, field in (
        (WHY, "to_card"),
        (WHY | {"to_card": "1.00", "to_balance": "-1.00"}, "to_balance"),
        ({"reason": "fraud", "to_card": "1.00"}, "reason"),
        ({"reason": "other", "to_card": "1.00"}, "note"),
    ):
        invalid(house, api, url, asked, field)
    stranger = house.order("60.00", customer="cust-9")  # whom Stripe does not know: no refund either
    said = refused(house, api, f"{stranger['url']}/give_back", WHY | {"to_card": "1.00", "to_balance": "1.00"},
                   "not_at_stripe")  # fmt: skip
    assert said and paid_back(house) == []


def test_parts_weigh_together(house: House) -> None:
    with_card(house)
    order = house.order("150.00")
    asked = WHY | {"to_card": "60.00", "to_balance": "41.00"}
    with nothing_written(house):
        preview = house.api("support").post(f"{order['url']}/give_back?preview=1", asked, 200)["preview"]
    assert "That makes $101.00 to this customer in 7 days" in str(preview["approval"])


def test_it_warns_of_an_old_charge_and_an_expired_card(house: House) -> None:
    order, _ = paid_order(house)
    house.later(200 * 86400)
    asked = WHY | {"to_card": "1.00"}
    warnings = house.api().post(f"{order['url']}/give_back?preview=1", asked, 200)["preview"]["warnings"]
    assert warnings[-1] == "It was paid 200 days ago: a bank may send a refund of it back."
    for good_until, old in (("10/2026", True), ("11/2026", False), (None, False)):
        at = datetime(2026, 11, 30, tzinfo=UTC)
        paid = Payment(card_brand="visa", card_last4="4242", card_exp=good_until, created_at=at)
        assert [("has expired" in words) for words in refunds.about_the_card(paid, at)] == [True] * old
