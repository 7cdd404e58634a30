"""What changes in the middle of a period cost: to the second and the cent, and the same as was previewed."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from opsconsole.sandbox.stripe._periods import after, around
from opsconsole.sandbox.stripe._proration import compute, share

from .conftest import World
from .plans import DAY, HOUR, Shop, ends, lines, refused


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def ts(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


def test_periods_keep_the_day_of_their_anchor() -> None:
    month, year = {"interval": "month", "interval_count": 1}, {"interval": "year", "interval_count": 1}
    anchor = ts(2027, 1, 31, 12)
    assert [after(anchor, month, n) for n in (1, 2, 3)] == [
        ts(2027, 2, 28, 12),
        ts(2027, 3, 31, 12),
        ts(2027, 4, 30, 12),
    ]
    assert after(ts(2028, 2, 29), year, 1) == ts(2029, 2, 28)
    assert after(anchor, {"interval": "week", "interval_count": 2}, 1) == ts(2027, 2, 14, 12)
    for at, period in (
        (anchor, (anchor, ts(2027, 2, 28, 12))),
        (ts(2027, 2, 28, 12), (ts(2027, 2, 28, 12), ts(2027, 3, 31, 12))),
        (ts(2027, 2, 28, 11, 59), (anchor, ts(2027, 2, 28, 12))),
        (ts(2030, 7, 1), (ts(2030, 6, 30, 12), ts(2030, 7, 31, 12))),
        (ts(2027, 1, 1), (ts(2026, 12, 31, 12), anchor)),
    ):
        assert around(anchor, month, at) == period


def test_shares_are_exact_to_the_cent() -> None:
    for amount, part, whole, is_ in (
        (3000, 1, 3, 1000),
        (1000, 1, 3, 333),
        (1000, 2, 3, 667),
        (1, 1, 2, 1),
        (-1, 1, 2, -1),
        (99_999_999, 2_591_999, 2_592_000, 99_999_960),
        (5, 0, 9, 0),
    ):
        assert share(amount, part, whole) == is_


def item(id: str, amount: int, quantity: int = 1, billed: Any = "whole") -> dict[str, Any]:
    price = {
        "id": f"price_{amount}", "product": "prod", "currency": "usd", "unit_amount_decimal": str(amount),
        "recurring": {"interval": "month", "interval_count": 1},
    }  # fmt: skip
    made = {"id": id, "price": price, "quantity": quantity, "start": 0, "end": 1000}
    return made | {
        "billed": {"amount": amount * quantity, "start": 0, "end": 1000} if billed == "whole" else billed
    }


def test_what_is_given_back_and_what_is_charged() -> None:
    half_off: Any = lambda item, amount: amount // 2  # noqa: E731
    whole: Any = lambda item, amount: amount  # noqa: E731
    never = item("a", 100, billed=None)
    partly = item("a", 100, billed={"amount": 30, "start": 400, "end": 1000})
    for mode, before, to, at, less, expected in (
        ("classic", [item("a", 100)], [item("a", 300)], 250, whole, [-75, 225]),
        ("classic", [item("a", 100)], [item("a", 300)], 250, half_off, [-38, 113]),
        ("flexible", [item("a", 100)], [item("a", 300)], 250, half_off, [-75, 113]),
        ("flexible", [partly], [item("a", 300)], 700, whole, [-15, 90]),
        ("classic", [partly], [item("a", 300)], 700, whole, [-30, 90]),
        ("flexible", [item("a", 100)], [item("a", 100, 3)], 500, whole, [-50, 150]),
        ("flexible", [item("a", 100), item("b", 40)], [item("a", 100)], 500, whole, [-20]),
        ("flexible", [item("a", 100)], [item("a", 100), item("b", 40, billed=None)], 500, whole, [20]),
        ("flexible", [never], [item("a", 300)], 500, whole, [150]),
        ("flexible", [item("a", 100)], [item("a", 100)], 500, whole, []),
        ("flexible", [item("a", 100)], [item("a", 300)], 1000, whole, []),
    ):
        subscription = {"id": "sub", "billing_mode": {"type": mode}}
        found = compute(subscription, before, to, at, less)
        assert [line["amount"] for line in found] == expected, (mode, before, to, at)
        assert all(line["proration"] and line["period"]["start"] == at for line in found)


def test_a_swap_waits_for_the_next_invoice_or_comes_at_once(shop: Shop) -> None:
    waits, at_once, free = shop.subscribe(), shop.subscribe(), shop.subscribe()
    shop.world.sandbox.advance(10 * DAY)
    start, end = waits.items.data[0].current_period_start, ends(waits)
    date = start + (end - start) // 2
    shop.swap(waits, "big", proration_date=date)
    assert shop.pending(waits) == [-1500, 3000] and len(shop.invoices(waits)) == 1
    assert refused(lambda: shop.swap(waits, "month", proration_date=start - 1)).param == "proration_date"
    shop.swap(
        at_once, "big", proration_behavior="always_invoice", proration_date=ends(at_once) - (end - start) // 4
    )
    latest = shop.latest(at_once)
    assert (lines(latest), latest.status, latest.billing_reason) == (
        [-750, 1500],
        "paid",
        "subscription_update",
    )
    parents = [line.parent.subscription_item_details for line in latest.lines.data if line.parent]
    assert all(parent is not None and parent.proration for parent in parents) and len(parents) == 2
    shop.swap(free, "big", proration_behavior="none")
    assert shop.pending(free) == []
    shop.world.sandbox.advance(end + 2 * HOUR - shop.world.sandbox.clock.now())
    assert sorted(lines(shop.latest(waits))) == [-1500, 3000, 6000] and lines(shop.latest(free)) == [6000]
    assert shop.latest(waits).amount_paid == 7500


def test_another_interval_bills_at_once_from_today(shop: Shop) -> None:
    made = shop.subscribe()
    shop.world.sandbox.advance(10 * DAY)
    swapped = shop.swap(made, "quarter")
    back, charge = lines(shop.latest(made))
    assert -2000 <= back < -1900 and charge == 8000 and shop.latest(made).status == "paid"
    assert swapped.billing_cycle_anchor > made.billing_cycle_anchor and ends(swapped) > ends(made) + 45 * DAY
    free = shop.subscribe("free")
    assert (
        shop.latest(free).status == "paid" and shop.swap(free, "month").billing_cycle_anchor >= free.created
    )
    assert lines(shop.latest(free)) == [0, 3000]
    anew = shop.change(made, billing_cycle_anchor={"type": "now"}, proration_behavior="none")
    assert lines(shop.latest(made)) == [8000] and ends(anew) >= ends(swapped)
    string: Any = {"billing_cycle_anchor": "now"}
    assert refused(lambda: shop.change(made, **string)).param == "billing_cycle_anchor"


def test_items_come_and_go(shop: Shop) -> None:
    made = shop.subscribe()
    first = made.items.data[0].id
    two = shop.change(made, items=[{"price": shop.prices["quarter"]}], proration_behavior="always_invoice")
    assert [one.price.id for one in two.items.data] == [shop.prices["month"], shop.prices["quarter"]]
    assert len(two.items.data) == 2 and sum(lines(shop.latest(made))) in (7999, 8000)
    for wanted in (
        [{"price": shop.prices["month"]}],
        [{"id": "si_none", "price": shop.prices["big"]}],
        [{"id": first, "deleted": True}, {"id": two.items.data[1].id, "deleted": True}],
        [{"price": shop.prices["euro"]}],
        [{"quantity": 2}],
    ):
        refused(lambda wanted=wanted: shop.change(made, items=wanted))  # type: ignore[misc]
    one = shop.change(made, items=[{"id": first, "deleted": True}])
    assert [left.price.id for left in one.items.data] == [shop.prices["quarter"]]
    more = shop.change(made, items=[{"id": one.items.data[0].id, "quantity": 3}], proration_behavior="none")
    assert more.items.data[0].quantity == 3
    again = shop.swap(more, "month", proration_behavior="none")
    assert again.items.data[0].quantity == 1


@pytest.mark.parametrize("seed", [3, pytest.param(range(40), marks=pytest.mark.soak)], ids=str)
def test_every_second_is_paid_for_once(shop: Shop, seed: int | range) -> None:
    """Whatever is swapped, paused, cut short and taken back in between: at each moment the lines that cover it add up to
    the price of what was subscribed to then, to nothing while it was paused, and to nothing after its end."""
    for number in seed if isinstance(seed, range) else [seed]:
        chance = random.Random(number)
        made = shop.subscribe(billing_mode={"type": chance.choice(["classic", "flexible"])})
        had = [(float(made.start_date), 3000, DAY * 31)]
        for _ in range(8):
            shop.world.sandbox.advance(chance.choice([HOUR, 3 * DAY, 11 * DAY, 17 * DAY + 333, 26 * DAY]))
            had.append(_something(shop, shop.again(made), chance))
            if chance.random() < 0.3 and made.billing_mode.type == "flexible":
                had.append((shop.world.sandbox.clock.now(), 0, DAY))
                shop.api.subscriptions.pause(made.id)
                shop.world.sandbox.advance(chance.choice([DAY, 40 * DAY]))
                how: Any = chance.choice([{"payment_behavior": "resume_on_payment_success"}, KEPT])
                shop.api.subscriptions.resume(made.id, how)
                had.append((shop.world.sandbox.clock.now(), *had[-2][1:]))
        shop.world.sandbox.advance(DAY)
        ended = shop.api.subscriptions.cancel(made.id, {"prorate": True, "invoice_now": True}).ended_at
        assert ended is not None
        had.append((ended, 0, DAY))
        _adds_up([line for invoice in shop.invoices(made) for line in invoice.lines.data], had)


KEPT: Any = {"billing_cycle_anchor": {"type": "unchanged"}}


def _something(shop: Shop, made: stripe.Subscription, chance: random.Random) -> tuple[float, int, int]:
    """Change it somehow: since when it has cost how much for how long at most."""
    if chance.random() < 0.3:  # an end that is taken back
        shop.change(made, cancel_at=int(shop.world.sandbox.clock.now()) + chance.choice([5, 90]) * DAY)
        shop.change(made, cancel_at="")
    name, quantity = chance.choice(["month", "big", "quarter"]), chance.randint(1, 4)
    more: Any = {"billing_cycle_anchor": {"type": "now"}} if chance.random() < 0.2 else {}
    items = [{"id": made.items.data[0].id, "price": shop.prices[name], "quantity": quantity}]
    shop.change(
        made, items=items, proration_behavior=chance.choice(["always_invoice", "create_prorations"]), **more
    )
    amount = {"month": 3000, "big": 6000, "quarter": 8000}[name] * quantity
    return shop.world.sandbox.clock.now(), amount, (92 if name == "quarter" else 31) * DAY


def _adds_up(lines_: list[stripe.InvoiceLineItem], had: list[tuple[float, int, int]]) -> None:
    moments = sorted({at for line in lines_ for at in (line.period.start, line.period.end)})
    for start, end in itertools.pairwise(moments):
        if end - start < 600:
            continue
        rate = sum(
            line.amount / (line.period.end - line.period.start)
            for line in lines_
            if line.period.start <= start and line.period.end >= end
        )
        _, amount, longest = [one for one in had if one[0] <= (start + end) / 2][-1]
        cent = len(lines_) / (end - start)
        assert amount / longest - cent <= rate <= amount / (longest * 0.9) + cent, (start, end)


def test_items_on_their_own_are_updates_of_their_subscription(shop: Shop) -> None:
    api = shop.api.subscription_items
    made = shop.subscribe()
    (first,) = api.list({"subscription": made.id}).data
    more = api.create({"subscription": made.id, "price": shop.prices["big"], "proration_behavior": "none"})
    assert [one.id for one in api.list({"subscription": made.id}).data] == [first.id, more.id]
    assert api.update(first.id, {"quantity": 4, "proration_behavior": "always_invoice"}).quantity == 4
    assert sum(lines(shop.latest(made))) == 9000 and api.retrieve(first.id).subscription == made.id
    assert api.delete(more.id).deleted and len(shop.again(made).items.data) == 1
    assert refused(lambda: api.retrieve(more.id)).http_status == 404
    assert refused(lambda: api.delete(first.id)).param == "items"


def test_an_end_within_a_later_period_shortens_its_bill(shop: Shop) -> None:
    made = shop.subscribe()
    end = ends(made)
    shop.change(made, cancel_at=end + 10 * DAY)
    shop.world.sandbox.advance(end + 2 * HOUR - shop.world.sandbox.clock.now())
    (part,) = shop.latest(made).lines.data
    assert part.period.end == end + 10 * DAY and 960 <= part.amount <= 1072
    whole = shop.change(made, cancel_at="")
    (rest,) = shop.pending(made)
    assert part.amount + rest in (2999, 3000, 3001) and whole.cancel_at is None
    customer = shop.api.customers.retrieve(str(made.customer), {"expand": ["subscriptions"]})
    assert customer.subscriptions is not None and [one.id for one in customer.subscriptions.data] == [made.id]
    shop.api.customers.delete(customer.id)
    assert shop.again(made).status == "canceled"


def test_a_preview_is_what_then_happens(shop: Shop) -> None:
    """The same figures to the cent, with the date pinned; and nothing is left of a preview."""
    made = shop.subscribe(
        discounts=[{"coupon": shop.api.coupons.create({"percent_off": 15, "duration": "forever"}).id}]
    )
    shop.world.sandbox.advance(11 * DAY + 12_345)
    id = made.items.data[0].id
    for details in (
        {"items": [{"id": id, "price": shop.prices["big"]}], "proration_behavior": "always_invoice"},
        {"items": [{"id": id, "quantity": 7}], "proration_behavior": "always_invoice"},
        {"items": [{"price": shop.prices["quarter"]}], "proration_behavior": "always_invoice"},
        {"billing_cycle_anchor": {"type": "now"}},
        {"trial_end": int(shop.world.sandbox.clock.now()) + 40 * DAY},
        {"trial_end": "now"},
    ):
        shop.world.sandbox.advance(DAY)
        date = int(shop.world.sandbox.clock.now()) - 100
        pinned: Any = {**details, "proration_date": date}
        asked: Any = {"subscription": made.id, "subscription_details": pinned}
        before = shop.world.sandbox.stripe.counts()
        foreseen = shop.api.invoices.create_preview(asked)
        assert shop.world.sandbox.stripe.counts() == before
        shop.change(made, **pinned)
        assert lines(shop.latest(made)) == lines(foreseen), details
        assert shop.latest(made).total == foreseen.total and shop.latest(made).status == "paid"
    asked = {"subscription": made.id}
    foreseen = shop.api.invoices.create_preview(asked)
    shop.world.sandbox.advance(ends(shop.again(made)) + 2 * HOUR - shop.world.sandbox.clock.now())
    assert (shop.latest(made).total, lines(shop.latest(made))) == (foreseen.total, lines(foreseen))
    shop.api.subscriptions.pause(made.id)
    resumed: Any = {"subscription": made.id, "subscription_details": {"resume_at": "now"}}
    foreseen = shop.api.invoices.create_preview(resumed)
    shop.api.subscriptions.resume(made.id, {"payment_behavior": "resume_on_payment_success"})
    assert shop.latest(made).total == foreseen.total
    shop.change(made, cancel_at_period_end=True)
    assert (
        refused(lambda: shop.api.invoices.create_preview({"subscription": made.id})).code
        == "invoice_upcoming_none"
    )


def test_coupons_lessen_what_is_billed(shop: Shop) -> None:
    coupons = shop.api.coupons
    for params in (
        {"percent_off": 10, "amount_off": 5, "currency": "usd"},
        {"duration": "once"},
        {"amount_off": 5},
        {"percent_off": 101},
        {"percent_off": 10, "duration": "repeating"},
        {"percent_off": 10, "duration": "once", "duration_in_months": 3},
    ):
        wanted: Any = params
        refused(lambda wanted=wanted: coupons.create(wanted))  # type: ignore[misc]
    once = coupons.create({"percent_off": 50, "duration": "once", "max_redemptions": 1})
    twice = coupons.create(
        {"amount_off": 1000, "currency": "usd", "duration": "repeating", "duration_in_months": 2}
    )
    made = shop.subscribe(discounts=[{"coupon": once.id}, {"coupon": twice.id}])
    assert shop.latest(made).total == 500
    assert coupons.retrieve(once.id).valid is False
    assert refused(lambda: shop.subscribe(discounts=[{"coupon": once.id}])).code == "coupon_expired"
    totals = []
    for _ in range(3):
        shop.world.sandbox.advance(ends(shop.again(made)) + 2 * HOUR - shop.world.sandbox.clock.now())
        totals.append(shop.latest(made).total)
    assert totals == [2000, 3000, 3000] and shop.again(made).discounts == []
    euros = coupons.create({"amount_off": 5, "currency": "eur"})
    assert refused(lambda: shop.change(made, discounts=[{"coupon": euros.id}])).http_status == 400
    tenth = shop.change(
        made, discounts=[{"coupon": coupons.create({"percent_off": 10, "duration": "forever"}).id}]
    )
    assert len(tenth.discounts) == 1 and len(shop.change(made, description="x").discounts) == 1
    assert shop.change(made, discounts="").discounts == []
    assert refused(lambda: shop.change(made, coupon=twice.id)).code == "parameter_unknown"
    assert coupons.update(twice.id, {"name": "Ten off"}).name == "Ten off"
    percent: Any = {"percent_off": 1}
    assert refused(lambda: coupons.update(twice.id, percent)).code == "parameter_unknown"
    assert coupons.delete(twice.id).deleted and refused(lambda: coupons.retrieve(twice.id)).http_status == 404


def test_codes_are_for_whom_and_as_long_as_they_say(shop: Shop) -> None:
    codes = shop.api.promotion_codes
    half: Any = {
        "type": "coupon",
        "coupon": shop.api.coupons.create({"percent_off": 50, "duration": "forever"}).id,
    }
    at = int(shop.world.sandbox.clock.now())
    one, other = shop.customer(), shop.customer()

    def refuses(code: stripe.PromotionCode, customer: str) -> bool:
        return (
            refused(
                lambda: shop.subscribe(customer=customer, discounts=[{"promotion_code": code.id}])
            ).http_status
            == 400
        )

    fall = codes.create({"promotion": half, "code": "FALL", "max_redemptions": 1, "expires_at": at + DAY})
    assert refused(lambda: codes.create({"promotion": half, "code": "fall"})).param == "code"
    assert [found.id for found in codes.list({"code": "fall"}).data] == [fall.id]
    made = shop.subscribe(customer=one, discounts=[{"promotion_code": fall.id}], expand=["discounts"])
    assert made.discounts[0].promotion_code == fall.id and shop.latest(made).total == 1500  # type: ignore[union-attr]
    assert codes.retrieve(fall.id).active is False and refuses(fall, other)
    theirs, first = (
        codes.create({"promotion": half, "customer": one}),
        codes.create({"promotion": half, "restrictions": {"first_time_transaction": True}}),
    )
    assert refuses(theirs, other) and refuses(first, one)
    assert shop.subscribe(customer=other, discounts=[{"promotion_code": first.id}]).status == "active"
    idle = codes.update(codes.create({"promotion": half}).id, {"active": False})
    assert refuses(idle, other) and refused(lambda: codes.update(fall.id, {"active": True})).param == "active"
    coupon: Any = {"coupon": half["coupon"]}
    assert refused(lambda: codes.create(coupon)).code == "parameter_unknown"


def test_what_products_and_prices_refuse(shop: Shop) -> None:
    prices, products = shop.api.prices, shop.api.products
    made = prices.retrieve(shop.prices["quarter"])
    assert made.unit_amount == 8000 and made.recurring is not None and made.recurring.interval_count == 3
    for params in (
        {"product": "prod_none", "currency": "usd", "unit_amount": 1},
        {"product": shop.product, "currency": "usd"},
        {"product": shop.product, "currency": "xxx", "unit_amount": 1},
        {"product": shop.product, "currency": "usd", "unit_amount": -1},
        {"currency": "usd", "unit_amount": 1},
        {
            "product": shop.product,
            "currency": "usd",
            "unit_amount": 1,
            "recurring": {"interval": "year", "interval_count": 4},
        },
        {"product": shop.product, "currency": "usd", "unit_amount": 1, "tiers": [{"up_to": "inf"}]},
    ):
        wanted: Any = params
        refused(lambda wanted=wanted: prices.create(wanted))  # type: ignore[misc]
    keyed = prices.update(shop.prices["month"], {"lookup_key": "plan_a", "nickname": "Monthly"})
    assert [one.id for one in prices.list({"lookup_keys": ["plan_a", "other"]}).data] == [keyed.id]
    assert refused(lambda: prices.update(shop.prices["big"], {"lookup_key": "plan_a"})).param == "lookup_key"
    amount: Any = {"unit_amount": 5}
    assert refused(lambda: prices.update(keyed.id, amount)).code == "parameter_unknown"
    subscription = shop.subscribe()
    prices.update(keyed.id, {"active": False, "nickname": "Old"})
    assert shop.again(subscription).items.data[0].price.nickname == "Old"
    assert refused(lambda: shop.subscribe()).param == "items[0][price]"
    assert keyed.id not in {one.id for one in prices.list({"active": True, "product": shop.product}).data}
    products.update(shop.product, {"name": "Plan Z"})
    foreseen = shop.api.invoices.create_preview({"subscription": subscription.id})
    assert "Plan Z" in str(foreseen.lines.data[0].description)
    assert refused(lambda: products.delete(shop.product)).http_status == 400
    empty = products.create({"name": "B", "id": "prod_b", "metadata": {"a": "1"}})
    assert products.update(empty.id, {"name": "C"}).name == "C" and products.delete(empty.id).deleted
    assert refused(lambda: products.create({"name": "A", "id": shop.product})).param == "id"
    fine = prices.create({"product": shop.product, "currency": "usd", "unit_amount_decimal": "0.125"})  # type: ignore[typeddict-item]
    assert fine.unit_amount is None and str(fine.unit_amount_decimal) == "0.125"
