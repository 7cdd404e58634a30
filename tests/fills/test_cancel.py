"""Asking a pharmacy to stop: it always ends as the pharmacy says."""

from __future__ import annotations

import pytest

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, only_case, refused
from .scenes import at_pharmacy, look, order, pharmacies, submitted

WHY = {"reason": "customer_asked"}


@pytest.mark.parametrize("state", ["NV", "CA"])
def test_in_time_the_order_is_canceled(house: House, state: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state=state)
    house.api("support").post(f"{fill['url']}/cancel", WHY)
    house.later(1)
    house.later(5)
    assert look(house, fill) == ("canceled", "canceled")
    assert len(house.sandbox.ledger("fill_cancel")) == 1 and cases_of(house, fill["url"]) == []


@pytest.mark.parametrize("state", ["NV", "CA"])
def test_too_late_is_a_case_and_it_ships(house: House, state: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state=state)
    house.later(700)
    assert look(house, fill)[0] == "filling"
    house.api().post(f"{fill['url']}/cancel", WHY)
    house.later(1)
    house.later(5)
    assert look(house, fill) == ("cancel_denied", "at_pharmacy")
    assert only_case(house, fill["url"])["reason"] == "cancel_denied"
    house.later(7 * 3600)
    assert look(house, fill) == ("shipped", "shipped")


@pytest.mark.parametrize("state", ["NV", "CA"])
def test_a_ship_event_that_races_it_wins(house: House, state: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state=state)
    house.later(700)
    house.api().post(f"{fill['url']}/cancel", WHY)
    where = house.sandbox.truepill if state == "NV" else house.sandbox.honeybee
    where.move(fill["external_id"], "shipped" if state == "NV" else "Shipped")
    house.later(1)
    house.later(5)
    assert look(house, fill) == ("shipped", "shipped")


@pytest.mark.parametrize("state", ["NV", "CA"])
def test_a_lost_answer_asks_once(house: House, state: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state=state)
    house.sandbox.fault(vendor="*", kind="lost_answer", method="POST */cancel", times=1)
    house.api().post(f"{fill['url']}/cancel", WHY)
    for _ in range(3):
        house.later(1)
    house.later(5)
    assert look(house, fill) == ("canceled", "canceled")
    assert len(house.sandbox.ledger("fill_cancel")) == 1


def test_what_never_got_there_is_canceled_at_once(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    done = house.api().post(f"{fill['url']}/cancel", WHY)
    assert done["promises"] == [] and look(house, fill) == ("canceled", "canceled")


def test_refusals_write_nothing(house: House) -> None:
    pharmacies(house)
    queued = submitted(house, order(house))
    refused(house, house.api(), f"{queued['url']}/cancel", WHY, "not_cancelable")
    fill = at_pharmacy(house, customer="cust-2")
    invalid(house, house.api(), f"{fill['url']}/cancel", {"reason": "because"}, "reason")
    house.later(700)
    house.later(7 * 3600)
    refused(house, house.api(), f"{fill['url']}/cancel", WHY, "not_cancelable")
    for role in ("finance", "auditor", "shop"):
        denied(house, role, f"{fill['url']}/cancel", WHY)


def test_a_second_click_asks_once(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    first = house.api().post(f"{fill['url']}/cancel", WHY, key="k")
    with nothing_written(house):
        assert house.api().post(f"{fill['url']}/cancel", WHY, key="k") == first
    refused(house, house.api(), f"{fill['url']}/cancel", WHY, "not_cancelable")
    house.later(1)
    house.later(5)
    assert len(house.sandbox.ledger("fill_cancel")) == 1


def test_the_pharmacys_no_to_the_question_is_a_case(house: House) -> None:
    """It does not know the order any more."""
    pharmacies(house)
    fill = at_pharmacy(house)
    with house.sandbox.store.transaction() as db:
        db.execute("delete from tp_orders")
    house.api().post(f"{fill['url']}/cancel", WHY)
    house.later(1)
    assert look(house, fill) == ("cancel_denied", "at_pharmacy")
    assert only_case(house, fill["url"])["reason"] == "vendor_rejected"
