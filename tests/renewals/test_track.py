"""Which prescriptions have to be renewed, and when: the last days counted where people live."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from opsconsole.lib.zones import day_in, zone_of
from opsconsole.services import renewals

from ..house import House
from .scenes import alter, ending, prescribe_anew, tracked


def test_what_comes_to_its_end_is_found_once(house: House) -> None:
    rx = ending(house, days=60)
    there = day_in(zone_of("NV"), house.rows("select instant() as at")[0].at)
    alter(house, "update prescriptions set expires_on = :on", on=there + timedelta(days=46))
    assert tracked(house) == []  # 45 days before its last day, and no sooner
    alter(house, "update prescriptions set expires_on = expires_on - 1")
    [renewal] = tracked(house)
    assert (renewal["because"], renewal["status"], renewal["prescription"]) == ("expiring", "due", rx["url"])
    assert tracked(house) == [renewal]


@pytest.mark.parametrize("why", ["two left", "taken over", "canceled", "stopped before", "long gone"])
def test_what_need_not_be_renewed(house: House, why: str) -> None:
    rx = ending(house, days=300, refills=2)
    left = {"two left": 1}.get(why, 2)  # 2 refills are 3 fills: one used leaves two, two used leave one
    alter(house, "update prescriptions set fills_used = :used", used=left)
    if why == "taken over":
        prescribe_anew(house, rx)
    elif why == "canceled":
        alter(house, "update subscriptions set cancel_at_period_end = true")
    elif why == "stopped before":
        [renewal] = tracked(house)
        house.api().post(f"{renewal['url']}/stop", {"reason": "customer_asked"})
        assert [one["status"] for one in tracked(house)] == ["stopped"]
        return
    elif why == "long gone":
        alter(house, "update prescriptions set expires_on = instant()::date - 122")
    assert tracked(house) == []


def test_few_fills_and_the_board_count_the_same(house: House) -> None:
    ending(house, days=300, refills=2)
    alter(house, "update prescriptions set fills_used = 2")
    [renewal] = tracked(house)
    assert renewal["because"] == "few_fills"
    api, page = house.api(), house.page("support")
    for used, days, bucket in (
        (2, 300, "left_1"), (3, 300, "left_0"), (0, 0, "days_30"), (0, 30, "days_30"), (0, 31, "days_60"),
        (0, 60, "days_60"), (0, 61, "days_90"), (0, 90, "days_90"), (0, 91, None), (0, -1, None),
    ):  # fmt: skip
        local = day_in(zone_of("NV"), house.rows("select instant() as at")[0].at)
        alter(
            house,
            "update prescriptions set fills_used = :used, expires_on = :on",
            used=used,
            on=local + timedelta(days=days),
        )
        counts = api.get("/renewals/board?bucket=left_0")["counts"]
        assert {code for code, n in counts.items() if n} == ({bucket} if bucket else set()), (used, days)
        if bucket:
            found = api.get(f"/renewals/board?bucket={bucket}")
            assert len(found["items"]) == counts[bucket] and found["items"][0]["next_charge_at"]
            assert "NC-050-60" in page.get(f"/renewals/board?bucket={bucket}")


def test_the_last_day_is_counted_where_they_live(house: House) -> None:
    """At 03:30 UTC it is still yesterday in all four zones of the mainland; at 06:30 in the two in the west."""
    ending(house)
    for hour, minute, behind in (
        (3, 30, "NY TX CO CA"),
        (5, 30, "TX CO CA"),
        (6, 30, "CO CA"),
        (7, 30, "CA"),
    ):
        now = house.rows("select instant() as at")[0].at.astimezone(UTC)
        wanted = (now + timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        house.advance((wanted - now).total_seconds())
        utc: date = wanted.date()
        for state in ("NY", "TX", "CO", "CA"):
            alter(
                house,
                "update customers set ship_to = jsonb_set(ship_to, '{state}', to_jsonb(cast(:s as text)))",
                s=state,
            )
            last = utc - timedelta(days=1) if state in behind else utc
            alter(house, "update prescriptions set expires_on = :on", on=last)  # today, where they live
            with house.app.app_context():
                [row], _ = renewals.rows(renewals.BUCKETS["days_30"])
                assert row.days == 0, (hour, state)
            alter(house, "update prescriptions set expires_on = :on", on=last - timedelta(days=1))
            with house.app.app_context():
                assert renewals.rows(renewals.BUCKETS["days_30"])[0] == [], (hour, state)
