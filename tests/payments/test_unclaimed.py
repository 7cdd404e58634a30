"""Money came in and nobody knows what for: after a little patience it is a case."""

from __future__ import annotations

from opsconsole.jobs import run_due

from ..house import House


def clock(house: House) -> None:
    with house.app.app_context():
        run_due()


def test_a_payment_without_an_order_is_one_case_until_an_order_claims_it(house: House) -> None:
    api, paid = house.api(), house.pay(2500)
    house.drain()
    clock(house)
    assert api.get("/cases")["items"] == []  # the shop may be about to tell us
    house.advance(180)
    clock(house)
    house.advance(180)
    clock(house)
    [case] = api.get("/cases?status=open")["items"]
    assert (
        case["reason"] == "payment_without_order" and "$25.00 was paid with Visa ending 4242" in case["says"]
    )
    api.post("/customers", {"reference": "c", "name": "Jo"})
    lines = [{"sku": "A", "name": "A", "quantity": 1, "unit_price": "25.00"}]
    api.post(
        "/orders", {"reference": "O", "customer": "c", "lines": lines, "total": "25.00", "payment": paid}
    )
    assert api.get(case["url"])["outcome"] == "an order claimed it"
    house.advance(180)
    clock(house)
    assert api.get("/cases?status=open")["items"] == []
