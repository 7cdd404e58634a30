"""Subscriptions and invoices of which Stripe's webhooks never came: found, read again, and clean the second time."""

from __future__ import annotations

from typing import Any

from ..billing.scenes import drafted
from ..chaos.billing_acts import subscribed
from ..chaos.mirrors import differences
from ..chaos.worlds import Inside
from ..house import House
from ..scenes import processor
from .scenes import compared, findings, unheard


def apart(house: House) -> tuple[str, str]:
    """Somebody works at Stripe, and nothing of it is heard. The subscription and the invoice."""
    subscription = subscribed(Inside(house))["subscription"]
    draft = drafted(house)
    stripe = processor(house)
    with unheard(house, "stripe"):
        held = house.api().get(subscription)["external_id"]
        stripe.subscriptions.update(held, {"pause_collection": {"behavior": "void"}})
        stripe.invoices.update(draft["external_id"], {"auto_advance": False})
        made = stripe.invoices.create({"customer": stripe.invoices.retrieve(draft["external_id"]).customer})
        assert made.id
    return subscription, draft["url"]


def told(found: Any) -> tuple[str, str, str]:
    return found["kind"], found["ours"], found["theirs"]


def test_what_differs_is_found_and_put_right_by_reading_it_again(house: House) -> None:
    apart(house)
    run = compared(house)
    assert {part["port"]: part["looked"] for part in run["parts"]}["billing"] == 4
    assert {told(one)[0] for one in findings(house)} == {"subscription_differs", "invoice_differs"}
    assert sorted(told(one)[1:] for one in findings(house)) == [
        ("Collection paused no", "Collection paused void"),
        *sorted(told(one)[1:] for one in findings(house, kind="invoice_differs")),
    ]
    assert (
        len(findings(house, kind="invoice_differs")) == 2
        and house.api().get("/cases?status=open")["items"] == []
    )
    assert compared(house)["found"] == 0, "the same again is no news"
    for one in findings(house):
        assert one["acts"][0]["act"] == "reconciliation.repair"
        house.api().post(f"{one['url']}/repair", {})
        house.drain()
        assert house.api().get(one["url"])["status"] == "repaired", one
        assert one["external_id"] in house.page("ops_lead").get(one["url"])
    assert differences(house) == []
    assert compared(house)["found"] == 0 and findings(house) == []


def test_all_at_once_with_fix_and_clean_the_second_time(house: House) -> None:
    apart(house)
    assert compared(house, fix=True)["found"] == 3
    assert differences(house) == [] and findings(house) == []
    assert len(findings(house, status="repaired")) == 3
    again = compared(house, fix=True)
    assert (again["found"], again["repaired"]) == (0, 0)


def test_what_comes_right_by_itself_is_gone(house: House) -> None:
    subscription, _ = apart(house)
    compared(house)
    house.api().post(f"{subscription}/refresh", {})
    house.drain()
    compared(house)
    assert {one["kind"] for one in findings(house, status="gone")} == {"subscription_differs"}
    assert {one["kind"] for one in findings(house)} == {"invoice_differs"}
