"""Pharmacies that fail in every way they can: each order is made up once, nobody is bothered, and what waited goes out.

The pharmacy's own book is the judge. Time is moved, so an outage of hours takes no longer than one of seconds.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from opsconsole.sandbox._faults import PROFILES

from ..house import House
from ..scenes import WINDOW, cases_of, nothing_written, refused
from .scenes import at_pharmacy, look, made_up, order, pharmacies, submitted

WHERE = {"truepill": "/truepill/v1/orders", "honeybee": "/honeybee/orders"}
DIALS: dict[str, list[dict[str, Any]]] = {
    "takes it and never answers": [{"kind": "lost_answer", "method": "POST *"}],
    "takes it and never says a word": [
        {"kind": "lost_answer", "method": "*"},
        {"kind": "drop", "method": "webhook"},
    ],
    "takes it and breaks": [{"kind": "error_500", "method": "*", "side": "after"}],
    "tells all twice and late": [
        {"kind": "duplicate", "method": "webhook"},
        {"kind": "delay", "method": "webhook", "seconds": 900},
        {"kind": "lost_answer", "method": "POST *", "every": 2},
    ],
    "asks for patience": [{"kind": "rate_limit", "method": "*"}],
}
# What is endless on the wire costs time and proves the wire, which has tests of its own.
GARBAGE = [profile for profile in PROFILES if profile not in ("huge", "gzip_bomb", "drip")]


TWO_HOURS = (10, 20, 60, 300, 900, 1800, 4110)  # ever longer steps, as the pauses between tries get longer


def weather(house: House, where: str, dials: list[dict[str, Any]]) -> None:
    for dial in dials:
        house.sandbox.fault(vendor=where, **dial)


def two_hours_of(house: House, where: str, dials: list[dict[str, Any]]) -> list[Any]:
    """Orders go out into an outage that then ends; whoever missed a webhook looks at the pharmacy's own list."""
    ids = pharmacies(house)
    sent = [submitted(house, order(house), pharmacy=ids[where]) for _ in range(3)]
    weather(house, where, dials)
    house.later(WINDOW)
    for step in TWO_HOURS:
        house.later(step)
    house.sandbox.clear_faults()
    house.later(60)
    house.api().post("/inbox/sweep", {"source": f"pharmacy-{where}"})
    house.later(30)
    return sent


def each_once(house: House, sent: list[Any]) -> None:
    """One of each at the pharmacy, and one here."""
    assert sorted(made_up(house)) == sorted(house.api().get(fill["order"])["reference"] for fill in sent)
    assert {look(house, fill)[0] for fill in sent} <= {"acknowledged", "filling", "shipped"}


def nobody_was_bothered(house: House) -> None:
    """Not even for a while: no case was opened, and nothing was laid aside."""
    assert [row.says for row in house.rows("select says from cases")] == []
    assert house.rows("select 1 from status_moves where after = 'manual_intervention'") == []
    assert house.rows("select kind, status from promises where status <> 'kept'") == []
    assert house.rows("select 1 from inbox_events where status not in ('settled', 'ignored')") == []
    assert house.rows("select 1 from attempts where round > 1 or ended_at is null") == []


def in_order(house: House) -> None:
    """Within a lane nothing was tried before what came earlier had ended."""
    rows = house.rows(
        "select p.lane, p.position, a.started_at, a.ended_at from attempts a join promises p on p.id = a.promise_id"
        " order by p.lane, a.started_at, p.position"
    )
    for before, after in itertools.pairwise(rows):
        if before.lane == after.lane:
            assert before.position <= after.position and before.ended_at <= after.started_at


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("how", DIALS)
def test_a_pharmacy_that(house: House, how: str, where: str) -> None:
    each_once(house, two_hours_of(house, where, DIALS[how]))
    nobody_was_bothered(house)
    in_order(house)


@pytest.mark.parametrize("where", WHERE)
def test_a_pharmacy_that_talks_nonsense(house: House, where: str) -> None:
    """Every kind of it, on every call, one after the other."""
    ids = pharmacies(house)
    fill = submitted(house, order(house), pharmacy=ids[where])
    for number, profile in enumerate(GARBAGE):
        house.sandbox.clear_faults()
        side = "before" if number % 2 else "after"
        weather(house, where, [{"kind": "garbage", "method": "*", "profile": profile, "side": side}])
        house.later(WINDOW)
    house.sandbox.clear_faults()
    house.later(900)
    each_once(house, [fill])
    nobody_was_bothered(house)


