"""The drill: vendors are down for two hours while work goes on. Nothing is lost, done twice, out of order or given up.

What really happened is read from the sandbox's own book. Time is moved, so that two hours last seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from ..fills.scenes import made_up, order, pharmacies, submitted
from ..house import House
from ..inbox.scenes import tell
from ..scenes import WINDOW, issue
from ..shipments.scenes import packed, record
from ..webhooks.stripe_deliveries import an_event
from .scenes import all_of, entries, pass_time, reasons

HOME = {"name": "Jo Doe", "line1": "2 New Street", "city": "Reno", "state": "NV", "zip": "89501"}
Act = Callable[[], str]


@dataclass
class Work:
    """What is done at one vendor meanwhile. `vendor` is the sandbox's name of it; `lanes` are acts, each of which answers
    what it should leave in the vendor's book; `book` reads that. Where `each_its_own`, an act is about a new thing each
    time, so that there is no order to keep."""

    port: str
    vendor: str
    lanes: list[Act]
    book: Callable[[House], list[str]]
    each_its_own: bool = True
    wanted: list[list[str]] = field(default_factory=list)

    def do(self) -> None:
        self.wanted = self.wanted or [[] for _ in self.lanes]
        for wanted, act in zip(self.wanted, self.lanes, strict=True):
            wanted.append(act())

    def holds(self, house: House) -> None:
        """Each happened exactly once, and in each lane in its order."""
        happened = self.book(house)
        assert sorted(happened) == sorted(one for lane in self.wanted for one in lane), self.port
        for lane in [] if self.each_its_own else self.wanted:
            assert [one for one in happened if one in lane] == lane, (self.port, lane)


def money(house: House, lanes: int, rounds: int) -> Work:
    """Refunds of several payments."""

    def refund(of: Any) -> Act:
        return lambda: str(issue(house, of, "1.00")["subject"])

    orders = [house.order("60.00", customer=f"cust-{n}") for n in range(lanes)]
    return Work("payments", "stripe", [refund(one) for one in orders], lambda house: [
        f"/refunds/{entry['metadata']['opsconsole_subject']}" for entry in house.sandbox.ledger("refund")
    ], each_its_own=False)  # fmt: skip


def medicine(house: House, lanes: int, rounds: int) -> Work:
    """Orders that go to a pharmacy, each its own lane."""
    truepill = pharmacies(house)["truepill"]
    bought = [order(house, customer="cust-f") for _ in range(lanes * rounds)]

    def fill() -> str:
        made = bought.pop()
        submitted(house, made, pharmacy=truepill)
        return str(made["reference"])

    return Work("pharmacy-truepill", "truepill", [fill] * lanes, made_up)


def addresses(house: House, lanes: int, rounds: int) -> Work:
    """Patients who have moved: the healthcare system has to know."""

    def move(id: str) -> Act:
        told = {"reference": id, "name": "Jo Doe", "external_ids": {"healthcare": id}}
        house.sandbox.fhir.load([{"resourceType": "Patient", "id": id, "birthDate": "1990-02-03"}])
        url = house.api("shop").post("/customers", told)["subject"]
        house.drain()

        def act() -> str:
            house.api().post(f"{url}/readdress", {"ship_to": HOME})
            return id

        return act

    people = [move(f"pat-{n}") for n in range(lanes)]
    return Work("healthcare", "fhir", people, lambda house: [
        entry["object_id"] for entry in house.sandbox.ledger("patient")
    ])  # fmt: skip


def parcels(house: House, lanes: int, rounds: int) -> Work:
    """Parcels that are to be followed."""
    shipped = [packed(house) for _ in range(lanes * rounds)]

    def follow() -> str:
        done = record(house, shipped.pop())
        return str(house.api().get(done["subject"])["tracking_code"])

    return Work("tracking", "easypost", [follow] * lanes, lambda house: [
        entry["metadata"]["tracking_code"] for entry in house.sandbox.ledger("tracker")
    ])  # fmt: skip


def drill(house: House, works: list[Work], *, steps: list[float], again: int) -> None:
    """Two hours without these vendors. Work is done before each of the first `again` steps; webhooks come all the while."""
    payment = house.rows("select external_id from payments limit 1")
    for work in works:
        house.sandbox.fault(kind="down", vendor=work.vendor)
    for number, step in enumerate(steps):
        if number < again:
            for work in works:
                work.do()
        if payment:
            tell(
                house, an_event("payment_intent.succeeded", {"id": payment[0][0], "object": "payment_intent"})
            )
        pass_time(house, step)
    while_down(house, works)
    house.sandbox.clear_faults()
    pass_time(house, *([31.0] * (12 if again > 1 else 3)), 61, 61)
    afterwards(house, works)


def while_down(house: House, works: list[Work]) -> None:
    standing = all_of(house, "?status=open")
    assert sorted(one["port"] for one in standing) == sorted(work.port for work in works)
    assert set(reasons(house)) == {"vendor_down"}, "one case each, and nothing was given up"
    page = house.page("ops_lead").get("/orders")
    assert page.count('class="outage-strip"') == len(works)
    for work in works:
        tries = house.rows("select count(*) from attempts where vendor = :port and outcome = 'unavailable'",
                           port=work.port)  # fmt: skip
        assert tries[0][0] < 60 + 20 * len(work.lanes), "one probe asks for all"


def afterwards(house: House, works: list[Work]) -> None:
    for work in works:
        work.holds(house)
        assert len(all_of(house, f"?port={work.port}")) == 1
    assert {one["status"] for one in all_of(house)} == {"over"} and reasons(house) == []
    assert entries(house, "incidents.open") == entries(house, "incidents.close") == len(works)
    assert (
        house.rows("select status from promises where status not in ('kept', 'withdrawn', 'dismissed')") == []
    )
    assert house.rows("select kind from inbox_events where status not in ('settled', 'ignored')") == []
    assert "outage-strip" not in house.page().get("/orders")


def test_two_hours_without_four_vendors(house: House) -> None:
    works = [what(house, 3, 1) for what in (money, medicine, addresses, parcels)]
    drill(house, works, steps=[WINDOW, 20, 300, 6800], again=1)


@pytest.mark.soak
@pytest.mark.parametrize("what", [money, medicine, addresses, parcels])
def test_two_hours_without_one_vendor_while_dozens_work(
    house: House, what: Callable[[House, int, int], Work]
) -> None:
    house.lift_limits()
    rounds = 1 if what is addresses else 5  # who moves twice waits for the first to be confirmed
    work = what(house, 8, rounds)
    drill(house, [work], steps=[WINDOW, 30, *[60.0] * 10, *[300.0] * 22], again=rounds)
