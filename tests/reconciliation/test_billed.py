"""Subscriptions and invoices of which Stripe's webhooks never came: found, read again, and clean the second time. Each way
to differ by itself: test_classes.py."""

from __future__ import annotations

from ..chaos.mirrors import differences
from ..house import House
from ..scenes import processor
from .scenes import compared, findings, invoice_differs, subscription_differs, unheard


def apart(house: House) -> None:
    """Both differ, and one invoice is not here at all."""
    subscription_differs(house)
    invoice_differs(house)
    stripe = processor(house)
    with unheard(house, "stripe"):
        stripe.invoices.create({"customer": stripe.customers.list().data[0].id})


def test_all_at_once_with_fix_and_clean_the_second_time(house: House) -> None:
    apart(house)
    run = compared(house, fix=True)
    assert {part["port"]: part["looked"] for part in run["parts"]}["billing"] == 4
    assert (run["found"], findings(house), differences(house)) == (3, [], [])
    assert house.api().get(run["url"])["repaired"] == 3
    again = compared(house, fix=True)
    assert (again["found"], again["repaired"]) == (0, 0)


def test_each_is_found_once_and_what_comes_right_by_itself_is_gone(house: House) -> None:
    apart(house)
    assert compared(house)["found"] == 3
    assert compared(house)["found"] == 0, "the same again is no news"
    assert house.api().get("/cases?status=open")["items"] == []
    [one] = findings(house, kind="subscription_differs")
    assert (one["ours"], one["theirs"]) == ("Collection paused no", "Collection paused void")
    page = house.page("ops_lead").get(one["url"])
    [held] = house.rows("select id from subscriptions")
    assert f'href="/subscriptions/{held.id}"' in page and "Stripe" in page
    house.api().post(f"/subscriptions/{held.id}/refresh", {})
    house.drain()
    compared(house)
    assert {one["kind"] for one in findings(house, status="gone")} == {"subscription_differs"}
    assert {one["kind"] for one in findings(house)} == {"invoice_differs"}
