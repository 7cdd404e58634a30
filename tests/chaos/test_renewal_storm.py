"""Hundreds of subscriptions renew at once while Stripe's webhooks come twice, in the wrong order, or not at all.

CHAOS_RENEWALS says how many.
"""

from __future__ import annotations

import os

import pytest

from ..house import House
from .mirrors import differences
from .worlds import Inside

MANY = int(os.environ.get("CHAOS_RENEWALS", "300"))
DAY, HOUR = 86400, 3600

pytestmark = [pytest.mark.soak, pytest.mark.chaos]


def test_all_renew_at_once_and_all_is_as_stripe_says(house: House) -> None:
    world = Inside(house)
    stripe, price = world.stripe, _price(world)
    for n in range(MANY):
        email = f"storm-{n}@example.test"
        known_as = world.saves_card(email, "pm_card_visa" if n % 10 else "pm_card_chargeCustomerFail")
        told = {"reference": email, "name": "Jo Field", "email": email, "external_ids": {"stripe": known_as}}
        world.shop("/customers", told)
        trial = {"trial_period_days": 30}  # nobody pays now, all on one day
        stripe.subscriptions.create({"customer": known_as, "items": [{"price": price}], **trial})
    world.later(0)
    assert differences(house) == []
    before = world.book()

    house.sandbox.fault(kind="drop", method="webhook", every=4)
    house.sandbox.fault(kind="duplicate", method="webhook", every=3)
    house.sandbox.fault(kind="reorder", method="webhook", every=2)
    for seconds in (30 * DAY, HOUR + 60, HOUR):
        world.later(seconds)
    struck = {dial["kind"]: dial["struck"] for dial in house.sandbox.faults.list()}
    assert all(struck[kind] > MANY / 4 for kind in ("drop", "duplicate", "reorder")), struck
    assert differences(house), "nothing was lost: that was no storm"

    house.sandbox.clear_faults()
    world.do("/inbox/sweep", {"source": "stripe"})
    world.later(HOUR)
    assert differences(house) == []
    happened = world.book()
    happened.subtract(before)
    broke = len(range(0, MANY, 10))
    assert (happened["invoice"], happened["invoice.paid"]) == (MANY, MANY - broke), happened
    assert house.rows("select 1 from inbox_events where status = 'received'") == []


def _price(world: Inside) -> str:
    product = world.stripe.products.create({"name": "Care"})
    made = world.stripe.prices.create(
        {"product": product.id, "currency": "usd", "unit_amount": 3800, "recurring": {"interval": "month"}}
    )
    return str(made.id)
