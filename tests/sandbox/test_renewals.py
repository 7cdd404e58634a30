"""What the clock brings a subscription: renewals, failed payments and their retries, schedules; and a year of it all."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .conftest import World
from .plans import DAY, HOUR, Shop, ends, lines, refused


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def now(shop: Shop) -> int:
    return int(shop.world.sandbox.clock.now())


def on_to(shop: Shop, at: float) -> None:
    shop.world.sandbox.advance(at - shop.world.sandbox.clock.now())


def on_to_renewal(shop: Shop, subscription: stripe.Subscription, after: int = 2 * HOUR) -> stripe.Invoice:
    on_to(shop, ends(shop.again(subscription)) + after)
    return shop.latest(subscription)


def test_a_renewal_waits_an_hour_before_it_is_charged(shop: Shop) -> None:
    made = shop.subscribe()
    on_to(shop, ends(made) - 6 * DAY)
    (upcoming,) = shop.api.events.list({"type": "invoice.upcoming"}).data
    foreseen = upcoming.data.to_dict()["object"]
    assert foreseen["amount_due"] == 3000 and "id" not in foreseen
    draft = on_to_renewal(shop, made, after=60)
    assert (draft.status, draft.billing_reason, draft.auto_advance) == ("draft", "subscription_cycle", True)
    assert draft.automatically_finalizes_at == ends(made) + HOUR
    assert (draft.period_start, draft.period_end) == (made.items.data[0].current_period_start, ends(made))
    assert draft.lines.data[0].period.start == ends(made) and ends(shop.again(made)) > ends(made)
    shop.api.invoices.update(draft.id, {"auto_advance": False})
    shop.world.sandbox.advance(5 * DAY)
    assert shop.latest(made).status == "draft" and shop.again(made).status == "active"
    shop.api.invoices.pay(draft.id)
    assert shop.latest(made).status == "paid"


def test_a_soft_no_is_tried_again_on_days_3_5_and_7(shop: Shop) -> None:
    made = shop.subscribe()
    shop.card_says(made, "insufficient_funds")
    first = on_to_renewal(shop, made)
    began = ends(made) + HOUR
    assert shop.again(made).status == "past_due"
    tries = [(first.attempt_count, first.next_payment_attempt)]
    for day in (3, 5):
        on_to(shop, began + day * DAY + 60)
        if day == 3:
            with pytest.raises(stripe.CardError):  # a try by hand moves nothing
                shop.api.invoices.pay(first.id)
        tries.append((shop.latest(made).attempt_count, shop.latest(made).next_payment_attempt))
    assert tries == [(1, began + 3 * DAY), (2, began + 5 * DAY), (3, began + 7 * DAY)]
    on_to(shop, began + 7 * DAY + 60)
    last = shop.again(made)
    assert last.status == "canceled" and last.cancellation_details is not None
    assert last.cancellation_details.reason == "payment_failed"
    assert (shop.latest(made).attempt_count, shop.latest(made).next_payment_attempt) == (4, None)
    assert shop.told()[-2:] == ["customer.subscription.updated", "customer.subscription.deleted"]


def test_paying_what_is_owed_makes_it_good_again(shop: Shop) -> None:
    by_hand, by_itself, voided = shop.subscribe(), shop.subscribe(), shop.subscribe()
    for one in (by_hand, by_itself, voided):
        shop.card_says(one, "insufficient_funds")
    on_to_renewal(shop, voided)
    for one in (by_hand, by_itself):
        assert shop.again(one).status == "past_due"
        shop.card_says(one, None)
    shop.api.invoices.pay(shop.latest(by_hand).id)
    shop.api.invoices.void_invoice(shop.latest(voided).id)
    assert [shop.again(one).status for one in (by_hand, by_itself, voided)] == [
        "active",
        "past_due",
        "active",
    ]
    shop.world.sandbox.advance(4 * DAY)
    assert shop.again(by_itself).status == "active" and shop.latest(by_itself).attempt_count == 2
    shop.world.sandbox.advance(5 * DAY)
    assert {shop.again(one).status for one in (by_hand, by_itself, voided)} == {"active"}


def test_who_pays_by_themselves_has_until_the_day_it_is_due(shop: Shop) -> None:
    made = shop.subscribe(
        customer=shop.customer(card=None), collection_method="send_invoice", days_until_due=5
    )
    owed = shop.latest(made)
    assert (made.status, owed.status, owed.due_date) == ("active", "open", made.created + 5 * DAY)
    on_to(shop, made.created + 5 * DAY + 60)
    assert shop.again(made).status == "past_due" and shop.latest(made).attempt_count == 0
    shop.api.invoices.pay(owed.id, {"paid_out_of_band": True})
    assert shop.again(made).status == "active"


def test_a_hard_no_is_not_tried_again(shop: Shop) -> None:
    made = shop.subscribe()
    shop.card_says(made, "stolen_card")
    owed = on_to_renewal(shop, made)
    assert (owed.status, owed.attempt_count, owed.next_payment_attempt) == ("open", 1, None)
    on_to(shop, ends(made) + 6 * DAY)
    assert shop.latest(made).attempt_count == 1 and shop.again(made).status == "past_due"
    shop.world.sandbox.advance(2 * DAY)
    assert shop.again(made).status == "canceled"


def test_how_often_and_what_in_the_end_is_a_setting(shop: Shop) -> None:
    dun = shop.world.control("POST", "stripe/dunning", {"days": [1], "end": "unpaid"})
    assert dun.json == {"days": [1], "end": "unpaid"}
    for wrong in ({"days": [3, 2]}, {"days": ["1"]}, {"end": "never"}, {"days": 3}, {"often": 1}):
        assert shop.world.control("POST", "stripe/dunning", wrong).status_code == 400
    made = shop.subscribe()
    shop.card_says(made, "declines")
    owed = on_to_renewal(shop, made, after=2 * DAY)
    assert shop.again(made).status == "unpaid" and owed.attempt_count == 2
    draft = on_to_renewal(shop, made)
    assert draft.id != owed.id and (draft.status, draft.auto_advance) == ("draft", False)
    shop.world.sandbox.stripe.dun(days=[], end="past_due")
    other = shop.subscribe()
    shop.card_says(other, "declines")
    on_to_renewal(shop, other, after=20 * DAY)
    assert shop.again(other).status == "past_due" and shop.latest(other).attempt_count == 1


def test_a_schedule_changes_the_subscription_phase_by_phase(shop: Shop) -> None:
    schedules = shop.api.subscription_schedules
    made = shop.subscribe()
    schedule = schedules.create({"from_subscription": made.id})
    assert (schedule.status, schedule.end_behavior, len(schedule.phases)) == ("active", "release", 1)
    assert shop.again(made).schedule == schedule.id
    start, end = schedule.phases[0].start_date, schedule.phases[0].end_date
    kept: Any = {"items": [{"price": shop.prices["month"]}], "start_date": start, "end_date": end}
    then: Any = {"items": [{"price": shop.prices["big"], "quantity": 2}], "duration": {"interval": "month"}}
    last: Any = {"items": [{"price": shop.prices["quarter"]}], "metadata": {"tier": "q"}}
    for wrong in (
        {"phases": [{**kept, "start_date": start + 1}]},
        {"phases": [kept, {**then, "start_date": end + 5}]},
        {"phases": [kept, {**then, "end_date": end - 5}]},
        {"phases": [kept, {**then, "iterations": 2}]},
        {"phases": [kept, {"items": [{"price": shop.prices["euro"]}]}]},
    ):
        wanted: Any = wrong
        refused(lambda wanted=wanted: schedules.update(schedule.id, wanted))  # type: ignore[misc]
    schedules.update(schedule.id, {"phases": [kept, then, last]})
    assert refused(lambda: shop.change(made, cancel_at_period_end=True)).param == "cancel_at_period_end"
    assert refused(lambda: schedules.create({"from_subscription": made.id})).param == "from_subscription"
    assert lines(on_to_renewal(shop, made)) == [12_000]
    assert schedules.retrieve(schedule.id).current_phase.start_date == end  # type: ignore[union-attr]
    third = on_to_renewal(shop, made)
    assert lines(third) == [8000] and shop.again(made).metadata["tier"] == "q"
    on_to_renewal(shop, made)
    released = schedules.retrieve(schedule.id)
    assert (released.status, released.released_subscription, released.subscription) == (
        "released",
        made.id,
        None,
    )
    assert shop.again(made).schedule is None and shop.again(made).status == "active"
    told = shop.told("subscription_schedule.")
    assert told == [
        f"subscription_schedule.{word}" for word in ("created", "updated", "updated", "updated", "released")
    ]


def test_a_schedule_can_end_its_subscription_or_let_it_go(shop: Shop) -> None:
    schedules = shop.api.subscription_schedules
    ending, released, canceled, direct = (shop.subscribe() for _ in range(4))
    ids = {
        one.id: schedules.create({"from_subscription": one.id}).id
        for one in (ending, released, canceled, direct)
    }
    schedules.update(ids[ending.id], {"end_behavior": "cancel"})
    assert shop.again(ending).cancel_at == ends(ending)
    assert schedules.release(ids[released.id]).status == "released"
    assert refused(lambda: schedules.release(ids[released.id])).http_status == 400
    assert shop.again(released).schedule is None
    assert (
        schedules.cancel(ids[canceled.id]).status == "canceled" and shop.again(canceled).status == "canceled"
    )
    assert lines(shop.latest(canceled)) == [-3000]
    shop.swap(direct, "big", proration_behavior="none")
    assert schedules.retrieve(ids[direct.id]).phases[0].items[0].price == shop.prices["big"]
    phase = schedules.retrieve(ids[direct.id]).phases[0]
    changed: Any = {
        "phases": [
            {
                "items": [{"price": shop.prices["month"]}],
                "start_date": phase.start_date,
                "end_date": phase.end_date,
            }
        ],
        "proration_behavior": "none",
    }
    schedules.update(ids[direct.id], changed)
    assert shop.again(direct).items.data[0].price.id == shop.prices["month"]
    on_to(shop, ends(ending) + 60)
    assert (
        shop.again(ending).status == "canceled" and schedules.retrieve(ids[ending.id]).status == "completed"
    )
    listed = schedules.list({"customer": str(ending.customer)}).data
    assert [one.id for one in listed] == [ids[ending.id]]


def test_thousands_load_and_renew(shop: Shop) -> None:
    """A line each, idempotent; and each is a subscription like any other afterwards."""
    at = now(shop)
    lines_: list[dict[str, Any]] = [
        {"object": "product", "id": "prod_l", "name": "Loaded"},
        {"object": "price", "id": "price_l", "product": "prod_l", "currency": "usd", "unit_amount": 4900,
         "recurring": {"interval": "month"}},
    ]  # fmt: skip
    facts: dict[str, dict[str, Any]] = {
        "active": {},
        "ending": {"cancel_at_period_end": True},
        "trialing": {"status": "trialing", "trial_end": at + 5 * DAY},
        "past_due": {"status": "past_due", "current_period_start": at - DAY},
        "unpaid": {"status": "unpaid"},
        "canceled": {"status": "canceled", "ended_at": at - DAY},
        "paused": {"status": "paused", "paused_at": at - DAY},
        "void": {"pause_collection": {"behavior": "void", "resumes_at": at + 100 * DAY}},
    }
    for name, more in facts.items():
        customer = {"object": "customer", "id": f"cus_{name}", "card": {"brand": "visa", "last4": "4242"}}
        line = {"object": "subscription", "id": f"sub_{name}", "customer": customer["id"], "price": "price_l"}
        lines_ += [customer, line | {"created": at - 20 * DAY, "metadata": {"ref": name}} | more]
    load = shop.world.sandbox.load
    assert load(lines_) == {"loaded": len(lines_), "unchanged": 0}
    assert load(lines_) == {"loaded": 0, "unchanged": len(lines_)}
    assert shop.told() == shop.told("invoice") == []
    for wrong in ({"status": "asleep"}, {"price": "price_none"}, {"colour": 1}, {"status": "trialing"}):
        with pytest.raises(ValueError):
            load([{**lines_[3], "id": "sub_wrong", **wrong}])
    owed = shop.api.invoices.list({"subscription": "sub_past_due"}).data[0]
    assert (owed.status, owed.attempt_count, owed.next_payment_attempt) == (
        "open",
        1,
        owed.period_end + 3 * DAY + HOUR,
    )
    shop.world.sandbox.advance(15 * DAY)
    statuses = {
        one.metadata["ref"]: one.status for one in shop.api.subscriptions.list({"status": "all"}).data
    }
    assert statuses == {
        "active": "active", "ending": "canceled", "trialing": "active", "past_due": "active", "unpaid": "unpaid",
        "canceled": "canceled", "paused": "paused", "void": "active",
    }  # fmt: skip
    paid = {str(one.customer) for one in shop.api.invoices.list({"status": "paid", "limit": 100}).data}
    assert paid == {"cus_active", "cus_trialing", "cus_past_due"}
    swapped = shop.swap(shop.api.subscriptions.retrieve("sub_active"), "big")
    assert swapped.items.data[0].price.id == shop.prices["big"] and len(shop.pending(swapped)) == 2


def test_a_past_of_invoices_loads(shop: Shop) -> None:
    at = now(shop)
    past: list[dict[str, Any]] = [
        {"object": "product", "id": "prod_l", "name": "Loaded"},
        {"object": "price", "id": "price_l", "product": "prod_l", "currency": "usd", "unit_amount": 4900,
         "recurring": {"interval": "month"}},
        {"object": "customer", "id": "cus_l", "card": {"brand": "visa", "last4": "4242"}},
        {"object": "subscription", "id": "sub_l", "customer": "cus_l", "price": "price_l", "created": at - 70 * DAY,
         "current_period_start": at - 10 * DAY},
        {"object": "payment", "id": "pi_l", "customer": "cus_l", "amount": 4900, "currency": "usd"},
    ]  # fmt: skip
    for number, more in enumerate(
        (
            {"created": at - 70 * DAY, "payment": "pi_l"},
            {"created": at - 60 * DAY, "status": "void"},
            {"created": at - 50 * DAY, "status": "uncollectible"},
            {"created": at - 40 * DAY, "status": "paid"},
            {"created": at - 2 * DAY, "status": "open", "amount": 700},
            {"created": at - 600, "status": "draft"},
        )
    ):
        past.append({"object": "invoice", "id": f"in_{number}", "subscription": "sub_l", **more})
    load = shop.world.sandbox.load
    assert load(past)["loaded"] == len(past) and load(past)["loaded"] == 0
    assert shop.told("invoice") == []
    found = {
        one.id: one
        for one in shop.api.invoices.list({"subscription": "sub_l", "expand": ["data.payments"]}).data
    }
    assert [found[f"in_{n}"].status for n in range(6)] == [
        "paid",
        "void",
        "uncollectible",
        "paid",
        "open",
        "draft",
    ]
    assert [found[f"in_{n}"].amount_paid for n in (0, 3, 4)] == [4900, 4900, 0] and found["in_4"].total == 700
    (payment,) = found["in_0"].payments.data  # type: ignore[union-attr]
    assert (payment.status, payment.payment.payment_intent) == ("paid", "pi_l")
    assert (
        found["in_3"].amount_paid_off_stripe == 4900 and found["in_0"].billing_reason == "subscription_create"
    )
    assert found["in_4"].next_payment_attempt == at - 2 * DAY + HOUR + 3 * DAY
    assert found["in_5"].automatically_finalizes_at == at - 600 + HOUR
    assert shop.api.subscriptions.retrieve("sub_l").latest_invoice == "in_5"
    for wrong in (
        {"status": "lost"},
        {"payment": "pi_l", "amount": 1},
        {"payment": "pi_none"},
        {"subscription": "sub_x"},
    ):
        with pytest.raises(ValueError):
            load([{**past[-1], "id": "in_wrong", "status": "paid", **wrong}])
    shop.world.sandbox.advance(2 * DAY)
    assert {shop.api.invoices.retrieve(f"in_{n}").status for n in (4, 5)} == {"paid"}


def test_a_year_of_a_subscription(shop: Shop) -> None:
    """Skip, pause, swap, a failed card soft and hard, an end that is taken back, and the end; every cent adds up."""
    made = shop.subscribe("month")
    paid = [3000]

    def renew() -> None:
        before = {one.id for one in shop.invoices(made)}
        on_to_renewal(shop, made)
        new = [one for one in shop.invoices(made) if one.id not in before]
        paid.extend(one.amount_paid for one in new if one.status == "paid")

    renew()
    skipped = ends(shop.again(made)) + 30 * DAY  # January is left out
    shop.change(made, trial_end=skipped, proration_behavior="none")
    assert shop.again(made).status == "trialing" and shop.latest(made).total == 0
    paid.append(0)
    renew()
    assert shop.again(made).billing_cycle_anchor == skipped and paid == [3000, 3000, 0, 3000]
    shop.world.sandbox.advance(10 * DAY)
    shop.api.subscriptions.pause(made.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    shop.world.sandbox.advance(45 * DAY)
    shop.api.subscriptions.resume(made.id, {"payment_behavior": "resume_on_payment_success"})
    paid.append(3000)
    shop.change(made, cancel_at_period_end=True)
    shop.change(made, cancel_at_period_end=False)
    renew()
    shop.swap(shop.again(made), "big", proration_behavior="none")
    renew()
    assert paid[4:] == [3000, 3000, 6000]
    shop.card_says(made, "insufficient_funds")
    renew()
    assert shop.again(made).status == "past_due" and len(paid) == 7
    shop.card_says(made, None)
    shop.world.sandbox.advance(3 * DAY)
    assert shop.again(made).status == "active"
    paid.append(6000)
    shop.change(
        made, pause_collection={"behavior": "keep_as_draft", "resumes_at": ends(shop.again(made)) + 5 * DAY}
    )
    renew()
    assert shop.latest(made).status == "draft"
    renew()
    shop.card_says(made, "lost_card")
    renew()
    assert shop.latest(made).next_payment_attempt is None and shop.again(made).status == "past_due"
    gone = shop.api.subscriptions.cancel(made.id)
    assert gone.status == "canceled"
    months = (now(shop) - made.created) / (30.44 * DAY)
    assert 10 < months < 14
    charges = shop.api.charges.list({"customer": str(made.customer), "limit": 100}).data
    assert sum(one.amount for one in charges if one.paid) == sum(paid) == 3000 * 5 + 6000 * 3
    told = [type.removeprefix("customer.subscription.") for type in shop.told()]
    assert told[0] == "created" and told[-1] == "deleted" and {"paused", "resumed"} <= set(told)
