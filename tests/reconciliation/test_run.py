"""Comparing all orders: who may begin it, how far it comes, and that it goes on where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opsconsole import jobs
from opsconsole.services import CLOCK, reconciliation

from ..fills import scenes as of_fills
from ..house import House
from ..scenes import cases_of, denied, nothing_written, refused
from ..shipments.scenes import instant, until
from ..statements import statements
from .scenes import (
    compared,
    fill_behind,
    fill_missing_there,
    filled,
    findings,
    only_finding,
    parcel_behind,
    shipped,
    two_live_there,
    unheard,
)

RUN = "/reconciliation/run"


def test_a_comparison_reads_everything_and_says_what_it_found(house: House) -> None:
    fill_missing_there(house)
    page = house.page("ops_lead")
    page.get(f"{RUN}?fix=y")
    shown = page.submit(RUN, {"fix": "y"})
    assert "Comparison of all orders" in shown and "Truepill lists its fills" in shown
    house.drain()
    run = house.api().get(page.url)
    assert (run["status"], run["found"], run["by"]) == ("done", 1, "Lee Okafor")
    assert {part["port"]: part["step"] for part in run["parts"]} == {
        "pharmacy-truepill": "ended", "pharmacy-honeybee": "ended", "tracking": "ended", "billing": "ended",
    }  # fmt: skip
    shown = page.get("/reconciliation")
    assert 'href="/reconciliation/findings?status=open&amp;kind=fill_missing_there"' in shown
    assert "Fill is missing there" in shown and page.get(run["url"])
    listed = page.get("/reconciliation/findings?status=open&kind=fill_missing_there&port=pharmacy-truepill")
    assert "Give it up, to send it again" in listed
    assert house.api().get("/reconciliation")["items"][0]["id"] == run["id"]


def test_a_preview_promises_and_keeps_nothing(house: House) -> None:
    with nothing_written(house):
        preview = house.api().post(f"{RUN}?preview=1", {"fix": True}, 200)["preview"]
    assert [one["to"] for one in preview["promises"]] == [
        "pharmacy-truepill",
        "pharmacy-honeybee",
        "tracking",
        "billing",
    ]


def test_one_at_a_time(house: House) -> None:
    house.api().post(RUN, {"fix": False})
    assert "under way" in refused(house, house.api(), RUN, {"fix": False}, "running")


def test_a_second_click_is_the_same_comparison(house: House) -> None:
    first = house.api().post(RUN, {"fix": False}, key="twice")
    assert house.api().post(RUN, {"fix": False}, key="twice") == first
    assert len(house.rows("select 1 from reconciliation_runs")) == 1


@pytest.mark.parametrize("role", ["support", "finance", "auditor", "shop"])
def test_without_the_right(house: House, role: str) -> None:
    denied(house, role, RUN, {"fix": False})


def test_what_was_found_before_is_seen_again_and_not_made_again(house: House) -> None:
    fill_missing_there(house)
    compared(house)
    first = only_finding(house)
    house.later(3600)
    again = compared(house)
    now = only_finding(house)
    assert (again["found"], now["id"]) == (0, first["id"])
    assert now["last_seen_at"] > first["last_seen_at"] and now["run"] == again["url"]
    assert len(cases_of(house, now["url"])) == 1


def test_what_comes_right_by_itself_is_gone(house: House) -> None:
    two_live_there(house)
    compared(house)
    found = only_finding(house)
    house.sandbox.truepill.amend("TP-9", {"status": "canceled"})  # somebody called them
    run = compared(house)
    assert (findings(house), run["gone"], run["repaired"]) == ([], 1, 0)
    assert house.api().get(found["url"])["status"] == "gone" and cases_of(house, found["url"]) == []


def test_who_asks_us_to_slow_down_is_asked_later_from_the_same_place(house: House) -> None:
    fill_missing_there(house)
    house.sandbox.fault(kind="rate_limit", method="GET /truepill/v1/orders", vendor="truepill")
    done = house.api().post(RUN, {"fix": False})
    house.drain()
    run = house.api().get(done["subject"])
    assert run["status"] == "running"
    assert {part["port"]: part["step"] for part in run["parts"]}["tracking"] == "ended", (
        "others are not held up"
    )
    shown = house.page("ops_lead").get(run["url"])
    assert "Truepill asks us to slow down." in shown and "It goes on from here by itself" in shown
    house.sandbox.clear_faults()
    house.later(3600)
    assert (
        house.api().get(run["url"])["status"] == "done"
        and only_finding(house)["kind"] == "fill_missing_there"
    )


def test_who_stops_answering_in_the_middle_is_asked_for_the_rest(house: House) -> None:
    fills = [filled(house, customer=f"cust-{number}") for number in range(3)]
    for fill in fills:
        house.sandbox.truepill.forget(fill["external_id"])
    second = f"GET /truepill/v1/orders/{fills[1]['external_id']}"
    house.sandbox.fault(kind="rate_limit", method=second, vendor="truepill", times=1)
    house.api().post(RUN, {"fix": False})
    for _ in range(3):
        house.later(600)
    assert [one["kind"] for one in findings(house)] == ["fill_missing_there"] * 3


def test_the_next_night_gives_up_on_who_did_not_answer(house: House) -> None:
    filled(house)
    house.sandbox.fault(kind="down", method="GET /truepill/v1/orders", vendor="truepill")
    with house.app.app_context():
        first = reconciliation.begin(fix=True, by=CLOCK).url
        house.work()
        assert reconciliation.begin(fix=True, by=CLOCK).url == first, "it goes on"
    house.later(25 * 3600)
    house.sandbox.clear_faults()
    with house.app.app_context():
        second = reconciliation.begin(fix=True, by=CLOCK).url
    house.later(3600)
    assert house.api().get(first)["status"] == "stopped" and "did not answer" in house.page("ops_lead").get(
        first
    )
    assert house.api().get(second)["status"] == "done"
    assert (
        house.rows("select 1 from promises where status in ('waiting', 'claimed', 'manual_intervention')")
        == []
    )


def test_every_night_at_half_past_two(house: House) -> None:
    fill_behind(house)
    with house.app.app_context():
        jobs.run_due()  # a new console waits for its first night
    assert house.rows("select 1 from reconciliation_runs") == []
    now = instant(house)
    night = now.replace(hour=2, minute=30, second=0, microsecond=0)
    night += timedelta(days=night <= now)
    with unheard(house, "truepill"):
        until(house, night)
    [run] = house.rows("select by, status, fix from reconciliation_runs")
    assert tuple(run) == ("clock", "done", True) and findings(house) == []
    until(house, night + timedelta(hours=1))
    assert len(house.rows("select 1 from reconciliation_runs")) == 1


def test_what_it_costs_does_not_grow_with_what_is_the_same(house: House) -> None:
    """A page of fills is compared by as many statements as one fill is."""

    def cost() -> int:
        done = house.api().post(RUN, {"fix": True})
        with statements(house) as asked:
            house.drain()
        assert house.api().get(done["subject"])["status"] == "done"
        return len(asked)

    shipped(house)
    few = cost()
    for number in range(4):
        filled(house, customer=f"cust-{number}")
    house.later(8 * 3600)
    assert cost() <= few + 2  # the clock may come by
    calls = house.sandbox.ledger("tracker")
    assert len(calls) == 5


def test_honeybee_is_compared_too(house: House) -> None:
    of_fills.pharmacies(house)
    fill = of_fills.at_pharmacy(house, state="CA")
    with unheard(house, "honeybee"):
        house.sandbox.honeybee.move(fill["external_id"], "Canceled")
    other = of_fills.at_pharmacy(house, state="CA")
    house.sandbox.honeybee.forget(other["external_id"])
    compared(house)
    assert {one["kind"]: one["port"] for one in findings(house)} == {
        "fill_ended_there": "pharmacy-honeybee", "fill_missing_there": "pharmacy-honeybee",
    }  # fmt: skip


def test_parcels_of_a_day_are_compared_by_their_list(house: House) -> None:
    parcel_behind(house)
    run = compared(house, fix=True)
    looked = {part["port"]: part["looked"] for part in run["parts"]}
    assert looked["tracking"] == 2, "once in the list, and once by itself because it differed"
    looked = {part["port"]: part["looked"] for part in compared(house)["parts"]}
    assert looked["tracking"] == 1
