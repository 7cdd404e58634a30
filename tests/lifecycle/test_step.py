"""A renewal that is not paid: the card is tried on the policy's days, the customer told, and in the end it is ended."""

from __future__ import annotations

from opsconsole.models import Order, OrderKind
from opsconsole.services import transaction

from ..house import House
from ..payments.card_scenes import unpaid
from ..scenes import cases_of, processor
from .scenes import (
    HOUR,
    again,
    at_stripe,
    card_says,
    clock,
    failed,
    on_day,
    subscription_at_stripe,
    told,
    tries,
)


def test_a_soft_decline_is_told_and_the_second_try_recovers_it(house: House) -> None:
    dunning = failed(house)
    assert (dunning["status"], dunning["decline_code"], dunning["hard"]) == (
        "running",
        "insufficient_funds",
        False,
    )
    assert tries(house, dunning) == [("Stripe", "insufficient_funds")]
    assert "not enough money" in dunning["means"]
    house.later(HOUR)
    assert told(house) == ["card_declined_soft"]
    renewal = unpaid(house)
    with house.app.app_context(), transaction():
        Order.lock(renewal["id"]).kind = OrderKind.SUBSCRIPTION_CYCLE
    page = house.page().get(dunning["url"])
    assert f">{renewal['reference']}</a> waits: nothing of it leaves until it is paid." in page
    on_day(house, dunning, 1)  # our first try
    assert tries(house, dunning)[1:] == [("the console", "insufficient_funds")]
    assert cases_of(house, dunning["url"]) == [] and not house.api().get("/cases?status=open")["items"]
    card_says(house, None)
    on_day(house, dunning, 4)  # and our second
    now = again(house, dunning)
    assert (now["status"], now["why"], now["next_step_at"]) == ("recovered", "The invoice was paid.", None)
    assert at_stripe(house, dunning).status == "paid" and len(now["attempts"]) == 2
    on_day(house, dunning, 10)
    assert told(house) == ["card_declined_soft"]


def test_a_hard_decline_stops_all_tries_at_once_and_asks_for_another_card(house: House) -> None:
    """Stripe would try on the third day: it is asked not to. The last day stays, and cancels."""
    dunning = failed(house, "expired_card", stripe_days=(3, 5, 30))
    clock(house)
    house.later(HOUR)
    now = again(house, dunning)
    assert (now["status"], now["hard"], now["stripe_tries_at"]) == ("running", True, None)
    assert told(house) == ["card_declined_hard"] and not at_stripe(house, dunning).auto_advance
    page = house.page().get(dunning["url"])
    assert "The card is not tried any more" in page and "no try" in page and "Ask for another card" in page
    for day in (1, 4, 10):
        on_day(house, dunning, day)
    assert tries(house, dunning) == [("Stripe", "expired_card")]
    assert (
        told(house) == ["card_declined_hard"] * 3
    )  # at once, and as reminders in place of what the steps say
    on_day(house, dunning, 21)
    assert again(house, dunning)["status"] == "ended"
    assert subscription_at_stripe(house, dunning).status == "canceled"
    house.later(HOUR)
    assert told(house)[-1] == "subscription_canceled"


def test_what_fell_due_while_the_clock_stood_is_done_once_and_it_ends_on_its_last_day_only(
    house: House,
) -> None:
    dunning = failed(house)
    on_day(house, dunning, 11)  # after days 1, 4 and 10
    clock(house)
    assert [by for by, _ in tries(house, dunning)] == ["Stripe", "the console"]
    house.later(HOUR)
    assert told(house) == ["card_declined_soft", "payment_last_call"]
    on_day(house, dunning, 20)
    assert subscription_at_stripe(house, dunning).status == "past_due"
    on_day(house, dunning, 21)
    now = again(house, dunning)
    assert (now["status"], now["why"]) == ("ended", "Not paid by day 21: the subscription is canceled.")
    assert subscription_at_stripe(house, dunning).status == "canceled"
    house.later(HOUR)
    assert told(house)[2:] == ["subscription_canceled"]


def test_it_stops_with_its_invoice_or_its_subscription(house: House) -> None:
    dunning = failed(house)
    subscription = subscription_at_stripe(house, dunning)
    processor(house).subscriptions.cancel(subscription.id)
    house.drain()
    now = again(house, dunning)
    assert (now["status"], now["why"]) == ("stopped", "The subscription is canceled.")
    processor(house).invoices.pay(at_stripe(house, dunning).id, {"paid_out_of_band": True})
    house.drain()
    assert again(house, dunning)["status"] == "recovered"
