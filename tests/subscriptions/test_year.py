"""A year of a subscription's life on the sandbox's clock: each step ends exactly as its preview said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from opsconsole.jobs import schedule

from ..house import House
from ..scenes import WINDOW, processor
from .scenes import DAY, again, at_stripe, charges, paid_invoices, prescribed, subscribed, today
from .test_alter import another


def until(house: House, day: date) -> None:
    house.later((day - today(house)).days * DAY)
    with house.app.app_context():
        schedule._resume_subscriptions()
    house.drain()


def ahead(told: str) -> list[str]:
    """The days in a preview's sentence of the next charges that are made."""
    return [
        part.split(",")[0].split(":")[0]
        for part in told.split("; ")
        if "nothing ships" not in part and part != "none"
    ]


def as_previewed(house: House, one: Any, verb: str, **body: Any) -> Any:
    """Do it with the preview's hash, and hold what became of it against what the preview said. Returns the subscription."""
    api = house.api()
    seen = api.post(f"{one['url']}/{verb}?preview=1", body, 200)["preview"]
    told = {each["field"]: each["to"] for each in seen["changes"]}
    done = api.post(f"{one['url']}/{verb}", body, match=seen["hash"])
    house.later(WINDOW)
    assert api.get(done["subject"])["status"] == "done", (verb, api.get(done["subject"]))
    now = again(house, one)
    days = [f"{day:%-d %b %Y}" for day in charges(now)]
    same = [f"{day:%-d %b %Y}" for day in charges(one)]
    expected = ahead(told["next four charges"]) if "next four charges" in told else same
    if verb == "resume":  # it is charged at once: that one is behind us now
        expected = expected[1:]
    assert days[: len(expected)] == expected, (verb, days, told)
    return now


def test_a_year(house: House) -> None:
    one = subscribed(house, billing_mode={"type": "flexible"}, rx_days=500, refills=30)
    other = another(house)
    prescribed(house, sku="SC-100-60", external_id="rx-strong", days=500, refills=30)
    begun, paid = today(house), 1
    one = as_previewed(house, one, "skip", reason="travel")
    until(house, charges(one)[0] + timedelta(days=1))
    paid += 1
    assert len(paid_invoices(house, one)) == paid
    one = again(house, one)
    to = charges(one)[0] + timedelta(days=6)
    one = as_previewed(house, one, "reschedule", on=to.isoformat(), reason="other")
    until(house, charges(one)[0] + timedelta(days=1))
    paid += 1
    one = as_previewed(
        house, again(house, one), "pause", kind="paused", deliveries=2, reason="too_much_product"
    )
    back = charges(one)[0]
    until(house, back + timedelta(days=1))
    paid += 1
    one = again(house, one)
    assert one["effective"] == "active" and len(paid_invoices(house, one)) == paid
    one = as_previewed(house, one, "swap", price=other, proration="none", reason="customer_request")
    until(house, charges(one)[0] + timedelta(days=1))
    paid += 1
    assert paid_invoices(house, one)[-1].amount_paid == 5200
    customer = at_stripe(house, one).customer
    house.sandbox.stripe.card_behaves(customer, "insufficient_funds")
    until(house, charges(again(house, one))[0] + timedelta(days=1))
    assert again(house, one)["effective"] == "past_due" and len(paid_invoices(house, one)) == paid
    house.sandbox.stripe.card_behaves(customer, None)
    for _ in range(6):
        house.later(DAY)
    paid += 1
    one = again(house, one)
    assert one["effective"] == "active" and len(paid_invoices(house, one)) == paid, (
        "Stripe tried again, and was paid"
    )
    was = charges(one)
    one = as_previewed(house, one, "cancel", when="period_end", reason="financial")
    one = as_previewed(house, one, "keep")
    assert charges(one) == was
    one = as_previewed(
        house, one, "cancel", when="on", on=(was[1] + timedelta(days=2)).isoformat(), reason="financial"
    )
    until(house, was[1] + timedelta(days=4))
    paid += 2
    one = again(house, one)
    assert one["effective"] == "canceled" and len(paid_invoices(house, one)) == paid
    assert today(house) - begun > timedelta(days=250)
    stripe = processor(house)
    drafts = stripe.invoices.list({"subscription": one["external_id"], "status": "draft"}).data
    assert drafts == [] and house.api().get("/changes?status=scheduled")["items"] == []
