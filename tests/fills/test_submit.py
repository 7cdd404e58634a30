"""Sending an order to a pharmacy: once, to one that may ship there, whatever the wire does."""

from __future__ import annotations

import pytest

from ..house import House
from ..scenes import WINDOW, cases_of, denied, nothing_written, only_case, refused
from .scenes import at_pharmacy, look, made_up, order, pharmacies, submitted

CREATE = {"truepill": "POST /truepill/v1/orders", "honeybee": "POST /honeybee/orders"}


def test_it_goes_to_the_first_pharmacy_that_may_ship_there(house: House) -> None:
    ids = pharmacies(house)
    ready = order(house)
    seen = house.api().post(f"{ready['url']}/submit?preview=1", {}, 200)["preview"]
    assert [one["says"] for one in seen["promises"]] == [
        f"Truepill fills order {ready['reference']} and ships it to NV"
    ]
    assert seen["promises"][0]["to"] == "pharmacy-truepill" and seen["undo_for"] == 60
    fill = submitted(house, ready)
    assert (fill["status"], fill["pharmacy"]) == ("queued", f"/pharmacies/{ids['truepill']}")
    assert fill["why_here"] == "The first of 2 licensed in NV" and fill["number"] == 1
    assert made_up(house) == []
    house.advance(WINDOW)
    house.work()
    assert look(house, fill) == ("sent", "submitted")
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    house.later(700)
    house.later(7 * 3600)
    assert look(house, fill) == ("shipped", "shipped")
    now = house.api().get(fill["url"])
    assert now["tracking_number"].startswith("1Z") and now["carrier"] == "UPS" and now["final"]
    assert made_up(house) == [ready["reference"]]


def test_nothing_about_the_product_but_its_sku_goes_out(house: House) -> None:
    pharmacies(house)
    submitted(house, order(house))
    [promise] = house.rows("select arguments::text, says from promises where kind = 'fills.submit'")
    assert "NC60" in promise.arguments and "cream" not in promise.arguments + promise.says


def test_where_only_one_may_ship_it_goes_there(house: House) -> None:
    pharmacies(house)
    fill = submitted(house, order(house, state="CA"))
    assert fill["why_here"] == "The only one licensed in CA"
    house.later(WINDOW)
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    assert house.sandbox.ledger("fill")[0]["metadata"]["pharmacy"] == "honeybee"


@pytest.mark.parametrize("state", ["WY", "OR"])
def test_nobody_ships_where_no_licence_holds(house: House, state: str) -> None:
    pharmacies(house)
    ready = order(house, state=state)
    words = refused(house, house.api(), f"{ready['url']}/submit", {}, "no_pharmacy", "pharmacy")
    assert state in words


def test_a_chosen_pharmacy_must_be_licensed_too(house: House) -> None:
    ids = pharmacies(house)
    ready = order(house, state="CA")
    url = f"{ready['url']}/submit"
    words = refused(house, house.api(), url, {"pharmacy": ids["truepill"]}, "no_pharmacy", "pharmacy")
    assert "Who may: Honeybee" in words
    assert submitted(house, ready, pharmacy=f"/pharmacies/{ids['honeybee']}")["why_here"].startswith("Chosen")


def test_only_what_is_ready_and_has_no_fill_goes(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    unaddressed = house.order("60.00")
    refused(house, house.api(), f"{unaddressed['url']}/submit", {}, "no_ship_to")
    submitted(house, ready)
    words = refused(house, house.api(), f"{ready['url']}/submit", {}, "fill_there")
    assert "queued at Truepill" in words


def test_who_may_not_may_not(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    for role in ("finance", "auditor", "shop", "clinician"):
        denied(house, role, f"{ready['url']}/submit")


def test_a_second_click_is_one_fill(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    first = house.api().post(f"{ready['url']}/submit", {}, key="k1")
    with nothing_written(house):
        assert house.api().post(f"{ready['url']}/submit", {}, key="k1") == first
    house.later(WINDOW)
    assert len(made_up(house)) == 1


def test_a_banner_stops_it(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    house.api("ops_lead").post(
        f"{ready['url']}/banner", {"kind": "do_not_ship", "reason": "Asked us to wait"}
    )
    refused(house, house.api(), f"{ready['url']}/submit", {}, "blocked")


@pytest.mark.parametrize("where", ["truepill", "honeybee"])
def test_whatever_the_wire_does_one_fill_is_made_up(house: House, where: str) -> None:
    ids = pharmacies(house)
    faults = [
        {"kind": "lost_answer"}, {"kind": "garbage"}, {"kind": "error_500", "side": "after"}, {"kind": "rate_limit"},
        {"kind": "down"}, {"kind": "lost_answer", "side": "before"},
    ]  # fmt: skip
    ready = order(house)
    fill = submitted(house, ready, pharmacy=ids[where])
    for fault in faults:
        house.sandbox.fault(vendor=where, method=CREATE[where], times=1, **fault)
    house.sandbox.fault(vendor=where, kind="duplicate", method="webhook")
    house.sandbox.fault(vendor=where, kind="reorder", method="webhook")
    for _ in range(12):
        house.later(40)
    house.sandbox.clear_faults()
    house.later(3600)
    assert look(house, fill)[1] == "at_pharmacy"
    assert made_up(house) == [ready["reference"]]
    assert cases_of(house, fill["url"]) == []


def test_a_webhook_proves_what_no_answer_told(house: House) -> None:
    pharmacies(house)
    fill = submitted(house, order(house))
    house.sandbox.fault(vendor="truepill", kind="lost_answer", method=CREATE["truepill"])
    house.advance(WINDOW)
    house.work()
    house.sandbox.clear_faults()
    house.sandbox.fault(vendor="truepill", kind="down", method="POST *")
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    waits = house.api().get(f"/traces/{fill['trace']}")["waiting_for"]
    assert all(one.startswith("The pharmacy to ") for one in waits), (
        "no call waits, only what it is expected to do"
    )
    assert len(made_up(house)) == 1


def test_a_no_at_once_is_a_case_that_can_be_tried_again(house: House) -> None:
    """Truepill refuses what it cannot read: here an address without a street."""
    pharmacies(house)
    ready = order(house)
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(
            text("update orders set ship_to = ship_to - 'line1' || '{\"line1\": \"\"}'::jsonb")
        )
        db.session.commit()
    fill = submitted(house, ready)
    house.later(WINDOW)
    assert look(house, fill) == ("error", "manual_intervention")
    case = only_case(house, fill["url"])
    assert case["reason"] == "vendor_rejected" and made_up(house) == []
    refused(house, house.api(), f"{fill['url']}/resend", {}, "not_resendable")
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(text('update orders set ship_to = ship_to || \'{"line1": "1 Elm St"}\'::jsonb'))
        db.session.commit()
    house.api().post(f"{case['url']}/retry", {"reason": "The street is there now"})
    house.later(1)
    house.later(10)
    assert look(house, fill) == ("acknowledged", "at_pharmacy")
    assert len(made_up(house)) == 1


def test_the_page_sends_it(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    sam = house.page("support")
    assert "Send to pharmacy" in sam.get(ready["url"])
    assert "Truepill fills order" in sam.get(f"{ready['url']}/submit?pharmacy=")
    sam.submit(f"{ready['url']}/submit", {"pharmacy": "", "prescription": ""})
    assert sam.url.startswith("/fills/") and "Undo" in sam.html
    assert "At the pharmacy" in sam.get(ready["url"])
    fill = at_pharmacy(house, customer="cust-2")
    assert "acknowledged" in sam.get(fill["url"]).lower()
