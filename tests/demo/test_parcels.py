"""Orders of the demo that are on their way or lately arrived have parcels, the same here and at EasyPost."""

from __future__ import annotations

from datetime import UTC, datetime

from opsconsole.demo._parcels import parcel, rows, told_to_easypost
from opsconsole.demo._story import person
from opsconsole.models import OrderStatus, Scan, Shipment
from opsconsole.services.shipments import way

UNTIL = datetime(2026, 11, 21, tzinfo=UTC)


def test_they_tell_the_same_story_on_both_sides() -> None:
    seen: set[OrderStatus] = set()
    for one in (person(i, UNTIL) for i in range(300)):
        theirs = {line["id"]: line for line in told_to_easypost(one, UNTIL)}
        for order in one.orders:
            made = [*rows(order, one, UNTIL)]
            if order.status not in (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED):
                assert made == []
                continue
            seen.add(order.status)
            assert made == [*rows(order, one, UNTIL)], "the same arguments make the same rows"
            shipment = next(row for model, row in made if model is Shipment)
            scans = [Scan(**row) for model, row in made if model is Scan]
            gone = way(shipment["labelled_at"], scans)
            assert (gone.status, gone.delivered_at) == (shipment["status"], shipment["delivered_at"])
            assert all(shipment["scans_from"] <= scan.occurred_at <= UNTIL for scan in scans)
            tracker = theirs.pop(shipment["external_id"])
            assert tracker["tracking_code"] == shipment["tracking_code"]
            assert [scan["at"] for scan in tracker["scans"]] == [
                scan.occurred_at.isoformat() for scan in scans
            ]
        assert theirs == {}
    assert OrderStatus.SHIPPED in seen and OrderStatus.DELIVERED in seen


def test_their_numbers_are_some_that_carriers_make() -> None:
    codes = [
        made.code for i in range(60) for order in person(i, UNTIL).orders if (made := parcel(order, UNTIL))
    ]
    usps = [code for code in codes if code.startswith("94")]
    assert usps and len(set(codes)) == len(codes)
    for code in usps:
        assert sum(int(digit) * (1, 3)[n % 2] for n, digit in enumerate(reversed(code))) % 10 == 0, code