@pytest.mark.parametrize("where", WHERE)
def test_what_is_down_is_asked_by_one_and_drains_in_order(house: House, where: str) -> None:
    ids = pharmacies(house)
    sent = [submitted(house, order(house), pharmacy=ids[where]) for _ in range(4)]
    weather(house, where, [{"kind": "down", "method": "*"}])
    house.later(WINDOW)
    house.later(3)
    [standing] = house.rows(
        "select opened_at, failures from breakers where port = :port", port=f"pharmacy-{where}"
    )
    assert standing.opened_at
    before = house.rows("select count(*) from attempts")[0][0]
    for step in TWO_HOURS:
        house.later(step)
    assert house.rows("select count(*) from attempts")[0][0] - before <= len(TWO_HOURS), "one probe at a time"
    assert made_up(house) == []
    house.sandbox.clear_faults()
    house.later(60)
    house.later(10)
    each_once(house, sent)
    nobody_was_bothered(house)
    assert house.rows("select 1 from breakers where opened_at is not null") == []


@pytest.mark.parametrize("where", WHERE)
def test_one_pharmacy_that_is_down_holds_up_no_other(house: House, where: str) -> None:
    ids = pharmacies(house)
    weather(house, where, [{"kind": "down", "method": "*"}])
    sent = {name: submitted(house, order(house), pharmacy=id) for name, id in ids.items()}
    house.later(WINDOW)
    house.later(10)
    other = next(name for name in ids if name != where)
    assert (look(house, sent[other])[1], look(house, sent[where])[1]) == ("at_pharmacy", "ready")


@pytest.mark.parametrize(("where", "fate"), [("truepill", "TRIAGE T005"), ("honeybee", "EXCEPTION OOS")])
def test_what_was_said_during_an_outage_is_heard_in_its_order(house: House, where: str, fate: str) -> None:
    ids = pharmacies(house)
    fill = at_pharmacy(house, pharmacy=ids[where], fate=fate)
    weather(
        house, where, [{"kind": "lost_answer", "method": "POST *"}, {"kind": "drop", "method": "webhook"}]
    )
    house.api().post(f"{fill['url']}/answer", {"answer": "wait"})
    house.work()
    house.api().post(f"{fill['url']}/cancel", {"reason": "customer_asked"})
    for _ in range(3):
        house.later(60)
    house.sandbox.clear_faults()
    house.later(60)
    house.later(10)
    said = [entry["kind"] for entry in house.sandbox.ledger() if entry["kind"].startswith("fill")]
    assert said == ["fill", "fill_answer", "fill_cancel"]
    house.api().post("/inbox/sweep", {"source": f"pharmacy-{where}"})
    house.drain()
    assert look(house, fill) == ("canceled", "canceled") and cases_of(house, fill["url"]) == []
    in_order(house)


def test_duplicate_order_says_that_the_first_attempt_landed(house: House) -> None:
    """Truepill knows no keys. The order comes in there twice, no answer comes back, and the second copy is refused as R1."""
    pharmacies(house)
    sent = [submitted(house, order(house, fate="DUPLICATE")) for _ in range(2)]
    weather(house, "truepill", [{"kind": "lost_answer", "method": "POST *", "times": 2}])
    house.later(WINDOW)
    for _ in range(4):
        house.later(10)
    each_once(house, sent)
    nobody_was_bothered(house)
    copies = house.sandbox.truepill.counts()
    assert copies["error"] == 2, "the second copies are there, refused"


def test_triage_is_no_failure(house: House) -> None:
    """The pharmacy's own staff resolves it: nothing is sent again, by nobody, and it goes on by itself."""
    pharmacies(house)
    fill = at_pharmacy(house, fate="TRIAGE T003")
    refused(house, house.api(), f"{fill['url']}/resend", {}, "not_resendable")
    with nothing_written(house):
        house.drain()
        assert look(house, fill) == ("triage", "submitted")
    assert house.rows("select 1 from status_moves where after in ('manual_intervention', 'error')") == []
    house.later(25 * 3600)
    each_once(house, [fill])
    assert cases_of(house, fill["url"]) == []
