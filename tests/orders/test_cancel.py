"""Calling an order off before it is handed over."""

from __future__ import annotations

import pytest

from opsconsole.db import db
from opsconsole.models import Order, OrderStatus

from ..house import House
from ..scenes import cases_of, denied, invalid, issue, nothing_written, refused
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
