"""Subscriptions: how they begin, what they bill, what they refuse, how they pause and end."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .conftest import World
from .plans import DAY, HOUR, Shop, ends, lines, refused
from .test_shapes import differences


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def test_the_first_invoice_is_paid_within_the_call(shop: Shop) -> None:
    made = shop.subscribe(metadata={"ref": "1"}, expand=["latest_invoice", "items.data.price.product"])
    assert (made.status, made.billing_mode.type, made.metadata["ref"]) == ("active", "flexible", "1")
    invoice = made.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert (invoice.status, invoice.total, invoice.billing_reason) == ("paid", 3000, "subscription_create")
    assert made.items.data[0].price.product.name == "Plan A"  # type: ignore[union-attr]
    assert shop.told() == ["customer.subscription.created"]
    months = ends(shop.subscribe()) - ends(shop.subscribe("week"))
    assert months > 20 * DAY


def test_a_first_invoice_that_is_not_paid_leaves_it_incomplete_for_23_hours(shop: Shop) -> None:
    poor = shop.customer("pm_card_chargeDeclined")
    made = shop.subscribe(customer=poor)
    assert made.status == "incomplete" and shop.latest(made).status == "open"
    assert refused(lambda: shop.swap(made, "big")).param == "items"
    later = shop.subscribe(payment_behavior="default_incomplete")
    assert later.status == "incomplete" and shop.latest(later).attempted is False
    shop.api.invoices.pay(shop.latest(later).id)
    assert shop.again(later).status == "active"
    with pytest.raises(stripe.CardError):
        shop.subscribe(customer=poor, payment_behavior="error_if_incomplete")
    assert len(shop.api.subscriptions.list({"customer": poor}).data) == 1
    shop.world.sandbox.advance(23 * HOUR + 60)
    assert shop.again(made).status == "incomplete_expired" and shop.latest(made).status == "void"
    assert refused(lambda: shop.change(made, description="x")).param == "description"


def test_what_cannot_be_subscribed_to(shop: Shop, world: World) -> None:
    one = {"price": shop.prices["month"]}
    customer, now = shop.customer(), int(world.sandbox.clock.now())
    once = shop.api.prices.create({"product": shop.product, "currency": "usd", "unit_amount": 500}).id
    for params, param in (
        ({"coupon": "x"}, "coupon"),
        ({"items": [one, {"price": shop.prices["euro"]}]}, "items"),
        ({"items": [one, one]}, "items"),
        ({"items": [{"price": once}]}, "items[0][price]"),
        ({"items": [one, {"price": shop.prices["quarter"]}], "billing_mode": {"type": "classic"}}, "items"),
        ({"items": [one, {"price": shop.prices["week"]}]}, "items"),
        ({"items": [one] * 21}, "items"),
        ({"trial_end": now - 60}, "trial_end"),
        ({"trial_end": now + DAY, "trial_period_days": 3}, "trial_end"),
        ({"billing_cycle_anchor": now + 40 * DAY}, "billing_cycle_anchor"),
        ({"billing_cycle_anchor": {"type": "now"}}, "billing_cycle_anchor"),
        ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"days_until_due": 3}, "days_until_due"),
        ({"default_payment_method": "pm_card_visa"}, "default_payment_method"),
        ({"payment_behavior": "pending_if_incomplete"}, "payment_behavior"),
        ({"cancel_at": now + DAY, "cancel_at_period_end": True}, "cancel_at"),
        ({"application_fee_percent": "3"}, "application_fee_percent"),
    ):
        wanted: Any = {"customer": customer, "items": [one], **params}
        assert refused(lambda wanted=wanted: shop.api.subscriptions.create(wanted)).param == param  # type: ignore[misc]
    assert refused(lambda: shop.subscribe(customer=shop.customer(card=None))).code == "resource_missing"
    assert shop.api.subscriptions.list({"status": "all"}).data == []
    assert world.sandbox.ledger("payment") == []


def test_lists_hide_what_was_canceled(shop: Shop) -> None:
    customer = shop.customer()
    first, second = shop.subscribe(customer=customer), shop.subscribe("big", customer=customer)
    trial = shop.subscribe(trial_period_days=10)
    shop.api.subscriptions.cancel(first.id)
    now = int(shop.world.sandbox.clock.now())
    for filters, found in (
        ({}, {second.id, trial.id}),
        ({"status": "all"}, {first.id, second.id, trial.id}),
        ({"status": "ended"}, {first.id}),
        ({"status": "canceled"}, {first.id}),
        ({"status": "trialing"}, {trial.id}),
        ({"customer": customer}, {second.id}),
        ({"price": shop.prices["month"], "status": "all"}, {first.id, trial.id}),
        ({"current_period_end": {"lt": now + 11 * DAY}}, {trial.id}),
        ({"collection_method": "send_invoice"}, set()),
    ):
        wanted: Any = filters
        assert {one.id for one in shop.api.subscriptions.list(wanted).data} == found, filters
    assert refused(lambda: shop.api.subscriptions.list({"customer": "cus_none"})).code == "resource_missing"


def test_canceling_is_final_and_stops_collecting(shop: Shop) -> None:
    made = shop.subscribe()
    shop.card_says(made, "declines")
    shop.world.sandbox.advance(ends(made) + 2 * HOUR - shop.world.sandbox.clock.now())
    owed = shop.latest(made)
    assert (owed.status, owed.auto_advance) == ("open", True) and owed.next_payment_attempt
    canceled = shop.api.subscriptions.cancel(
        made.id, {"cancellation_details": {"comment": "moved", "feedback": "other"}}
    )
    details = canceled.cancellation_details
    assert canceled.status == "canceled" and canceled.ended_at and details
    assert (details.reason, details.comment, details.feedback) == ("cancellation_requested", "moved", "other")
    left = shop.latest(made)
    assert (left.status, left.auto_advance, left.next_payment_attempt) == ("open", False, None)
    assert shop.told()[-1] == "customer.subscription.deleted"
    assert refused(lambda: shop.api.subscriptions.cancel(made.id)).http_status == 404
    assert refused(lambda: shop.swap(made, "big")).param == "items"
    assert refused(lambda: shop.api.subscriptions.resume(made.id)).http_status == 400
    assert shop.change(made, metadata={"a": "1"}, cancellation_details={"comment": ""}).metadata["a"] == "1"
    charges = len(shop.api.charges.list({"limit": 100}).data)
    shop.world.sandbox.advance(60 * DAY)
    assert len(shop.api.charges.list({"limit": 100}).data) == charges


def test_a_credit_for_what_was_not_used_goes_on_the_last_invoice(shop: Shop) -> None:
    made = shop.subscribe()
    item = made.items.data[0]
    shop.world.sandbox.advance(10 * DAY)
    shop.api.subscriptions.cancel(made.id, {"prorate": True, "invoice_now": True})
    (back,) = shop.latest(made).lines.data
    share = (
        3000
        * (item.current_period_end - back.period.start)
        / (item.current_period_end - item.current_period_start)
    )
    assert abs(back.amount + share) <= 0.5 and shop.latest(made).status == "paid"
    customer = shop.api.customers.retrieve(str(made.customer))
    assert customer.balance == back.amount


def test_an_end_can_be_set_moved_and_taken_back(shop: Shop) -> None:
    made = shop.subscribe()
    end = ends(made)
    at_end = shop.change(made, cancel_at_period_end=True)
    assert (at_end.cancel_at_period_end, at_end.cancel_at, at_end.status) == (True, end, "active")
    assert at_end.canceled_at and shop.pending(made) == []
    undone = shop.change(made, cancel_at_period_end=False)
    assert (undone.cancel_at_period_end, undone.cancel_at, undone.canceled_at) == (False, None, None)
    earlier = shop.change(made, cancel_at=end - 10 * DAY)
    assert earlier.cancel_at == end - 10 * DAY and -1001 <= shop.pending(made)[0] <= -967
    shop.change(made, cancel_at="")
    assert sum(shop.pending(made)) == 0
    assert shop.change(made, cancel_at="min_period_end").cancel_at == end
    assert shop.change(made, cancel_at_period_end=False).cancel_at == end  # that one was not set
    for wrong in ({"cancel_at": 1}, {"cancel_at": "", "cancel_at_period_end": False}, {"cancel_at": "soon"}):
        assert refused(lambda wrong=wrong: shop.change(made, **wrong)).param == "cancel_at"  # type: ignore[misc]
    classic = shop.subscribe(billing_mode={"type": "classic"})
    assert refused(lambda: shop.change(classic, cancel_at="min_period_end")).param == "cancel_at"
    shop.world.sandbox.advance(end + 60 - shop.world.sandbox.clock.now())
    assert shop.again(made).status == "canceled" and len(shop.invoices(made)) == 1


def test_collection_can_pause_while_periods_go_on(shop: Shop) -> None:
    def after_a_month(behavior: str) -> tuple[stripe.Subscription, stripe.Invoice]:
        made = shop.subscribe()
        shop.change(made, pause_collection={"behavior": behavior})
        shop.world.sandbox.advance(33 * DAY)
        return shop.again(made), shop.latest(made)

    for behavior, status in (
        ("keep_as_draft", "draft"),
        ("void", "void"),
        ("mark_uncollectible", "uncollectible"),
    ):
        went_on, invoice = after_a_month(behavior)
        assert (went_on.status, invoice.status, invoice.auto_advance) == ("active", status, False), behavior
        assert len(shop.api.charges.list({"customer": str(went_on.customer)}).data) == 1
    assert shop.api.events.list({"type": "invoice.upcoming"}).data == []
    past = {"behavior": "void", "resumes_at": 5}
    assert (
        refused(lambda: shop.change(went_on, pause_collection=past)).param == "pause_collection[resumes_at]"
    )
    resumes_at = int(shop.world.sandbox.clock.now()) + DAY
    shop.change(went_on, pause_collection={"behavior": "void", "resumes_at": resumes_at})
    shop.world.sandbox.advance(DAY + 60)
    assert shop.again(went_on).pause_collection is None
    shop.change(went_on, pause_collection={"behavior": "void"})
    assert shop.change(went_on, pause_collection="").pause_collection is None


def test_pausing_stops_everything_and_gives_back_the_rest(shop: Shop) -> None:
    made = shop.subscribe()
    shop.world.sandbox.advance(15 * DAY)
    paused = shop.api.subscriptions.pause(made.id)
    assert paused.status == "paused" and paused.status_details is not None
    assert paused.status_details.paused.subscription.type == "pause_requested"
    assert shop.told()[-2:] == ["customer.subscription.paused", "customer.subscription.updated"]
    (back,) = shop.pending(made)
    assert -1550 <= back <= -1450
    shop.world.sandbox.advance(60 * DAY)
    assert shop.again(made).status == "paused" and len(shop.invoices(made)) == 1
    assert refused(lambda: shop.change(made, trial_end=shop.world.sandbox.clock.now())).http_status == 400
    going = shop.api.subscriptions.resume(made.id, {"payment_behavior": "resume_on_payment_success"})
    assert going.status == "active" and going.billing_cycle_anchor >= shop.world.sandbox.clock.now() - 60
    assert lines(shop.latest(made)) == [3000, back] and shop.latest(made).status == "paid"
    assert refused(lambda: shop.api.subscriptions.resume(made.id)).param == "subscription"


def test_pausing_can_bill_at_once_and_going_on_can_keep_the_day(shop: Shop) -> None:
    made = shop.subscribe()
    whole: Any = {
        "invoicing_behavior": "invoice",
        "bill_for": {"unused_time_from": {"type": "item_current_period_start"}},
    }
    shop.api.subscriptions.pause(made.id, whole)
    assert lines(shop.latest(made)) == [-3000] and shop.pending(made) == []
    shop.world.sandbox.advance(10 * DAY)
    kept: Any = {"billing_cycle_anchor": {"type": "unchanged"}}
    going = shop.api.subscriptions.resume(made.id, kept)
    assert (going.status, ends(going)) == ("active", ends(made))
    (rest,) = shop.pending(made)
    assert 1900 < rest < 2100
    nothing: Any = {"bill_for": {"unused_time_from": {"type": "none"}}}
    shop.api.subscriptions.pause(made.id, nothing)
    assert shop.pending(made) == [rest]
    assert shop.api.subscriptions.resume(made.id, kept).status == "active" and shop.pending(made) == [rest]


def test_going_on_waits_for_its_payment(shop: Shop) -> None:
    declined, late = shop.subscribe(), shop.subscribe()
    for one in (declined, late):
        shop.api.subscriptions.pause(one.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    shop.card_says(declined, "declines")
    held = shop.api.subscriptions.resume(declined.id, {"payment_behavior": "resume_on_payment_success"})
    assert held.status == "paused" and shop.latest(declined).status == "open"
    assert refused(lambda: shop.api.subscriptions.resume(declined.id)).http_status == 400
    waiting = shop.api.subscriptions.resume(late.id)
    assert waiting.status == "paused" and shop.latest(late).attempted is False
    shop.card_says(late, "declines")
    with pytest.raises(stripe.CardError):
        shop.api.invoices.pay(shop.latest(late).id)
    assert shop.again(late).status == "past_due"
    shop.world.sandbox.advance(24 * HOUR)
    assert shop.latest(declined).status == "void" and shop.again(declined).status == "paused"


def test_what_cannot_pause(shop: Shop) -> None:
    classic = shop.subscribe(billing_mode={"type": "classic"})
    draft = shop.change(shop.subscribe(), pause_collection={"behavior": "void"})
    scheduled = shop.subscribe()
    shop.api.subscription_schedules.create({"from_subscription": scheduled.id})
    gone = shop.subscribe()
    shop.api.subscriptions.cancel(gone.id)
    for one in (classic, draft, scheduled, gone):
        assert refused(lambda one=one: shop.api.subscriptions.pause(one.id)).http_status == 400  # type: ignore[misc]
    assert refused(lambda: shop.api.subscriptions.pause(draft.id, {"until": 1})).code == "parameter_unknown"  # type: ignore[typeddict-unknown-key]
    moved = shop.api.subscriptions.migrate(classic.id, {"billing_mode": {"type": "flexible"}})
    assert moved.billing_mode.type == "flexible" and moved.billing_mode.updated_at
    assert refused(lambda: shop.api.subscriptions.migrate(classic.id, {"billing_mode": {"type": "flexible"}}))
    assert shop.api.subscriptions.pause(classic.id).status == "paused"


def test_trials_end_as_they_were_told_to(shop: Shop) -> None:
    def trial(card: str | None, missing: str) -> stripe.Subscription:
        end = {"end_behavior": {"missing_payment_method": missing}}
        return shop.subscribe(customer=shop.customer(card), trial_period_days=10, trial_settings=end)

    paid, asks, stops, pauses = (
        trial("pm_card_visa", "cancel"),
        trial(None, "create_invoice"),
        trial(None, "cancel"),
        trial(None, "pause"),
    )
    assert paid.status == "trialing" and shop.latest(paid).total == 0 and paid.trial_end == ends(paid)
    shop.world.sandbox.advance(8 * DAY)
    assert shop.world.types().count("customer.subscription.trial_will_end") == 4
    shop.world.sandbox.advance(2 * DAY + 2 * HOUR)
    assert [shop.again(one).status for one in (paid, asks, stops, pauses)] == [
        "active",
        "past_due",
        "canceled",
        "paused",
    ]
    assert shop.latest(paid).total == 3000 and shop.latest(paid).status == "paid"
    details = shop.again(pauses).status_details
    assert details is not None and details.paused.subscription.type == "trial_end_without_payment_method"


def test_a_change_can_wait_for_its_payment(shop: Shop) -> None:
    made = shop.subscribe()
    shop.card_says(made, "insufficient_funds")
    held = shop.swap(made, "quarter", payment_behavior="pending_if_incomplete")
    assert held.pending_update is not None and held.status == "active"
    assert held.items.data[0].price.id == shop.prices["month"]
    refused(lambda: shop.swap(made, "big"))
    assert refused(
        lambda: shop.swap(made, "big", payment_behavior="pending_if_incomplete", description="x")
    ).param == ("description")
    shop.card_says(made, None)
    shop.api.invoices.pay(shop.latest(made).id)
    swapped = shop.again(made)
    assert swapped.pending_update is None and swapped.items.data[0].price.id == shop.prices["quarter"]
    assert "customer.subscription.pending_update_applied" in shop.told()
    shop.card_says(made, "insufficient_funds")
    shop.swap(
        swapped, "month", payment_behavior="pending_if_incomplete", billing_cycle_anchor={"type": "now"}
    )
    assert shop.again(made).pending_update is None  # the credit was more than the price: nothing to pay
    other = shop.subscribe()
    shop.card_says(other, "insufficient_funds")
    shop.swap(other, "quarter", payment_behavior="pending_if_incomplete")
    shop.world.sandbox.advance(24 * HOUR)
    assert shop.again(other).pending_update is None and shop.latest(other).status == "void"
    assert shop.again(other).items.data[0].price.id == shop.prices["month"]
    with pytest.raises(stripe.CardError):
        shop.swap(other, "quarter", payment_behavior="error_if_incomplete")
    assert len(shop.invoices(other)) == 2


def test_every_subscription_has_the_declared_shape(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 10, "duration": "forever"}).id
    made = shop.subscribe("month", "quarter", discounts=[{"coupon": coupon}])
    paused = shop.subscribe()
    shop.api.subscriptions.pause(paused.id)
    held = shop.subscribe(trial_period_days=3)
    scheduled = shop.subscribe()
    schedule = shop.api.subscription_schedules.create({"from_subscription": scheduled.id}).id
    waiting = shop.subscribe()
    shop.card_says(waiting, "declines")
    shop.swap(waiting, "quarter", payment_behavior="pending_if_incomplete")

    def get(path: str) -> Any:
        return shop.world.call("GET", f"/v1/{path}").json

    ids = (made.id, paused.id, held.id, scheduled.id, waiting.id)
    absent = {
        stripe.Subscription: "presentment_details automatic_tax.liability.account invoice_settings.issuer.account"
        " billing_mode.updated_at",
        stripe.SubscriptionItem: "current_trial deleted",
        stripe.Price: "currency_options deleted tiers",
        stripe.Plan: "deleted tiers",
        stripe.Product: "deleted",
        stripe.Coupon: "applies_to currency_options deleted",
        stripe.Discount: "deleted",
        stripe.SubscriptionSchedule: "billing_mode.updated_at default_settings.invoice_settings.issuer.account",
    }
    subscription = get(f"subscriptions/{made.id}?expand[]=discounts.source.coupon")
    items = [item for id in ids for item in get(f"subscriptions/{id}")["items"]["data"]]
    shown: dict[type, list[Any]] = {
        stripe.Subscription: [get(f"subscriptions/{id}") for id in ids],
        stripe.SubscriptionItem: items,
        stripe.Price: [item["price"] for item in items],
        stripe.Plan: [item["plan"] for item in items],
        stripe.Product: get("products")["data"],
        stripe.Coupon: [subscription["discounts"][0]["source"]["coupon"]],
        stripe.Discount: [subscription["discounts"][0] | {"source": {"coupon": coupon, "type": "coupon"}}],
        stripe.SubscriptionSchedule: [get(f"subscription_schedules/{schedule}")],
    }
    for declared, ones in shown.items():
        expected = {f"{name} is missing" for name in absent[declared].split()}
        for one in ones:
            assert [found for found in differences(one, declared) if found not in expected] == [], declared
