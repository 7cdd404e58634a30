"""Notices are ours: at their time, from the system of record, each once; and taken back when the date moves after it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from opsconsole.jobs import schedule
from opsconsole.models import Customer
from opsconsole.services import transaction

from ..gates.scenes import HOME, served
from ..house import House
from ..scenes import only_case, processor
from ..subscriptions.scenes import DAY, shop_with_prices
from .scenes import HOUR, clock, subscriber, told, until


def notices(house: House) -> list[tuple[str, str, str]]:
    found = house.api().get("/notices")["items"]
    return [(one["kind"], one["about_on"], one["status"]) for one in found]


def local(at: datetime, form: str = "") -> Any:
    """The day, or as `form` says, where the customer lives: in Nevada."""
    there = at.astimezone(ZoneInfo("America/Los_Angeles"))
    return there.strftime(form) if form else there.date()


def on(one: Any, days: float = 0) -> str:
    return str(local(datetime.fromisoformat(one["next_charge_at"]) + timedelta(days=days)))


def move(house: House, one: Any, days: float) -> None:
    """Somebody moves its next charge at Stripe, and says nothing."""
    at = datetime.fromisoformat(one["next_charge_at"]) + timedelta(days=days)
    processor(house).subscriptions.update(
        one["external_id"], {"trial_end": int(at.timestamp()), "proration_behavior": "none"}
    )
    house.drain()


def test_a_date_that_moves_before_and_after_it_was_told(house: House) -> None:
    one = subscriber(house)
    assert notices(house) == [("renewal", on(one), "due")]
    move(house, one, 10)
    assert notices(house) == [("renewal", on(one, 10), "due"), ("renewal", on(one), "canceled")]
    clock(house)
    assert told(house) == []
    until(house, one["next_charge_at"], 4 * DAY)  # six days before: its window is open
    clock(house)
    house.later(HOUR)
    [sent, _] = house.api().get("/notices")["items"]
    assert (sent["status"], told(house)) == ("sent", ["renewal_soon"])
    proof = house.api().get(sent["message"])
    assert proof["status"] in ("sent", "delivered") and proof["subscription"] == one["url"]
    assert proof["data"]["date"] == f"{date.fromisoformat(sent['about_on']):%B %-d, %Y}"
    clock(house)
    move(house, one, 30)
    clock(house)
    clock(house)
    house.later(HOUR)
    assert told(house) == ["renewal_soon", "renewal_moved"]
    [new, old, _] = house.api().get("/notices")["items"]
    assert (old["status"], old["corrected_to"], new["status"]) == ("corrected", on(one, 30), "due")
    assert new["about_on"] == on(one, 30)
    page = house.page().get(old["url"])
    assert "has moved" in page and "corrected" in page.lower()
    processor(house).subscriptions.cancel(one["external_id"])
    house.drain()
    clock(house)
    house.later(HOUR)
    assert told(house)[2:] == ["renewal_off"] and notices(house)[0][2] == "canceled"


def test_what_was_not_sent_in_its_window_is_a_case_and_is_not_sent_late(house: House) -> None:
    one = subscriber(house)
    with house.app.app_context(), transaction():
        Customer.lock(one["customer"].rsplit("/", 1)[-1]).email = None
    until(house, one["next_charge_at"], -3 * DAY)
    clock(house)
    [notice] = house.api().get("/notices")["items"]
    assert (notice["status"], notice["message"], told(house)) == ("missed", None, [])
    case = only_case(house, notice["url"])
    assert case["reason"] == "notice_missed" and "no e-mail address" in case["says"]


def test_a_states_law_the_daily_look_and_a_date_that_is_set_too_late(house: House) -> None:
    served(house)
    prices = shop_with_prices(house, amounts={("year", 1): 30000})
    one = subscriber(house, prices=prices, every=("year", 1))
    [habit] = house.api().get("/notices")["items"]
    assert (habit["kind"], habit["law"], window(habit)) == ("renewal", False, (45, 15))
    with house.app.app_context(), transaction():
        Customer.lock(one["customer"].rsplit("/", 1)[-1]).ship_to = HOME | {"state": "CA"}
    for _ in "12":
        with house.app.app_context():
            schedule._look_for_notices()
    [law, habit] = house.api().get("/notices")["items"]
    assert (habit["status"], law["status"], law["law"], window(law)) == ("canceled", "due", True, (45, 15))
    move(house, one, -353)
    assert [status for _, _, status in notices(house)] == ["missed", "canceled", "canceled"]
    missed = house.api().get("/notices")["items"][0]
    assert "closed already" in only_case(house, missed["url"])["says"]


def test_the_end_of_a_pause_is_told_three_days_before_and_no_renewal_within_it(house: House) -> None:
    one = subscriber(house)
    back = datetime.fromisoformat(one["next_charge_at"]) + timedelta(days=20)
    pause = {"behavior": "void", "resumes_at": int(back.timestamp())}
    processor(house).subscriptions.update(one["external_id"], {"pause_collection": pause})
    house.drain()
    standing = [one for one in notices(house) if one[2] == "due"]
    assert standing == [("pause", local(back).isoformat(), "due")]
    [pause_ends, _] = house.api().get("/notices")["items"]
    due = datetime.fromisoformat(pause_ends["due_at"])
    assert (local(back) - local(due)).days == 3 and local(due, "%H") == "10"


def window(notice: Any) -> tuple[int, int]:
    """How many days before it may be sent."""
    about = date.fromisoformat(notice["about_on"])
    return tuple((about - date.fromisoformat(notice["window"][end])).days for end in ("from", "to"))  # type: ignore[return-value]
