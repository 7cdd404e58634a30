"""Carriers scan parcels, late and in any order: where each stands, and its order with it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from opsconsole.db import db
from opsconsole.models import Case, Order, Scan, Shipment, ShipmentStatus
from opsconsole.services import robot, shipments, transaction
from opsconsole.services.shipments import _take_in
from opsconsole.vendors.tracking import ParcelState, ScanFacts, TrackerFacts
from opsconsole.vendors.tracking._easypost_facts import STATES

from ..house import House
from ..scenes import cases_of, only_case
from .scenes import followed, order_of, packed, record, scan, stands


def reasons(house: House, parcel: Any) -> set[str]:
    return {case["reason"] for case in cases_of(house, parcel["url"])}


def test_a_parcel_goes_the_usual_way_and_its_order_with_it(house: House) -> None:
    parcel = followed(house, "usual", packed(house, "submitted"))
    for _ in range(5):
        house.later(24 * 3600)
    parcel = house.api().get(parcel["url"])
    order = order_of(house, parcel)
    assert (parcel["status"], order["status"], reasons(house, parcel)) == ("delivered", "delivered", set())
    moves = [row.after for row in house.rows("select after from status_moves where record_id = :id order by at, id",
                                             id=order["id"])]  # fmt: skip
    assert moves[-3:] == ["at_pharmacy", "shipped", "delivered"]


@pytest.mark.parametrize("plan", ["late_scans", "out_of_order"])
def test_late_scans_come_to_the_same_end(house: House, plan: str) -> None:
    parcel = followed(house, plan)
    seen = []
    for _ in range(6):
        house.later(24 * 3600)
        seen.append(house.api().get(parcel["url"])["status"])
    assert seen[-1] == "delivered" and order_of(house, parcel)["status"] == "delivered"
    rank = ["label_created", "in_transit", "out_for_delivery", "delivered"]
    assert [rank.index(one) for one in seen] == sorted(rank.index(one) for one in seen), "it went back"
    scans = house.api().get(parcel["url"])["scans"]
    assert [one["at"] for one in scans] == sorted(one["at"] for one in scans)


def test_what_was_delivered_and_comes_back_is_a_case(house: House) -> None:
    parcel = followed(house, "delivered_then_returned")
    house.later(90 * 3600)
    assert order_of(house, parcel)["status"] == "delivered"
    house.later(45 * 3600)
    assert house.api().get(parcel["url"])["status"] == "returning"
    assert reasons(house, parcel) == {"parcel_exception", "parcel_came_back"}
    house.later(90 * 3600)
    assert (house.api().get(parcel["url"])["status"], order_of(house, parcel)["status"]) == (
        "returned",
        "returned",
    )


def test_trouble_is_a_case_at_once_and_ends_when_the_parcel_goes_on(house: House) -> None:
    parcel = followed(house)
    house.later(20 * 3600)
    scan(house, parcel, "failure", detail="missorted")
    case = only_case(house, parcel["url"])
    assert (case["reason"], "missorted" in case["says"]) == ("parcel_exception", True)
    house.later(3600)
    parcel = scan(house, parcel, "in_transit")
    assert (parcel["status"], parcel["exception_code"], cases_of(house, parcel["url"])) == (
        "in_transit",
        None,
        [],
    )


def test_a_new_word_is_a_case_until_a_known_one_follows(house: House) -> None:
    parcel = followed(house)
    house.later(3600)
    parcel = scan(house, parcel, "NewStatusX")
    assert parcel["status"] == "unknown" and "NewStatusX" in only_case(house, parcel["url"])["says"]
    assert house.rows("select count(*) from inbox_events where status = 'manual_intervention'")[0][0] == 0
    house.later(3600)
    parcel = scan(house, parcel, "out_for_delivery")
    assert (parcel["status"], cases_of(house, parcel["url"])) == ("out_for_delivery", [])


def test_scans_older_than_the_label_are_of_another_parcel(house: House) -> None:
    parcel = followed(house)
    house.later(3600)
    parcel = scan(house, parcel, "delivered", hours_ago=24 * 200)
    assert (parcel["status"], len(parcel["scans"])) == ("label_created", 1)
    parcel = scan(house, parcel, "in_transit")
    assert parcel["status"] == "in_transit"


def test_an_order_that_cannot_go_where_its_parcel_went_is_a_case(house: House) -> None:
    for status in ("ready", "on_hold", "canceled"):
        parcel = followed(house, order=packed(house, customer=status))
        stands(house, order_of(house, parcel), status)
        parcel = scan(house, parcel, "in_transit")
        assert order_of(house, parcel)["status"] == status
        assert only_case(house, parcel["url"])["reason"] == "parcel_order_mismatch"
    stands(house, order_of(house, parcel), "shipped")
    scan(house, parcel, "out_for_delivery")
    assert cases_of(house, parcel["url"]) == []


def test_an_order_of_two_parcels_has_arrived_with_the_last(house: House) -> None:
    order = packed(house)
    first, second = followed(house, order=order), followed(house, order=order)
    house.later(3600)
    scan(house, first, "delivered")
    assert order_of(house, first)["status"] == "shipped"
    scan(house, second, "delivered")
    assert order_of(house, first)["status"] == "delivered"


def test_a_parcel_that_is_none_of_ours_is_ignored(house: House) -> None:
    house.sandbox_app.test_client().post(
        "/easypost/v2/trackers",
        json={"tracker": {"tracking_code": "9400111206206406260787", "carrier": "USPS"}},
        auth=("EZTK_house", ""),
    )
    house.drain()
    [row] = house.rows("select status from inbox_events where source = 'easypost'")
    assert row.status == "ignored"


# in any order, to the same end

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
RAW = [*STATES, "NewStatusX"]


def told(raw: str, hours: float, place: str = "") -> ScanFacts:
    state = STATES.get(raw, ParcelState.UNKNOWN)
    return ScanFacts(START + timedelta(hours=hours), state, raw, "lost", "", place, strange=raw not in STATES)


def at_random(seed: str) -> tuple[list[ScanFacts], list[list[ScanFacts]]]:
    """Ten scans, and the same as four fetches show them: in no order, some of them twice."""
    chance = random.Random(seed)
    scans = [told(chance.choice(RAW), chance.randrange(200), chance.choice(["", "Reno"])) for _ in range(10)]
    arrived = scans + chance.sample(scans, 4)
    chance.shuffle(arrived)
    cuts = [0, *sorted(chance.sample(range(1, 14), 3)), 14]
    return scans, [arrived[a:b] for a, b in itertools.pairwise(cuts)]


def end(fetches: Sequence[Sequence[ScanFacts]], start: str = "at_pharmacy") -> tuple[Any, ...]:
    """Where parcel and order stand after these fetches, moved by the very code that settling runs."""
    order = Order(status=start)
    shipment = Shipment(
        status=ShipmentStatus.LABEL_CREATED, labelled_at=START, tracking_code="1", carrier="USPS"
    )
    kept: dict[tuple[Any, ...], Scan] = {}
    gone = None
    for shown in fetches:
        for one in shown:
            scan = Scan(shipment_id=shipment.id, occurred_at=one.occurred_at, status=one.state.value,
                        raw_status=one.raw_status, detail=one.detail, place=one.place)  # fmt: skip
            kept.setdefault((one.occurred_at, one.raw_status, one.place), scan)
        gone = _take_in.stand(shipment, order, [*kept.values()], [shipment])
    db.session.expunge_all()  # the moves that were to be kept
    assert gone
    return (
        shipment.status,
        shipment.exception_code,
        shipment.last_scan_at,
        shipment.delivered_at,
        order.status,
        gone.came_back,
    )


@pytest.fixture
def unbound(house: House) -> Any:
    """Records that no database knows."""
    with house.app.app_context(), db.session.no_autoflush:
        yield


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
def test_every_status_of_the_vendor_leads_somewhere(unbound: Any, start: str) -> None:
    assert set(LEADS) == set(RAW)
    for raw, (status, order) in LEADS.items():
        found = end([[told("pre_transit", 0), told(raw, 1)]], start)
        assert (found[0], found[4]) == (status, start if order == "at_pharmacy" else order)
        assert (found[1] == "lost") == (status in ("exception", "returning")), raw


def test_any_five_scans_come_to_one_end_in_every_order_of_arrival(unbound: Any) -> None:
    chance = random.Random(5)
    for _ in range(12):
        five = [told(chance.choice(RAW), n) for n in range(5)]
        wanted = end([five])
        for order in itertools.permutations(five):
            assert end([[one] for one in order]) == wanted, [one.raw_status for one in order]


def test_two_hundred_random_orders_of_ten_with_duplicates_come_to_one_end(unbound: Any) -> None:
    for n in range(200):
        scans, fetches = at_random(f"suite {n}")
        assert end(fetches) == end([scans]), n


@pytest.mark.soak
def test_ten_thousand_random_orders_of_ten_come_to_one_end(unbound: Any) -> None:
    for n in range(10_000):
        scans, fetches = at_random(f"soak {n}")
        assert end(fetches, "submitted") == end([scans], "submitted"), n


@pytest.mark.soak
def test_every_five_statuses_in_every_order_come_to_one_end(unbound: Any) -> None:
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

    with house.app.app_context():
        for n in range(4):
            scans, fetches = at_random(f"database {n}")
            assert settled(fetches) == settled([scans]), n
