"""What Stripe says of payouts and our balance, by its events and by reading its lists, through the whole house."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from opsconsole.jobs import schedule
from opsconsole.services import CLOCK, payouts, transaction

from ..house import House
from ..scenes import WINDOW, issue
from .scenes import gaps, tie_out

DAY = 86400


def pull(house: House) -> Any:
    """Returns what was read, once all of it was."""
    with house.app.app_context(), transaction():
        url = payouts.pull(by=CLOCK).url
    house.drain()
    return house.api().get(url)


def today(house: House) -> Any:
    return house.rows("select instant() as now")[0].now.date()


def test_a_day_of_the_shop_ties_once_its_payout_is_read(house: House) -> None:
    day = today(house)
    house.order("60.00")
    order = house.order("40.00")
    issue(house, order, "10.00")
    house.later(WINDOW)
    if today(house) != day:  # the minute was midnight's
        return
    house.drain()
    first = pull(house)
    assert (first["status"], first["seen"], first["fresh"]) == ("read", 3, 3)
    house.advance(DAY)
    waiting = tie_out(house, day)
    assert {kind for _, kind, _ in gaps(house, waiting)} == {"awaiting_payout"} and waiting[
        "status"
    ] == "waiting"
    house.advance(4 * DAY)  # paid out, arrived, and Stripe tells of it
    house.drain()
    listed = house.api().get("/payouts")["items"]
    assert {(one["status"], one["reconciled"], bool(one["read_at"])) for one in listed} == {
        ("paid", "completed", True)
    }
    tied = tie_out(house, day)
    assert (tied["status"], gaps(house, tied)) == ("tied", Counter())
    assert {name: tied[name]["amount"] for name in ("sold", "charged", "refunded", "gross")} == {
        "sold": "100.00", "charged": "100.00", "refunded": "10.00", "gross": "90.00",
    }  # fmt: skip
    sent = tie_out(house, date.fromisoformat(max(one["created_at"] for one in listed)[:10]))
    assert sent["sent"] == sent["sent_entries"] != "0.00"
    again = pull(house)
    assert again["fresh"] == 0 and again["seen"]
    assert house.page("finance").get(again["url"])


def test_what_no_event_told_is_found_by_the_list(house: House) -> None:
    day = today(house)
    house.order("60.00")
    house.sandbox.fault(method="webhook", kind="drop", every=1)
    house.later(5 * DAY)
    assert house.api().get("/payouts")["items"] == []
    pulled = pull(house)
    assert pulled["seen"] == 3  # a payout; of our balance the charge and the payout's own entry
    [payout] = house.api().get("/payouts")["items"]
    assert payout["read_at"] and payout["amount"]["amount"] == "57.96"
    with house.app.app_context():
        schedule._tie_out()
    assert house.api().get(pulled["url"])["status"] == "done"
    [tied, sent] = sorted(house.api().get("/tie-outs")["items"], key=lambda one: one["day"])
    assert (tied["day"], tied["status"], sent["status"]) == (day.isoformat(), "tied", "tied")
