"""A parcel's scans in any order of arrival, some of them twice, come to one end: that of all of them together."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from sqlalchemy import select

from opsconsole.db import db
from opsconsole.models import Case, Order, Scan, Shipment, ShipmentStatus, Stateful
from opsconsole.services import robot, shipments, transaction
from opsconsole.services.shipments import _take_in
from opsconsole.vendors.tracking import ParcelState, ScanFacts, TrackerFacts
from opsconsole.vendors.tracking._easypost_facts import STATES

from ..house import House
from ..scenes import cases_of
from .scenes import followed, order_of, packed, record

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
RAW = [*STATES, "NewStatusX"]


@cache
def told(raw: str, hours: float, place: str = "") -> ScanFacts:
    state = STATES.get(raw, ParcelState.UNKNOWN)
    return ScanFacts(START + timedelta(hours=hours), state, raw, "lost", "", place, strange=raw not in STATES)


@cache
def kept(one: ScanFacts) -> Scan:
    """As it is written down."""
    return Scan(
        occurred_at=one.occurred_at, status=one.state.value, raw_status=one.raw_status, detail=one.detail, place=one.place
    )  # fmt: skip


def at_random(chance: random.Random) -> tuple[list[ScanFacts], list[list[ScanFacts]]]:
    """Ten scans, and the same as four fetches show them: in no order, some of them twice, some older than the label."""
    scans = [
        told(chance.choice(RAW), chance.randrange(-20, 180), chance.choice(["", "Reno"])) for _ in range(10)
    ]
    arrived = scans + chance.sample(scans, 4)
    chance.shuffle(arrived)
    cuts = [0, *sorted(chance.sample(range(1, 14), 3)), 14]
    return scans, [arrived[a:b] for a, b in itertools.pairwise(cuts)]


class Moved:
    """What stands in for a record that no database knows: it goes where its model's moves let it go, and nowhere else."""

    def __init__(self, model: type[Stateful], status: str, **values: Any) -> None:
        self.model, self.status = model, status
        vars(self).update(values)

    def move_to(self, status: str) -> None:
        if status != self.status:
            assert status in self.model.MOVES[self.model.STATUS(self.status)], f"{self.status} -> {status}"
            self.status = status


def end(fetches: Sequence[Sequence[ScanFacts]], start: str = "at_pharmacy") -> tuple[Any, ...]:
    """Where parcel and order stand after these fetches, moved by the very code that settling runs."""
    order: Any = Moved(Order, start)
    parcel: Any = Moved(
        Shipment, "label_created", labelled_at=START, scans_from=START, lost_at=None, last_scan_at=None, delivered_at=None
    )  # fmt: skip
    known: dict[tuple[Any, ...], Scan] = {}
    gone = None
    for shown in fetches:
        for one in shown:
            if _take_in.counts(parcel, one):
                known.setdefault((one.occurred_at, one.raw_status, one.place), kept(one))
        gone = _take_in.stand(parcel, order, [*known.values()], [parcel])
    assert gone
    told_of = (parcel.exception_code, parcel.last_scan_at, parcel.delivered_at, gone.came_back)
    return (parcel.status, order.status, *told_of)


# raw status of the vendor -> where it leads parcel and order
LEADS = {
    "pre_transit": ("label_created", "at_pharmacy"),
    "in_transit": ("in_transit", "shipped"),
    "out_for_delivery": ("out_for_delivery", "shipped"),
    "available_for_pickup": ("pickup_ready", "shipped"),
    "delivered": ("delivered", "delivered"),
    "return_to_sender": ("returning", "shipped"),
    "failure": ("exception", "shipped"),
    "error": ("exception", "shipped"),
    "cancelled": ("voided", "at_pharmacy"),
    "unknown": ("label_created", "at_pharmacy"),
    "NewStatusX": ("unknown", "at_pharmacy"),
}


@pytest.mark.parametrize("start", ["submitted", "at_pharmacy", "manual_intervention"])
def test_every_status_of_the_vendor_leads_somewhere(start: str) -> None:
    assert set(LEADS) == set(RAW)
    for raw, (status, order) in LEADS.items():
        found = end([[told("pre_transit", 0), told(raw, 1)]], start)
        assert (found[0], found[1]) == (status, start if order == "at_pharmacy" else order)
        assert (found[2] == "lost") == (status in ("exception", "returning")), raw


