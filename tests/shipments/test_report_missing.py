"""What a customer says of a parcel that the carrier calls delivered: it counts as missing until it is made good or found."""

from __future__ import annotations

from opsconsole.db import db
from opsconsole.models import Stuck
from opsconsole.services import stuck, transaction

from ..house import House
from ..scenes import denied, nothing_written, refused
from .scenes import followed, scan


def cause(house: House, order: str) -> str | None:
    """What the next look finds of an order."""
    with house.app.app_context(), transaction():
        stuck.diagnose()
        found = db.session.scalars(
            db.select(Stuck).where(Stuck.order_id == order.rsplit("/", 1)[-1], Stuck.ended_at.is_(None))
        ).all()
        return found[0].code if found else None


def test_it_is_a_cause_until_it_turned_up(house: House) -> None:
    parcel = followed(house)
    with nothing_written(house):
        refused(house, house.api("support"), f"{parcel['url']}/report_missing", {}, "not_delivered")
    house.later(3600)
    parcel = scan(house, parcel, "delivered")
    assert cause(house, parcel["order"]) is None
    with nothing_written(house):
        preview = house.api("support").post(f"{parcel['url']}/report_missing?preview=1", {}, 200)["preview"]
        assert [one["field"] for one in preview["changes"]] == ["missing_at"] and not preview["promises"]
    sam = house.page("support")
    assert "did not come" in sam.get(f"{parcel['url']}/report_missing")
    sam.submit(f"{parcel['url']}/report_missing", {})
    assert "counts as missing" in sam.html and "the customer says so" in sam.get(parcel["url"])
    assert "did not come" in sam.html  # its timeline
    parcel = house.api().get(parcel["url"])
    assert parcel["missing_at"] and cause(house, parcel["order"]) == "SHP.NOT_RECEIVED"
    refused(house, house.api("support"), f"{parcel['url']}/report_missing", {}, "reported_already")
    house.api("support").post(f"{parcel['url']}/turned_up", {})
    assert house.api().get(parcel["url"])["missing_at"] is None
    assert cause(house, parcel["order"]) is None
    refused(house, house.api("support"), f"{parcel['url']}/turned_up", {}, "not_reported")


def test_only_who_talks_to_customers_does_it(house: House) -> None:
    parcel = scan(house, followed(house), "delivered")
    for role in ("finance", "clinician", "auditor"):
        denied(house, role, f"{parcel['url']}/report_missing")
        denied(house, role, f"{parcel['url']}/turned_up")
