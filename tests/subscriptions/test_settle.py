"""Our copy of a subscription follows Stripe, whatever the order in which we hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from opsconsole import vendors
from opsconsole.models import Subscription
from opsconsole.services import STRIPE, subscriptions
from opsconsole.vendors.billing import SubscriptionFacts, SubscriptionState

from ..house import House
from ..scenes import processor
from .scenes import again, prescribed, subscribed


def facts(house: House, one: Any) -> SubscriptionFacts:
    with house.app.app_context():
        found: SubscriptionFacts = vendors.port("billing").fetch_subscription(one["external_id"])
        return found


def take_in(house: House, told: SubscriptionFacts, at: datetime) -> None:
    with house.app.app_context():
        subscriptions.settle(told.id, facts=told, fetched_at=at, by=STRIPE)


def test_an_older_fetch_never_overwrites_a_newer_one(house: House) -> None:
    one = subscribed(house)
    now = datetime.fromisoformat(again(house, one)["fetched_at"])
    told = facts(house, one)
    take_in(house, replace(told, cancel_at_period_end=True), now + timedelta(seconds=20))
    take_in(house, told, now + timedelta(seconds=10))
    assert again(house, one)["effective"] == "canceling"
    take_in(house, told, now + timedelta(seconds=30))
    assert again(house, one)["effective"] == "active"


def test_a_word_that_nobody_knows_is_a_case_until_it_is_known(house: House) -> None:
    one = subscribed(house)
    now = datetime.fromisoformat(again(house, one)["fetched_at"])
    odd = replace(facts(house, one), state=SubscriptionState.UNKNOWN, raw_status="dormant")
    take_in(house, odd, now + timedelta(seconds=1))
    assert again(house, one)["effective"] == "unknown"
    [case] = house.api().get(f"/cases?subject={one['url']}&status=open")["items"]
    assert "dormant" in case["says"]
    take_in(house, facts(house, one), now + timedelta(seconds=2))
    assert house.api().get(f"/cases?subject={one['url']}&status=open")["items"] == []


def test_what_is_made_at_stripe_by_hand_is_seen_here(house: House) -> None:
    """The very thing that made two stores drift apart: somebody changes it in Stripe's dashboard."""
    one = subscribed(house)
    stripe = processor(house)
    stripe.subscriptions.update(one["external_id"], {"pause_collection": {"behavior": "keep_as_draft"}})
    house.drain()
    now = again(house, one)
    assert (now["status"], now["effective"]) == ("active", "collection_paused")
    assert now["pause"] == {"kind": "collection", "behavior": "keep_as_draft", "resumes_at": None}
    stripe.subscriptions.cancel(one["external_id"])
    house.drain()
    now = again(house, one)
    assert now["final"] and now["effective"] == "canceled" and now["next"] == [] and now["canceled_at"]
    page = house.page("auditor")
    assert "Stripe has canceled it." in page.get(one["url"])
    assert "Canceled" in page.get("/subscriptions?effective=canceled")


def test_without_a_prescription_it_is_blocked(house: House) -> None:
    one = subscribed(house, rx_days=None)
    assert one["effective"] == "blocked" and "prescription" in one["because"][0]
    prescribed(house)
    with house.app.app_context():
        subscriptions.settle(
            one["external_id"],
            facts=facts(house, one),
            fetched_at=datetime.now().astimezone() + timedelta(hours=1),
            by=STRIPE,
        )
    assert again(house, one)["effective"] == "active"


def test_one_of_nobodys_is_kept(house: House) -> None:
    one = subscribed(house)
    stranger = replace(facts(house, one), id="sub_stranger", customer="cus_stranger", items=())
    take_in(house, stranger, datetime.now().astimezone())
    with house.app.app_context():
        found = Subscription.by_external("sub_stranger")
        assert found and found.customer_id is None
    assert "Nobody we know" in house.page("ops_lead").get("/subscriptions")


def test_a_price_that_is_retired_is_known_as_such(house: House) -> None:
    one = subscribed(house)
    processor(house).prices.update(one["items"][0]["price"], {"active": False})
    house.drain()
    [row] = house.rows(
        "select active, amount, interval, product_id from prices where external_id = :id",
        id=one["items"][0]["price"],
    )
    assert (row.active, row.amount, row.interval) == (False, 3800, "month") and row.product_id
