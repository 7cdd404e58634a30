"""What must never be, written straight into the tables: no act of the console leads there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from opsconsole.db import db
from opsconsole.models import (
    Change,
    Decision,
    Fill,
    Invoice,
    Message,
    Payment,
    Prescription,
    PrescriptionRequest,
    Product,
    Profile,
    Record,
    Refund,
    Subscription,
    SubscriptionItem,
    Visit,
)
from opsconsole.services import transaction
from opsconsole.services.harm import GUARDS

from ..gates.scenes import SKU, order, prescribed, served
from ..house import House
from ..kept import scene

Made = dict[str, Record]
NOW = datetime.now(UTC)


@scene
def ready(house: House) -> Any:
    """An order that may go to a pharmacy. Its JSON."""
    served(house)
    made = order(house)
    prescribed(house)
    return made


def write(house: House, *rows: Callable[[], Record]) -> list[str]:
    """Put these into the database as they are. Their ids."""
    with house.app.app_context(), transaction():
        return [row().add().id for row in rows]


def alter(house: House, query: str, **values: Any) -> None:
    with house.app.app_context():
        db.session.execute(text(query), values)
        db.session.commit()


def broken(house: House, code: str) -> list[str]:
    """The subjects of what breaks a guard now."""
    with house.app.app_context():
        found = [one.subject for one in GUARDS[code].broken(db.session.connection())]
        db.session.rollback()
        return found


def customer(house: House) -> str:
    return str(house.rows("select id from customers order by created_at limit 1")[0].id)


def rx(whose: str, external_id: str, **more: Any) -> Callable[[], Prescription]:
    return lambda: Prescription(
        status="active", customer_id=whose, external_id=external_id, drug="Cream",
        **{"sku": SKU, "refills_authorised": 2, "fills_used": 0, "quantity": 1, **more},
    )  # fmt: skip


def request(rx_id: str, whose: str, kind: str, status: str) -> Callable[[], PrescriptionRequest]:
    return lambda: PrescriptionRequest(
        status=status, kind=kind, customer_id=whose, prescription_id=rx_id, says="asked", by="a test", by_id="a test",
        trace_id="trc_test",
    )  # fmt: skip


def fill(
    order_id: str, whose: str, pharmacy: str, status: str, external_id: str = "rx-9"
) -> Callable[[], Fill]:
    return lambda: Fill(
        status=status, order_id=order_id, customer_id=whose, pharmacy_id=pharmacy, prescription_id=external_id, number=1,
        items=[], line_set=external_id, why="a test", by="a test", trace_id="trc_test",
    )  # fmt: skip


def visit(order_id: str, whose: str, status: str = "denied") -> Callable[[], Visit]:
    return lambda: Visit(
        status=status, kind="initial", customer_id=whose, order_id=order_id, patient_state="NV"
    )


def decision(visit_id: str, whose: str, number: int, kind: str) -> Callable[[], Decision]:
    return lambda: Decision(
        visit_id=visit_id, customer_id=whose, number=number, kind=kind, content="{}", hash="0" * 64,
        signed_at=NOW + timedelta(minutes=number), by="a test", by_id="a test", trace_id="trc_test",
    )  # fmt: skip


def subscription(whose: str, external_id: str = "sub_1", **more: Any) -> Callable[[], Subscription]:
    return lambda: Subscription(
        **{
            "status": "active", "effective": "active", "customer_id": whose, "external_id": external_id,
            "external_customer": "cus_1", "currency": "usd", "started_at": NOW, "anchor_at": NOW,
            "next_charge_at": NOW + timedelta(days=3), "fetched_at": NOW, **more,
        }
    )  # fmt: skip


def item(
    subscription_id: str, external_id: str = "si_1", key: str = "price_1"
) -> Callable[[], SubscriptionItem]:
    def made() -> SubscriptionItem:
        product = db.session.query(Product).filter_by(sku=SKU).one()
        return SubscriptionItem(
            subscription_id=subscription_id, external_id=external_id, price_key=key, product_id=product.id, quantity=1,
            currency="usd", amount=6000, period_start=NOW, period_end=NOW + timedelta(days=60),
        )  # fmt: skip

    return made


def invoice(subscription_id: str, whose: str, **more: Any) -> Callable[[], Invoice]:
    sums = dict.fromkeys(
        (
            "subtotal", "tax", "due", "paid", "remaining", "starting_balance", "credited_before", "credited_after",
        ), 0,
    )  # fmt: skip
    return lambda: Invoice(
        **{
            "status": "draft", "customer_id": whose, "subscription_id": subscription_id, "external_id": "in_1",
            "currency": "usd", "total": 6000, "lines": [], "payments": [], "fetched_at": NOW, "auto_advance": True,
            "finalizes_at": NOW + timedelta(minutes=5), **sums, **more,
        }
    )  # fmt: skip


def change(subscription_id: str, whose: str, verb: str, status: str = "planned") -> Callable[[], Change]:
    return lambda: Change(
        status=status, verb=verb, subscription_id=subscription_id, customer_id=whose, method="m", arguments={},
        says="a change", by="a test", by_id="a test", trace_id="trc_test",
    )  # fmt: skip


def message(whose: str, template: str, status: str = "planned") -> Callable[[], Message]:
    return lambda: Message(
        status=status, customer_id=whose, template=template, data={}, to_address="jo@example.test", by="a test",
        trace_id="trc_test",
    )  # fmt: skip


def opted_out(whose: str) -> Callable[[], Profile]:
    return lambda: Profile(
        customer_id=whose,
        system="customerio",
        external_id=whose,
        facts={"unsubscribed": True},
        fetched_at=NOW,
    )


def payment(whose: str, captured: int) -> Callable[[], Payment]:
    return lambda: Payment(
        status="succeeded", customer_id=whose, external_id="pi_harm", raw_status="succeeded", currency="usd",
        amount=captured, captured=captured, disputed=0,
    )  # fmt: skip


def refund(payment_id: str, whose: str, amount: int, status: str = "succeeded") -> Callable[[], Refund]:
    return lambda: Refund(
        status=status, payment_id=payment_id, customer_id=whose, currency="usd", amount=amount, reason="goodwill",
        by="a test", trace_id="trc_test",
    )  # fmt: skip


__all__ = [
    "alter", "broken", "change", "customer", "decision", "fill", "invoice", "item", "message", "opted_out",
    "payment", "ready", "refund", "request", "rx", "subscription", "visit", "write",
]  # fmt: skip
