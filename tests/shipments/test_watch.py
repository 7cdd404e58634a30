"""Noticing what nobody tells: five thresholds, by carrier and service, in days on which the carrier works."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from opsconsole.lib.calendar import HOLIDAYS, days_off, over
from opsconsole.models import Shipment
from opsconsole.services import shipments

from ..house import House
from ..scenes import cases_of, only_case
from .scenes import followed, scan, until


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(status: str, labelled: str, last_scan: str | None = None, **more: object) -> dict[str, datetime]:
    """When which threshold passes, for a parcel as told."""
    told = {"carrier": "UPS", "service": "Ground", "promised_on": None, **more}
    parcel = Shipment(
        status=status, labelled_at=at(labelled), last_scan_at=at(last_scan) if last_scan else None, **told
    )
    return {code: instant for instant, code in shipments.thresholds(parcel).ahead}


# 2026: 21 Nov is a Saturday, 26 Nov Thanksgiving, 11 Nov Veterans Day, 4 Jul a Saturday
@pytest.mark.parametrize(
    ("carrier", "labelled", "passes"),
    [
        ("UPS", "2026-11-16T15:00", "2026-11-19T15:00"),  # Monday to Thursday: 72 hours
        ("UPS", "2026-11-19T15:00", "2026-11-24T15:00"),  # over a weekend
        ("USPS", "2026-11-19T15:00", "2026-11-23T15:00"),  # which USPS works on Saturday of
        ("UPS", "2026-11-24T15:00", "2026-11-30T15:00"),  # over Thanksgiving and a weekend
        ("USPS", "2026-11-24T15:00", "2026-11-28T15:00"),
        ("USPS", "2026-11-09T15:00", "2026-11-13T15:00"),  # Veterans Day is none of UPS's
        ("UPS", "2026-11-09T15:00", "2026-11-12T15:00"),
        ("UPS", "2026-12-23T15:00", "2026-12-29T15:00"),  # Christmas on a Friday
        ("USPS", "2027-07-02T15:00", "2027-07-07T15:00"),  # the Fourth on a Sunday is kept on Monday
    ],
)
def test_a_label_is_scanned_within_three_working_days(carrier: str, labelled: str, passes: str) -> None:
    assert due("label_created", labelled, carrier=carrier) == {"not_scanned": at(passes)}


def test_a_parcel_under_way_is_scanned_every_five_working_days_and_there_in_ten() -> None:
    found = due("in_transit", "2026-11-16T15:00", "2026-11-18T09:00")
    # five: 19, 20, 23, 24, 25; ten: 17, 18, 19, 20, 23, 24, 25, 27, 30, 1 Dec
    assert found == {"no_movement": at("2026-11-25T09:00"), "too_long": at("2026-12-01T15:00")}
    for status in ("out_for_delivery", "attempted", "pickup_ready", "unknown"):
        assert due(status, "2026-11-16T15:00", "2026-11-18T09:00") == found


def test_faster_services_are_due_sooner() -> None:
    monday = "2026-11-16T15:00"
    assert due("label_created", monday, service="NextDayAir") == {"not_scanned": at("2026-11-17T15:00")}
    found = due("in_transit", monday, monday, service="NextDayAir")
    assert found == {"no_movement": at("2026-11-17T15:00"), "too_long": at("2026-11-19T15:00")}
    other = due("in_transit", monday, monday, carrier="OnTrac", service="Whatever")
    assert other["no_movement"] == at("2026-11-23T15:00")


def test_a_promised_day_is_over_when_it_is_over_everywhere() -> None:
    found = due("in_transit", "2026-11-16T15:00", "2026-11-18T09:00", promised_on=date(2026, 11, 19))
    assert found["past_promise"] == at("2026-11-20T10:00") == over(date(2026, 11, 19))
    assert due("label_created", "2026-11-16T15:00", promised_on=date(2026, 11, 17))["past_promise"]


@pytest.mark.parametrize("status", ["delivered", "exception", "returning", "returned", "voided"])
def test_what_arrived_or_is_a_case_already_is_not_waited_for(status: str) -> None:
    assert due(status, "2026-11-16T15:00", promised_on=date(2026, 11, 17)) == {}


def test_holidays_are_those_of_the_law() -> None:
    found = sorted(days_off(2026, frozenset(HOLIDAYS)))
    assert [day.strftime("%m-%d") for day in found] == [
        "01-01", "01-19", "02-16", "05-25", "06-19", "07-04", "09-07", "10-12", "11-11", "11-26", "12-25",
    ]  # fmt: skip


def test_a_late_parcel_is_one_case_that_ends_when_it_moves(house: House) -> None:
    parcel = followed(house)
    with house.app.app_context():
        ahead = shipments.thresholds(Shipment.require(parcel["id"])).ahead
    until(house, ahead[0][0], after=-timedelta(minutes=10))
    assert (house.api().get(parcel["url"])["late"], cases_of(house, parcel["url"])) == (None, [])
    until(house, ahead[0][0])
    until(house, ahead[0][0] + timedelta(minutes=10))
    case = only_case(house, parcel["url"])
    assert (case["reason"], "has not scanned" in case["says"]) == ("parcel_late", True)
    late = house.api().get(parcel["url"])
    assert late["late"] == ahead[0][1]
    assert [one["id"] for one in house.api().get("/shipments?late=yes")["items"]] == [parcel["id"]]
    assert "Late" in house.page().get("/shipments?late=yes")
    moved = scan(house, parcel, "in_transit")
    assert (moved["late"], cases_of(house, parcel["url"])) == (None, [])
    with house.app.app_context():
        [*_, (last, _code)] = shipments.thresholds(Shipment.require(parcel["id"])).ahead
    until(house, last)
    assert only_case(house, parcel["url"])["reason"] == "parcel_late"
    scan(house, parcel, "delivered")
    assert cases_of(house, parcel["url"]) == []