# Five scans as (raw status, hours after the label) -> where they lead parcel and order.
FIVES: dict[str, tuple[list[tuple[str, float]], tuple[str, str]]] = {
    "the usual way": (
        [("pre_transit", 0), ("in_transit", 9), ("in_transit", 30), ("out_for_delivery", 50), ("delivered", 55)],
        ("delivered", "delivered"),
    ),
    "delivered, then returned": (
        [("in_transit", 9), ("out_for_delivery", 50), ("delivered", 55), ("return_to_sender", 80), ("delivered", 150)],
        ("returned", "returned"),
    ),
    "a number that is used again": (
        [("in_transit", -900), ("delivered", -850), ("pre_transit", 0), ("in_transit", 9), ("out_for_delivery", 50)],
        ("out_for_delivery", "shipped"),
    ),
    "trouble, then delivered": (
        [("pre_transit", 0), ("in_transit", 9), ("failure", 30), ("in_transit", 40), ("delivered", 55)],
        ("delivered", "delivered"),
    ),
    "trouble at the end": (
        [("pre_transit", 0), ("in_transit", 9), ("available_for_pickup", 40), ("in_transit", 60), ("error", 90)],
        ("exception", "shipped"),
    ),
    "refused, and a machine that says more": (
        [("in_transit", 9), ("return_to_sender", 50), ("in_transit", 60), ("out_for_delivery", 90), ("delivered", 99)],
        ("returned", "returned"),
    ),
    "a label that was called off and went": (
        [("pre_transit", 0), ("cancelled", 3), ("in_transit", 9), ("out_for_delivery", 50), ("delivered", 55)],
        ("delivered", "delivered"),
    ),
    "a word that nobody knows": (
        [("pre_transit", 0), ("in_transit", 9), ("NewStatusX", 30), ("unknown", 40), ("NewStatusX", 50)],
        ("unknown", "shipped"),
    ),
    "all at one instant": (
        [("delivered", 9), ("failure", 9), ("in_transit", 9), ("out_for_delivery", 9), ("return_to_sender", 9)],
        ("returning", "delivered"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", FIVES)
def test_five_scans_in_all_120_orders_of_arrival(story: str) -> None:
    scans, (status, order) = FIVES[story]
    five = [told(*one) for one in scans]
    ends = {end([[one] for one in arrival]) for arrival in itertools.permutations(five)}
    assert ends == {end([five])}
    assert {(found[0], found[1]) for found in ends} == {(status, order)}


def test_any_five_scans_come_to_one_end_in_every_order_of_arrival() -> None:
    chance = random.Random(5)
    for _ in range(12):
        five = [told(chance.choice(RAW), n) for n in range(5)]
        wanted = end([five])
        for arrival in itertools.permutations(five):
            assert end([[one] for one in arrival]) == wanted, [one.raw_status for one in arrival]


def test_ten_thousand_random_orders_of_ten_with_duplicates_come_to_one_end() -> None:
    chance, ends = random.Random(10_000), set()
    for n in range(10_000):
        scans, fetches = at_random(chance)
        found = end(fetches)
        assert found == end([scans]), n
        ends.add(found[0])
    assert ends == set(ShipmentStatus) - {"attempted", "label_created", "voided"}, (
        "these were all sorts of parcels"
    )


@pytest.mark.soak
def test_every_five_statuses_in_every_order_come_to_one_end() -> None:
    for statuses in itertools.product(RAW, repeat=5):
        five = [told(raw, n) for n, raw in enumerate(statuses)]
        wanted = end([five])
        for order in random.Random(str(statuses)).sample([*itertools.permutations(five)], 3):
            assert end([[one] for one in order]) == wanted, statuses


def test_so_it_is_in_the_database_with_its_cases(house: House) -> None:
    done = record(house, packed(house), labelled_at="2026-09-01T00:00:00Z")
    house.drain()
    parcel = house.api().get(done["subject"])

    def settled(fetches: Sequence[Sequence[ScanFacts]]) -> Any:
        """Where they lead, and nothing of it is kept."""
        db.session.rollback()
        with transaction():
            for shown in fetches:
                facts = TrackerFacts(
                    parcel["external_id"], "USPS", parcel["tracking_code"], shown[-1].state, "x", tuple(shown)
                )
                at = START + timedelta(days=20)
                shipments.settle(parcel["external_id"], facts=facts, fetched_at=at, by=robot("easypost"))
            shipment = Shipment.require(parcel["id"])
            cases = db.session.scalars(
                select(Case.reason).where(Case.subject_id == shipment.id, Case.status == "open")
            )
            found = (
                shipment.status,
                Order.require(shipment.order_id).status,
                len(shipment.scans()),
                sorted(cases),
            )
            db.session.rollback()
        return found

    chance = random.Random(4)
    with house.app.app_context():
        for n in range(4):
            scans, fetches = at_random(chance)
            assert settled(fetches) == settled([scans]), n


def test_so_it_is_through_the_door_of_webhooks(house: House) -> None:
    """The same five of four parcels, told of late, in other orders and twice: all four end alike."""
    stops = [
        ("in_transit", 60),
        ("out_for_delivery", 40),
        ("delivered", 36),
        ("return_to_sender", 20),
        ("delivered", 2),
    ]
    parcels = [followed(house, order=packed(house)) for _ in range(4)]
    house.later(72 * 3600)
    house.sandbox.fault(vendor="easypost", kind="duplicate", method="webhook", every=2)
    house.sandbox.fault(vendor="easypost", kind="reorder", method="webhook")
    chance = random.Random(5)
    for number, parcel in enumerate(parcels):
        arrival = [*stops] if number == 0 else chance.sample(stops, 5)
        for status, hours in arrival:
            house.sandbox.easypost.scan(parcel["external_id"], status, hours_ago=hours)
            house.drain()
    ends = {
        (
            house.api().get(parcel["url"])["status"],
            order_of(house, parcel)["status"],
            len(house.api().get(parcel["url"])["scans"]),
            tuple(sorted(case["reason"] for case in cases_of(house, parcel["url"]))),
        )
        for parcel in parcels
    }
    assert ends == {("returned", "returned", 6, ("parcel_came_back", "parcel_exception"))}
