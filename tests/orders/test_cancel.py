"""Calling an order off before it is handed over."""

from __future__ import annotations

import pytest

from opsconsole.db import db
from opsconsole.models import Order, OrderStatus

from ..fills.scenes import at_pharmacy, look, order, pharmacies, submitted
from ..house import House
from ..scenes import WINDOW, cases_of, denied, invalid, issue, nothing_written, only_case, refused
from .test_hold import held

ASKED = {"reason": "customer_request"}


def put(house: House, url: str, status: OrderStatus) -> None:
    """An order as it stands later, when vendors have moved it."""
    with house.app.app_context():
        db.session.execute(
            db.update(Order).where(Order.id == url.rsplit("/", 1)[-1]).values(status=status.value)
        )
        db.session.commit()


def test_it_is_over_and_the_preview_says_what_money_stays(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    seen = api.post(f"{order['url']}/cancel?preview=1", ASKED, 200)["preview"]
    assert any("60.00" in words and "refund it" in words for words in seen["warnings"])
    api.post(f"{order['url']}/cancel", ASKED, match=seen["hash"])
    now = api.get(order["url"])
    assert (now["status"], now["fulfilment_status"], now["payment_status"]) == (
        "canceled",
        "canceled",
        "paid",
    )
    issue(house, order, "60.00")  # and the money can still be given back
    assert not api.post(f"{house.order('5.00')['url']}/cancel?preview=1", ASKED, 200)["preview"]["promises"]


def test_one_that_is_held_ends_with_its_hold(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    held(house, order)
    api.post(f"{order['url']}/cancel", ASKED)
    assert api.get(order["url"])["hold"] is None
    assert house.rows("select status from holds") == [("canceled",)]
    assert not cases_of(house, order["url"])


@pytest.mark.parametrize(
    "status", ["submitted", "at_pharmacy", "shipped", "delivered", "canceled", "rejected"]
)
def test_after_hand_over_it_is_refused_in_words(house: House, status: str) -> None:
    order, api = house.order("60.00"), house.api()
    put(house, order["url"], OrderStatus(status))
    words = refused(house, api, f"{order['url']}/cancel", ASKED, "not_cancelable")
    assert "any more" in words
    acts = {act["act"]: act for act in api.get(order["url"])["acts"]}
    assert not acts["orders.cancel"]["allowed"] and acts["orders.cancel"]["why_not"]


def test_what_is_needed_and_who_may(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    invalid(house, api, f"{order['url']}/cancel", {}, "reason")
    invalid(house, api, f"{order['url']}/cancel", {"reason": "because"}, "reason")
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, f"{order['url']}/cancel", ASKED)


def test_the_second_click_changes_nothing(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    first = api.post(f"{order['url']}/cancel", ASKED, key="one")
    with nothing_written(house):
        assert api.post(f"{order['url']}/cancel", ASKED, key="one") == first


def test_sam_cancels_one(house: House) -> None:
    order, sam = house.order("60.00"), house.page("support")
    sam.get(f"{order['url']}/cancel")
    assert "stays with us" in sam.submit(f"{order['url']}/cancel?preview=1", ASKED)
    sam.submit(f"{order['url']}/cancel", ASKED)
    assert "Canceled" in sam.get(order["url"])


def test_what_the_pharmacy_has_it_is_asked_to_stop(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    url, api = fill["order"], house.api()
    seen = api.post(f"{url}/cancel?preview=1", ASKED, 200)["preview"]
    assert any("The pharmacy has it and decides" in words for words in seen["warnings"])
    assert [promise["due_in"] for promise in seen["promises"]] == [0]
    api.post(f"{url}/cancel", ASKED, match=seen["hash"])
    told = api.get(url)
    assert (told["status"], told["ball"]["who"]) == ("at_pharmacy", "pharmacy")
    assert "asked to stop" in told["ball"]["says"] and told["lanes"][2]["state"] == "stopping"
    assert "The pharmacy was asked to stop" in house.page("support").get(url)
    refused(house, api, f"{url}/cancel", ASKED, "not_cancelable")
    assert not next(act for act in api.get(url)["acts"] if act["act"] == "orders.cancel")["allowed"]
    house.later(1)
    house.later(5)
    assert look(house, fill) == ("canceled", "canceled")
    assert len(house.sandbox.ledger("fill_cancel")) == 1 and api.get(url)["payment_status"] == "paid"


def test_what_was_sent_and_not_confirmed_is_stopped_too(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    fill = submitted(house, ready)
    house.later(WINDOW)
    assert look(house, fill)[1] == "submitted"
    house.api().post(f"{ready['url']}/cancel", ASKED)
    house.later(1)
    house.later(10)
    assert look(house, fill) == ("canceled", "canceled")


@pytest.mark.parametrize(
    ("ships", "end"), [(False, ("cancel_denied", "at_pharmacy")), (True, ("shipped", "shipped"))]
)
def test_it_ends_as_the_pharmacy_says_with_a_case(house: House, ships: bool, end: tuple[str, str]) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    house.later(700)
    house.api().post(f"{fill['order']}/cancel", ASKED)
    if ships:
        house.sandbox.truepill.move(fill["external_id"], "shipped")
    house.later(1)
    house.later(5)
    assert look(house, fill) == end
    assert only_case(house, fill["url"])["reason"] == ("shipped_after_cancel" if ships else "cancel_denied")
    if ships:
        said = refused(house, house.api(), f"{fill['order']}/cancel", ASKED, "not_cancelable")
        assert "have the carrier stop its parcel, or give the money back" in said
    else:  # a no is no end: they can be asked again
        house.api().post(f"{fill['order']}/cancel", ASKED)


def test_what_the_pharmacy_never_took_is_canceled_at_once(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, fate="ERROR R2")
    assert look(house, fill)[1] == "manual_intervention"
    done = house.api().post(f"{fill['order']}/cancel", ASKED)
    assert done["promises"] == [] and look(house, fill) == ("canceled", "canceled")


def test_the_pharmacys_no_is_a_case_and_writes_the_order_as_it_was(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    with house.sandbox.store.transaction() as db:
        db.execute("delete from tp_orders")
    house.api().post(f"{fill['order']}/cancel", ASKED)
    house.later(1)
    assert look(house, fill) == ("cancel_denied", "at_pharmacy")
    assert only_case(house, fill["url"])["reason"] == "vendor_rejected"


def test_holding_what_is_at_the_pharmacy_names_what_can_be_done(house: House) -> None:
    from .test_hold import in_days

    pharmacies(house)
    fill = at_pharmacy(house)
    asked = {"reason": "other", "until": in_days(house, 1)}
    said = refused(house, house.api(), f"{fill['order']}/hold", asked, "not_holdable")
    assert "asked to stop on its fill, or by canceling the order" in said


def test_sam_cancels_one_that_the_pharmacy_has(house: House) -> None:
    pharmacies(house)
    fill, sam = at_pharmacy(house), house.page("support")
    assert "they decide" in sam.get(f"{fill['order']}/cancel")
    assert "is asked to stop the fill" in sam.submit(f"{fill['order']}/cancel?preview=1", ASKED)
    sam.submit(f"{fill['order']}/cancel", ASKED)
    assert "The pharmacy was asked to stop" in sam.get(fill["order"])
