"""Scenes in which a renewal is not paid, or is to be announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from opsconsole.db import now
from opsconsole.jobs import schedule
from opsconsole.models import Customer, Dunning, Invoice, LifecyclePolicy, Notice, Subscription
from opsconsole.services import transaction

from ..house import House
from ..kept import scene
from ..scenes import processor
from ..subscriptions.scenes import DAY, subscribed

ADDRESS = "cust-1@example.test"
HOUR = 3600


def clock(house: House) -> None:
    """What the clock does by itself about subscriptions, and all that follows."""
    with house.app.app_context():
        schedule._go_on_dunning()
        schedule._send_notices()
    house.drain()


def until(house: House, instant: str, more: float = 60) -> None:
    """Let time pass until that instant, and a minute more."""
    [row] = house.rows("select instant() as now")
    house.later((datetime.fromisoformat(instant) - row.now).total_seconds() + more)


@scene
def on_day(house: House, dunning: Any, number: int) -> None:
    """It is that day of a dunning, and the clock looks."""
    until(house, dunning["started_at"], number * DAY + 60)
    clock(house)
    house.later(60)  # what was promised goes out, and is heard of


@scene
def subscriber(house: House, **more: Any) -> Any:
    """A subscription whose customer the CRM knows. Its JSON."""
    one = subscribed(house, **more)
    house.advance(5)  # what happens next does not happen in the second in which it began
    house.contact(str(one["customer"]).rsplit("/", 1)[-1], ADDRESS)
    return one


def stripe_customer(house: House) -> str:
    [row] = house.rows("select external_id from external_ids where system = 'stripe'")
    return str(row.external_id)


def card_says(house: House, word: str | None) -> None:
    """What the bank says of the customer's card from now on: a word of the sandbox, or None for yes."""
    house.sandbox.stripe.card_behaves(stripe_customer(house), word)


@scene
def failed(
    house: House, word: str = "insufficient_funds", stripe_days: tuple[int, ...] = (30,), **more: Any
) -> Any:
    """A renewal that the card did not pay, with what is done about it. The dunning's JSON. By default Stripe itself tries
    no more before the policy has ended."""
    house.sandbox.stripe.dun(days=stripe_days, end="past_due")
    one = subscriber(house, **more)
    card_says(house, word)
    until(house, one["next_charge_at"])  # the draft
    house.later(HOUR)  # its charge
    [found] = house.api().get("/dunnings")["items"]
    assert found["subscription"] == one["url"]
    return found


def again(house: House, dunning: Any) -> Any:
    return house.api().get(dunning["url"])


def told(house: House) -> list[str]:
    """The templates that the customer really got, in their order, from the sandbox's own book."""
    return [entry["metadata"]["template"] for entry in house.sandbox.ledger("message")]


def tries(house: House, dunning: Any) -> list[tuple[str, str | None]]:
    """Who had the card tried, and the decline code."""
    return [(one["by"], one["code"]) for one in again(house, dunning)["attempts"]]


def at_stripe(house: House, dunning: Any) -> Any:
    invoice = house.api().get(dunning["invoice"])
    return processor(house).invoices.retrieve(invoice["external_id"])


def subscription_at_stripe(house: House, dunning: Any) -> Any:
    one = house.api().get(dunning["subscription"])
    return processor(house).subscriptions.retrieve(one["external_id"])


def in_the_books(house: House) -> Iterator[tuple[str, ...]]:
    """The ids of two dunnings, and of two notices, as if they had come about: for tests that only look at pages."""
    with house.app.app_context(), transaction():
        policy, began = LifecyclePolicy.active().id, now()
        customer = Customer(reference=f"unpaid-{house.orders}", name="Jo Field").add().id
        kept = []
        for number in "12":
            one = Subscription(
                status="past_due", customer_id=customer, external_id=f"sub_unpaid_{number}", external_customer="cus_unpaid",
                currency="usd", started_at=began, anchor_at=began, fetched_at=began,
            ).add()  # fmt: skip
            amounts = "subtotal tax total paid starting_balance credited_before credited_after"
            invoice = Invoice(
                status="open", external_id=f"in_unpaid_{number}", customer_id=customer, subscription_id=one.id,
                currency="usd", lines=[], payments=[], fetched_at=began, due=3800, remaining=3800,
                **dict.fromkeys(amounts.split(), 0),
            ).add()  # fmt: skip
            dunning = Dunning(
                status="running", invoice_id=invoice.id, subscription_id=one.id, customer_id=customer, policy_id=policy,
                started_at=began, step=1, by="stripe", trace_id="trc_1", decline_code="expired_card", hard=True,
                attempts=[
                    {"at": began.isoformat(), "by": "Stripe", "code": "expired_card", "advice": None, "change": None}
                ],
                next_step_at=began + timedelta(days=1),
            ).add()  # fmt: skip
            day = began.date()
            notice = Notice(
                status="due", subscription_id=one.id, customer_id=customer, policy_id=policy, kind="renewal",
                about_on=day + timedelta(days=30), opens_on=day + timedelta(days=21), closes_on=day + timedelta(days=25),
                due_at=began + timedelta(days=23), zone="America/New_York", trace_id="trc_1",
            ).add()  # fmt: skip
            kept.append((dunning.id, notice.id))
    yield tuple(dunning for dunning, _ in kept)
    yield tuple(notice for _, notice in kept)
