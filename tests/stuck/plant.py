"""Rows put straight into the tables, as they stand when something does not go on: a world in milliseconds.

Each world names what it is about: `firing(plant)` and `near_miss(plant)` return the id of the subject. In the first the
rule of the file's name is the one cause; in the second nothing of it is found, or not yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from opsconsole.models import Customer, Fill, Order, OrderStatus, Pharmacy, Record

from .plant_care import CarePlant
from .plant_goods import Goods
from .plant_money import MoneyPlant


class Plant(CarePlant, Goods, MoneyPlant):
    """`now` is the instant of the look; `ago` and `ahead` are counted from it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def ago(self, **span: float) -> datetime:
        return self.now - timedelta(**span)

    def ahead(self, **span: float) -> datetime:
        return self.now + timedelta(**span)

    @staticmethod
    def word() -> str:
        """Something that no other row has."""
        return uuid4().hex[:12]

    def customer(self, **more: Any) -> Customer:
        return Customer(
            **{
                "reference": f"cust-{self.word()}",
                "name": "Jo Field",
                "email": f"{self.word()}@example.test",
                **more,
            }
        ).add()

    def order(
        self,
        status: OrderStatus = OrderStatus.READY,
        since: datetime | None = None,
        *,
        customer: Customer | None = None,
        paid: bool = True,
        **more: Any,
    ) -> Order:
        """An order that stands at `status` since then; paid unless said otherwise."""
        since = since or self.ago(hours=1)
        whose = customer or self.customer()
        made = Order(
            **{
                "status": status, "status_since": since, "created_at": since - timedelta(hours=1),
                "placed_at": since - timedelta(hours=1), "customer_id": whose.id, "reference": f"R-{self.word()}",
                "currency": "usd", "subtotal": 6000, "shipping": 0, "tax": 0, "discount": 0, "total": 6000,
                "kind": "first_order", "payment_status": "unpaid", "address_verdict": "verified", **more,
            }
        ).add()  # fmt: skip
        if paid:
            self.payment(made)
        return made

    def payment(self, order: Order | None, status: str = "succeeded", **more: Any) -> Record:
        from opsconsole.models import Payment

        taken = 6000 if status == "succeeded" else 0
        return Payment(
            **{
                "status": status, "order_id": order.id if order else None,
                "customer_id": order.customer_id if order else None, "external_id": f"pi_{self.word()}",
                "raw_status": status, "currency": "usd", "amount": 6000, "captured": taken, "disputed": 0,
                "fetched_at": self.now, **more,
            }
        ).add()  # fmt: skip

    def pharmacy(self, adapter: str = "truepill", **more: Any) -> Pharmacy:
        return Pharmacy(
            **{"name": f"Pharmacy {self.word()}", "adapter": adapter, "active": True, "rank": 1, **more}
        ).add()

    def fill(
        self, order: Order, status: str, since: datetime, *, pharmacy: Pharmacy | None = None, **more: Any
    ) -> Fill:
        return Fill(
            **{
                "status": status, "status_since": since, "created_at": since, "order_id": order.id,
                "customer_id": order.customer_id, "pharmacy_id": (pharmacy or self.pharmacy()).id,
                "prescription_id": f"rx-{self.word()}", "number": 1, "items": [], "line_set": self.word(),
                "why": "a test", "by": "a test", "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip
