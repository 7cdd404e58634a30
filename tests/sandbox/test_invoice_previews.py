"""A preview is what then happens, to the cent, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from .conftest import World
from .plans import DAY, HOUR, Shop, ends, lines, refused


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """No second passes by itself between a preview and the act."""
    clock, start = world.sandbox.clock, world.sandbox.clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + clock.offset)
    return Shop(world)


def preview(shop: Shop, **params: Any) -> stripe.Invoice:
    """Asked for with all that there is counted before and after."""
    wanted: Any = params
    sandbox = shop.world.sandbox
    before = sandbox.stripe.counts(), sandbox.ledger()
    foreseen = shop.api.invoices.create_preview(wanted)
    assert (sandbox.stripe.counts(), sandbox.ledger()) == before, "nothing is stored"
    return foreseen


def comes_to(invoice: stripe.Invoice) -> dict[str, Any]:
    """What must be the same of a preview and of the invoice that comes."""
    return {
        "lines": sorted(
            (line.amount, line.description, line.period.start, line.period.end) for line in invoice.lines.data
        ),
        "off": sum(one.amount for one in invoice.total_discount_amounts or []),
        "tax": sum(one.amount for one in invoice.total_taxes or []),
        "amounts": (invoice.subtotal, invoice.total, invoice.amount_due, invoice.ending_balance),
    }


def now(shop: Shop) -> int:
    return int(shop.world.sandbox.clock.now())


def at_once(**changes: Any) -> Callable[[Shop, stripe.Subscription], dict[str, Any]]:
    """A change that is billed at once, and the moment that both are reckoned for."""

    def details(shop: Shop, subscription: stripe.Subscription) -> dict[str, Any]:
        (item,) = subscription.items.data
        given = {name: value for name, value in changes.items() if name not in ("price", "quantity")}
        if "price" in changes:
            given["items"] = [{"id": item.id, "price": shop.prices[changes["price"]]}]
        if "quantity" in changes:
            given["items"] = [{"id": item.id, "quantity": changes["quantity"]}]
        return {"proration_behavior": "always_invoice", "proration_date": now(shop)} | given

    return details


@pytest.mark.parametrize(
    "details",
    [
        at_once(price="big"),
        at_once(price="big", proration_behavior="none", billing_cycle_anchor={"type": "now"}),
        at_once(quantity=3),
        at_once(price="quarter"),
        at_once(price="week"),
        at_once(price="free"),
        at_once(billing_cycle_anchor={"type": "now"}),
        at_once(trial_end="now", billing_cycle_anchor={"type": "now"}),
    ],
)
@pytest.mark.parametrize("burden", ["plain", "coupon, credit and items"])
def test_a_change_that_is_billed_at_once(
    shop: Shop, details: Callable[[Shop, stripe.Subscription], dict[str, Any]], burden: str
) -> None:
    customer, more = shop.customer(), {}
    if burden != "plain":
        shop.api.coupons.create({"id": "third", "percent_off": 33.33, "duration": "forever"})
        more = {"discounts": [{"coupon": "third"}]}
        shop.api.customers.balance_transactions.create(customer, {"amount": -777, "currency": "usd"})
    subscription = shop.subscribe(customer=customer, **more)
    shop.world.sandbox.advance(11 * DAY + 4321)
    if burden != "plain":
        shop.api.invoice_items.create({"customer": customer, "amount": 1234, "currency": "usd"})
    wanted = details(shop, subscription)
    foreseen = preview(shop, subscription=subscription.id, subscription_details=wanted)
    assert foreseen.id.startswith("upcoming_in_") and foreseen.billing_reason == "upcoming"
    first = shop.latest(subscription).id
    shop.change(subscription, **wanted)
    made = shop.latest(subscription)
    assert made.id != first, "it was billed at once"
    assert comes_to(made) == comes_to(foreseen)


def test_the_renewal_with_all_that_waits_for_it(shop: Shop) -> None:
    customer = shop.customer()
    shop.api.coupons.create(
        {"id": "five", "amount_off": 500, "currency": "usd", "duration": "repeating", "duration_in_months": 2}
    )
    subscription = shop.subscribe(customer=customer, discounts=[{"coupon": "five"}])
    shop.world.sandbox.advance(9 * DAY)
    shop.swap(subscription, "big")
    shop.api.invoice_items.create(
        {"customer": customer, "amount": 250, "currency": "usd", "description": "Kit"}
    )
    shop.api.customers.balance_transactions.create(customer, {"amount": -900, "currency": "usd"})
    for _ in range(3):  # with the coupon, and after it
        foreseen = preview(shop, customer=customer)
        assert foreseen.created == ends(shop.again(subscription))
        assert foreseen.next_payment_attempt == foreseen.created + HOUR
        shop.world.sandbox.advance(foreseen.created - now(shop) + HOUR + 60)
        assert comes_to(shop.latest(subscription)) == comes_to(foreseen)
    assert [one.total_discount_amounts != [] for one in shop.invoices(subscription)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_change_that_waits_for_the_renewal(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.world.sandbox.advance(9 * DAY)
    (item,) = subscription.items.data
    change = {"items": [{"id": item.id, "price": shop.prices["big"]}], "proration_date": now(shop)}
    foreseen = preview(shop, subscription=subscription.id, subscription_details=change)
    plain = preview(shop, subscription=subscription.id, subscription_details=change, preview_mode="recurring")
    assert lines(plain) == [6000] and plain.total == 6000
    shop.change(subscription, **change)
    shop.world.sandbox.advance(ends(subscription) - now(shop) + HOUR + 60)
    assert comes_to(shop.latest(subscription)) == comes_to(foreseen)


def test_a_new_subscription(shop: Shop) -> None:
    customer = shop.customer()
    shop.api.customers.balance_transactions.create(customer, {"amount": 150, "currency": "usd"})
    items = [{"price": shop.prices["month"], "quantity": 2}, {"price": shop.prices["big"]}]
    foreseen = preview(shop, customer=customer, subscription_details={"items": items})
    wanted: Any = {"customer": customer, "items": items}
    made = shop.latest(shop.api.subscriptions.create(wanted))
    assert comes_to(made) == comes_to(foreseen)


def test_items_and_coupons_of_a_preview_exist_nowhere_else(shop: Shop) -> None:
    customer = shop.customer()
    shop.api.coupons.create({"id": "half", "percent_off": 50, "duration": "once", "max_redemptions": 1})
    waiting = shop.api.invoice_items.create({"customer": customer, "amount": 100, "currency": "usd"})
    foreseen = preview(
        shop,
        customer=customer,
        invoice_items=[
            {"invoiceitem": waiting.id, "amount": 400},
            {"amount": 600, "description": "Kit"},
            {"price_data": {"currency": "usd", "product": shop.product, "unit_amount": 333}, "quantity": 3},
        ],
        discounts=[{"coupon": "half"}],
    )
    assert lines(foreseen) == [400, 600, 999] and foreseen.total == 999
    assert shop.api.invoice_items.retrieve(waiting.id).amount == 100
    assert shop.api.coupons.retrieve("half").times_redeemed == 0
    address = {"country": "US", "state": "NY", "postal_code": "10001", "line1": "", "city": "New York"}
    taxed = preview(
        shop, customer=customer, automatic_tax={"enabled": True}, customer_details={"address": address}
    )
    assert (taxed.automatic_tax.status, taxed.total) == ("complete", 104)
    other = shop.customer()
    assert refused(lambda: preview(shop, customer=other)).code == "invoice_upcoming_none"
    assert refused(lambda: preview(shop)).code == "parameter_missing"
    assert refused(lambda: preview(shop, customer=customer, coupon="half")).code == "parameter_unknown"
    ended = shop.subscribe(customer=other)
    shop.api.subscriptions.cancel(ended.id)
    assert refused(lambda: preview(shop, subscription=ended.id)).code == "invoice_upcoming_none"


def test_the_upcoming_invoice_is_announced_without_an_id(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.world.sandbox.advance(ends(subscription) - now(shop) - 2 * DAY)
    (event,) = shop.api.events.list({"type": "invoice.upcoming"}).data
    told: Any = event.data.object
    assert "id" not in told and (told["amount_due"], told["billing_reason"]) == (3000, "upcoming")
