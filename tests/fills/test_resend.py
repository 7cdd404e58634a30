"""Sending a fill again: never beside a live copy."""

from __future__ import annotations

import pytest

from ..house import House
from ..scenes import WINDOW, cases_of, denied, nothing_written, only_case, refused
from .scenes import at_pharmacy, look, made_up, order, pharmacies, submitted


def cured(house: House) -> None:
    """From now on nothing becomes of this order's fills but what should."""
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(text("update orders set ship_to = ship_to - 'line2'"))
        db.session.commit()


def test_what_was_put_right_goes_again_and_its_case_closes(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    assert only_case(house, fill["url"])["suggests"]["url"] == f"{fill['url']}/resend"
    cured(house)
    house.api("support").post(f"{fill['url']}/resend")
    house.later(1)
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    assert cases_of(house, fill["url"]) == []
    again = house.api().get(fill["url"])
    assert again["external_id"] != fill["external_id"] and again["exception"] is None


def test_it_may_go_to_another_pharmacy(house: House) -> None:
    ids = pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R3")
    cured(house)
    house.api().post(f"{fill['url']}/resend", {"pharmacy": ids["honeybee"]})
    house.later(1)
    house.later(10)
    now = house.api().get(fill["url"])
    assert (now["status"], now["pharmacy"]) == ("acknowledged", f"/pharmacies/{ids['honeybee']}")
    live = [one["metadata"]["pharmacy"] for one in house.sandbox.ledger("fill")]
    assert live == ["truepill", "honeybee"], "the first was taken in and ended in an error"


@pytest.mark.parametrize("fate", ["TRIAGE T005", "", "STALL"])
def test_never_beside_a_copy_that_lives(house: House, fate: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate=fate)
    refused(house, house.api(), f"{fill['url']}/resend", {}, "not_resendable")
    assert len(made_up(house)) == 1


def test_not_before_its_day(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR 79")
    assert fill["exception"]["due_on"]
    refused(house, house.api(), f"{fill['url']}/resend", {}, "too_soon")
    cured(house)
    house.later(10 * 86400)
    house.api().post(f"{fill['url']}/resend")


def test_what_only_a_clinician_can_put_right_is_warned_of(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R024")
    seen = house.api().post(f"{fill['url']}/resend?preview=1", {}, 200)["preview"]
    assert "clinician" in seen["warnings"][0]


def test_an_old_copy_told_of_again_does_not_disturb_the_new_one(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    cured(house)
    house.api().post(f"{fill['url']}/resend")
    house.sandbox.webhooks.redeliver("truepill", None, 2, house.sandbox.clock.now())
    house.drain()
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy") and cases_of(house, fill["url"]) == []


def test_who_may_not_may_not_and_a_second_click_is_one(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    for role in ("clinician", "finance", "auditor", "shop"):
        denied(house, role, f"{fill['url']}/resend")
    cured(house)
    first = house.api().post(f"{fill['url']}/resend", {}, key="k")
    with nothing_written(house):
        assert house.api().post(f"{fill['url']}/resend", {}, key="k") == first
    house.later(20)
    assert len(made_up(house)) == 2


def test_the_page_says_what_is_wrong_and_resends(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    cured(house)
    sam = house.page("support")
    assert "cannot ship to this address" in sam.get(fill["url"])
    sam.get(f"{fill['url']}/resend?pharmacy=")
    sam.submit(f"{fill['url']}/resend", {"pharmacy": ""})
    assert sam.url == fill["url"]
    queued = submitted(house, order(house, customer="cust-9"))
    assert house.api().get(queued["url"])["status"] == "queued" and WINDOW
