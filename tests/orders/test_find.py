"""Finding orders: by their three axes and dates, sorted, and those that were ticked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from opsconsole.db import db
from opsconsole.models import (
    Customer,
    FulfilmentStatus,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    fulfilment_of,
)

from ..house import Api, House
from ..scenes import WINDOW, issue

DAY = datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC)


def placed(api: Api, number: int, at: datetime, amount: str = "10.00") -> str:
    """An order that nobody paid. Returns its id."""
    api.post("/customers", {"reference": "c-1", "name": "Jo Field"})
    lines = [{"sku": "A", "name": "Cream", "quantity": 1, "unit_price": amount}]
    told = {"reference": f"O-{number}", "customer": "c-1", "lines": lines, "total": amount}
    return str(api.post("/orders", {**told, "placed_at": at.isoformat()})["subject"].rsplit("/", 1)[-1])


def found(api: Api, query: str) -> list[str]:
    return [one["reference"] for one in api.get(f"/orders?{query}")["items"]]


def test_by_the_days_on_which_they_were_placed(house: House) -> None:
    api = house.api()
    for number in range(4):
        placed(api, number, DAY + timedelta(seconds=number) * (86400 if number > 1 else 1))
    assert found(api, "placed_from=2026-11-02&sort=placed_at") == ["O-1", "O-2", "O-3"]
    assert found(api, "placed_until=2026-11-01") == ["O-0"]
    assert found(api, "placed_from=2026-11-02&placed_until=2026-11-03") == ["O-2", "O-1"]
    for wrong in ("yesterday", "2026-02-30", "9999-12-31"):
        assert set(api.get(f"/orders?placed_until={wrong}", 422)["errors"]) == {"placed_until"}
    assert found(api, "placed_from=9999-12-31") == []


def test_sorted_by_total_or_instant_both_ways(house: House) -> None:
    api = house.api()
    for number, amount in enumerate(("20.00", "5.00", "20.00", "100.00")):
        placed(api, number, DAY + timedelta(days=number), amount)
    assert found(api, "") == found(api, "sort=-placed_at") == ["O-3", "O-2", "O-1", "O-0"]
    assert found(api, "sort=placed_at") == ["O-0", "O-1", "O-2", "O-3"]
    assert found(api, "sort=-total") == ["O-3", "O-2", "O-0", "O-1"]
    assert found(api, "sort=total&status=awaiting_payment") == ["O-1", "O-0", "O-2", "O-3"]


def test_ticked_rows_are_a_list_of_their_own(house: House) -> None:
    api, sam = house.api(), house.page("support")
    ids = [placed(api, number, DAY + timedelta(days=number)) for number in range(4)]
    wanted = [ids[0], ids[2]]
    assert found(api, f"ids={','.join(wanted)}") == ["O-2", "O-0"]
    assert found(api, "&".join(f"ids={id}" for id in wanted)) == ["O-2", "O-0"]
    assert found(api, "ids=ord_nothing") == []
    assert set(api.get(f"/orders?ids={','.join(f'ord_{n}' for n in range(51))}", 422)["errors"]) == {"ids"}
    page = sam.get("/orders")
    assert all(f"name=ids value={id} " in page for id in ids) and "Show only these" in page
    few = sam.get("/orders?" + "&".join(f"ids={id}" for id in wanted))
    assert "O-2" in few and "O-1" not in few and " ".join(wanted) in few
    for noun in ("/refunds", "/cases"):
        assert house.api().get(f"{noun}?ids=x_1,x_2")["items"] == []


def test_three_axes_follow_the_money_and_the_parcel(house: House) -> None:
    api, sam = house.api(), house.page("support")
    order = house.order("60.00")
    assert (order["status"], order["payment_status"], order["fulfilment_status"]) == (
        "ready",
        "paid",
        "unfulfilled",
    )
    for amount, becomes in (("10.00", "partially_refunded"), ("50.00", "refunded")):
        before = api.get(order["url"])["payment_status"]
        issue(house, order, amount)
        assert api.get(order["url"])["payment_status"] == before  # a refund that has not left changes nothing
        house.later(WINDOW)
        assert api.get(order["url"])["payment_status"] == becomes
        assert found(api, f"payment_status={becomes}") == [order["reference"]]
        assert found(api, f"payment_status={before}") == []
    assert "Refunded" in sam.get("/orders?payment_status=refunded")
    disputed = house.order("60.00", method="pm_card_createDispute")
    assert api.get(disputed["url"])["payment_status"] == "disputed"


def test_what_is_free_is_paid_and_what_nobody_paid_is_not(house: House) -> None:
    api = house.api()
    ids = placed(api, 1, DAY, "0.00"), placed(api, 2, DAY)
    assert [api.get(f"/orders/{id}")["payment_status"] for id in ids] == ["paid", "unpaid"]


def test_every_status_of_an_order_says_where_the_goods_are() -> None:
    assert {fulfilment_of(status) for status in OrderStatus} == set(FulfilmentStatus)


money = st.integers(0, 300)
writes = st.lists(
    st.one_of(
        st.tuples(st.just("paid"), st.integers(0, 2), money, money),
        st.tuples(
            st.just("refund"), st.integers(0, 2), st.integers(1, 200), st.sampled_from([*RefundStatus])
        ),
        st.tuples(st.just("moved"), st.integers(0, 5), st.just(0), st.sampled_from([*RefundStatus])),
    ),
    max_size=8,
)


def derived(order: Order) -> str:
    """The payment axis as the help texts put it, worked out from the rows."""
    of_order = list(db.session.scalars(select(Payment).where(Payment.order_id == order.id)))
    captured, disputed = (sum(getattr(one, name) for one in of_order) for name in ("captured", "disputed"))
    back = sum(
        refund.amount
        for refund in db.session.scalars(select(Refund).where(Refund.order_id == order.id))
        if refund.status == "succeeded"
    )
    if disputed:
        return "disputed"
    if not captured:
        return "unpaid" if order.total else "paid"
    if back:
        return "refunded" if back >= captured else "partially_refunded"
    return "paid" if captured >= order.total else "partially_paid"


def test_the_payment_axis_is_true_after_every_write(house: House) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
    @given(st.sampled_from([0, 100, 200]), writes)
    def holds(total: int, steps: list[tuple[str, int, int, Any]]) -> None:
        with house.app.app_context():
            try:
                _walk(total, steps)
            finally:
                db.session.rollback()

    holds()


def _walk(total: int, steps: list[tuple[str, int, int, Any]]) -> None:
    customer = Customer(reference="w", name="Jo", email=None, phone=None).add()
    order = Order(
        status=OrderStatus.AWAITING_PAYMENT, customer_id=customer.id, reference="W", currency="usd", subtotal=total,
        shipping=0, tax=0, discount=0, total=total, placed_at=DAY,
    ).add()  # fmt: skip
    payments = [
        Payment(
            status=PaymentStatus.EXPECTED, external_id=f"pi_{n}", customer_id=customer.id, currency="usd", amount=100,
            captured=0, disputed=0,
        ).add()
        for n in range(3)
    ]  # fmt: skip
    refunds: list[Refund] = []
    for what, nth, amount, more in steps:
        if what == "paid":
            payment = payments[nth]
            payment.order_id, payment.captured, payment.disputed = order.id, amount, more
        elif what == "refund":
            made = Refund(
                status=more, payment_id=payments[nth].id, order_id=order.id, currency="usd", amount=amount,
                reason="goodwill", by="test", trace_id="trc_test",
            )  # fmt: skip
            refunds.append(made.add())
        elif nth < len(refunds) and more in Refund.MOVES[refunds[nth].state]:
            refunds[nth].move_to(more)
        db.session.flush()
        db.session.refresh(order)
        assert order.payment_status == derived(order)
