"""Ending a subscription at once while an invoice of it is in its window: the draft goes with it, or stays with it."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole.sandbox.stripe import subscriptions as at_stripe
from opsconsole.sandbox.stripe._errors import ApiError

from ..billing.scenes import called, subscribed
from ..house import House
from ..scenes import WINDOW, cases_of, processor

ENDS = {"when": "now", "reason": "customer_request"}
HOUR = 3700


def draft_of(house: House) -> tuple[Any, str]:
    """A renewal's draft, with shipping on it that somebody added, and the URL of its subscription."""
    draft = subscribed(house)
    processor(house).invoice_items.create({
        "customer": processor(house).invoices.retrieve(draft["external_id"]).customer,
        "invoice": draft["external_id"], "amount": 7_00, "currency": "usd", "description": "Shipping",
    })  # fmt: skip
    house.drain()
    return called(house, draft["external_id"]), str(draft["subscription"])


def stands(house: House, draft: Any) -> tuple[str, str, int]:
    """How the draft stands here and at Stripe, and how much was paid for it."""
    there = processor(house).invoices.retrieve(draft["external_id"])
    return house.api().get(draft["url"])["status"], there.status, there.amount_paid


def follower(house: House, draft: Any, status: str) -> Any:
    """The one change of the draft that stands so."""
    [found] = house.api().get(f"/changes?invoice={draft['id']}&status={status}")["items"]
    return house.api().get(found["url"])


def test_the_draft_is_dropped_once_the_subscription_has_ended(house: House) -> None:
    draft, url = draft_of(house)
    api = house.api()
    seen = api.post(f"{url}/cancel?preview=1", ENDS, 200)["preview"]
    assert [one["says"] for one in seen["promises"]] == [
        "End it now, for good",
        "Stripe drops the draft of $67.00",
    ]
    told = {(one["on"], one["field"]): (one["from"], one["to"]) for one in seen["changes"]}
    assert told[draft["url"], "to be collected"] == ("$67.00", "nothing")
    assert told[draft["url"], "status"] == ("draft", "void")
    assert any("Shipping" in words for words in seen["warnings"])
    assert "Stripe drops the draft" not in str(
        api.post(f"{url}/cancel?preview=1", ENDS | {"when": "period_end"}, 200)
    )
    done = api.post(f"{url}/cancel", ENDS)
    house.later(WINDOW)
    assert (api.get(url)["effective"], stands(house, draft)) == ("canceled", ("void", "void", 0))
    assert follower(house, draft, "done")["status"] == "done"
    assert {one["kind"] for one in api.get(f"/traces/{done['trace']}")["entries"]} >= {"attempt"}
    house.later(HOUR)
    assert stands(house, draft) == ("void", "void", 0) and api.get("/cases?status=open")["items"] == []


def test_undone_the_draft_goes_out_as_it_would_have(house: House) -> None:
    draft, url = draft_of(house)
    done = house.api().post(f"{url}/cancel", ENDS)
    house.api().post(done["undo"], {})
    assert follower(house, draft, "withdrawn")
    house.later(HOUR)
    assert (house.api().get(url)["effective"], stands(house, draft)) == ("active", ("paid", "paid", 67_00))


def test_while_stripe_will_not_end_it_the_draft_stays_and_once_it_does_it_goes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, url = draft_of(house)

    def no(*_: Any, **__: Any) -> None:
        raise ApiError("This subscription cannot be canceled now.")

    monkeypatch.setattr(at_stripe, "end_it", no)
    done = house.api().post(f"{url}/cancel", ENDS)
    house.later(WINDOW)
    assert house.api().get(done["subject"])["status"] == "failed" and follower(house, draft, "withdrawn")
    assert stands(house, draft) == ("draft", "draft", 0)
    monkeypatch.undo()
    [case] = cases_of(house, done["subject"])
    house.api().post(f"{case['url']}/retry", {"reason": "Once more"})
    house.drain()
    assert (house.api().get(url)["effective"], stands(house, draft)) == ("canceled", ("void", "void", 0))


def test_what_was_paid_before_stripe_was_asked_is_a_case(house: House) -> None:
    draft, url = draft_of(house)
    house.api().post(f"{url}/cancel", ENDS)
    house.sandbox.fault(kind="drop", method="webhook")
    stripe = processor(house)
    stripe.invoices.finalize_invoice(draft["external_id"])
    stripe.invoices.pay(draft["external_id"])
    house.later(WINDOW)
    assert house.api().get(url)["effective"] == "canceled"
    [case] = cases_of(house, follower(house, draft, "failed")["url"])
    assert case["reason"] == "vendor_rejected" and "paid already" in str(case)


def test_what_their_balance_would_pay_stays_a_draft(house: House) -> None:
    """To be voided it would have to be sent, and that takes it from the balance for good."""
    draft, url = draft_of(house)
    stripe = processor(house)
    buyer = stripe.invoices.retrieve(draft["external_id"]).customer
    stripe.customers.balance_transactions.create(buyer, {"amount": -90_00, "currency": "usd"})
    stripe.invoices.update(draft["external_id"], {"metadata": {"seen": "by hand"}})  # which has it told anew
    house.drain()
    seen = house.api().post(f"{url}/cancel", ENDS)
    assert any("stays a draft" in words for words in seen["warnings"]) and len(seen["promises"]) == 1
    house.later(WINDOW)
    house.later(HOUR)
    assert stands(house, draft) == ("draft", "draft", 0)
    assert stripe.customers.retrieve(buyer).balance == -90_00
