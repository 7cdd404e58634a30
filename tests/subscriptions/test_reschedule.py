"""Moving the next charge: to a day, past the next delivery, and back."""

from __future__ import annotations

from datetime import timedelta

from opsconsole.jobs import schedule as schedule

from ..house import House
from ..scenes import WINDOW, processor
from .scenes import DAY, again, at_stripe, change, charges, paid_invoices, subscribed, today


def test_a_skip_that_is_taken_back_leaves_the_same_schedule(house: House) -> None:
    one = subscribed(house)
    was = charges(one)
    seen = house.api().post(f"{one['url']}/skip?preview=1", {"reason": "travel"}, 200)["preview"]
    told = {each["field"]: (each["from"], each["to"]) for each in seen["changes"]}
    assert told["next four charges"][0].split("; ")[1] == told["next four charges"][1].split("; ")[0]
    assert told["next invoice"][1].startswith("$38.00")
    change(house, one, "skip", reason="too_much_product")
    house.later(WINDOW)
    skipped = again(house, one)
    assert charges(skipped) == [*was[1:], charges(skipped)[-1]]
    assert (skipped["status"], skipped["effective"]) == ("trialing", "active")
    assert "moved" in skipped["because"][0]
    change(house, skipped, "unskip")
    house.later(WINDOW)
    back = again(house, one)
    assert charges(back) == was
    assert change(house, back, "unskip", status=409)["refused"]["code"] == "not_changeable"


def test_it_is_charged_on_the_day_it_was_moved_to_and_not_before(house: House) -> None:
    one = subscribed(house)
    to = charges(one)[0] + timedelta(days=11)
    seen = house.api().post(
        f"{one['url']}/reschedule?preview=1", {"on": to.isoformat(), "reason": "travel"}, 200
    )["preview"]
    done = house.api().post(
        f"{one['url']}/reschedule", {"on": to.isoformat(), "reason": "travel"}, match=seen["hash"]
    )
    house.later(WINDOW)
    assert house.api().get(done["subject"])["status"] == "done"
    ahead = charges(again(house, one))
    assert ahead[0] == to
    house.later((to - today(house)).days * DAY - DAY)
    assert len(paid_invoices(house, one)) == 1
    house.later(2 * DAY)
    assert len(paid_invoices(house, one)) == 2
    now = again(house, one)
    assert charges(now) == [*ahead[1:], charges(now)[-1]] and now["status"] == "active"


def test_what_it_refuses_writes_nothing_and_only_those_who_may(house: House) -> None:
    one = subscribed(house)
    house.drain()
    before = house.checksum()
    for day in (today(house), today(house) + timedelta(days=900), charges(one)[0]):
        body = {"on": day.isoformat(), "reason": "travel"}
        assert "on" in change(house, one, "reschedule", status=422, **body)["errors"], day
    for role in ("clinician", "finance", "auditor", "shop"):
        change(house, one, "skip", role=role, status=403, reason="travel")
        change(house, one, "reschedule", role=role, status=403, on=today(house).isoformat(), reason="travel")
        change(house, one, "unskip", role=role, status=403)
    assert house.checksum() == before


def test_the_second_click_and_stripes_no(house: House) -> None:
    one = subscribed(house)
    first = house.api().post(f"{one['url']}/skip", {"reason": "travel"}, key="once")
    assert house.api().post(f"{one['url']}/skip", {"reason": "travel"}, key="once") == first
    processor(house).subscriptions.cancel(one["external_id"])
    house.later(WINDOW)
    assert house.api().get(first["subject"])["status"] == "failed"
    assert house.api().get(f"/cases?subject={first['subject']}")["items"][0]["reason"] == "vendor_rejected"
    assert (
        change(house, again(house, one), "skip", status=409, reason="travel")["refused"]["code"]
        == "not_changeable"
    )


def test_it_is_read_again_when_somebody_doubts_it(house: House) -> None:
    one = subscribed(house)
    house.sandbox.drop_webhooks = True
    processor(house).subscriptions.update(one["external_id"], {"cancel_at_period_end": True})
    change(house, one, "refresh")
    house.drain()
    assert again(house, one)["effective"] == "canceling"
    for role in ("clinician", "auditor", "shop"):
        change(house, one, "refresh", role=role, status=403)
    assert at_stripe(house, one).cancel_at_period_end
