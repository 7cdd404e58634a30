"""Scenes in which medicine may leave: everything is there, until a story takes something away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from opsconsole.models import (
    Customer,
    Pharmacy,
    PharmacyLicence,
    PharmacyOffer,
    Prescription,
    Product,
    Provider,
    ProviderLicence,
    StateRule,
)
from opsconsole.services import transaction

from ..house import House
from ..kept import scene

SKU, NPI = "NC-050-60", "1234567893"
HOME = {"name": "Jo Field", "line1": "1 Elm St", "city": "Reno", "state": "NV", "zip": "89501"}


def today(house: House) -> date:
    [row] = house.rows("select instant()::date as day")
    return date.fromisoformat(str(row.day))


@scene
def served(
    house: House, *, states: tuple[str, ...] = ("NV", "CA"), sku: str = SKU, pharmacy: bool = True
) -> None:
    """A product that needs a prescription, somebody who prescribes, the states' rules, and one pharmacy that has it."""
    day = today(house)
    with house.app.app_context(), transaction():
        Product(sku=sku, name="Night cream", kind="prescription", form="cream", strength=None,
                needs_prescription=True, active=True).add()  # fmt: skip
        doctor = Provider(name="Dr. Ada Lindqvist", npi=NPI, credential="MD", active=True).add()
        for state in states:
            ProviderLicence(
                provider_id=doctor.id, state=state, number=f"{state}-1", status="active", expires_on=None
            ).add()
            StateRule(
                state=state, modality="async_photo", min_age=18, id_check=False, prescription_days=365,
                effective_from=day - timedelta(days=900), effective_to=None, source="a test", signed_off_by="Dr. Ada",
            ).add()  # fmt: skip
        if not pharmacy:
            return
        where = Pharmacy(name="Truepill", adapter="truepill", active=True, rank=1).add()
        for state in states:
            PharmacyLicence(pharmacy_id=where.id, state=state, number=f"{state}-9", expires_on=None).add()
        PharmacyOffer(pharmacy_id=where.id, sku=sku, stock="in_stock", cost=2100, currency="usd").add()


@scene
def prescribed(
    house: House, customer: str = "cust-1", *, refills: int = 2, used: int = 0, days: int = 200, sku: str = SKU,
    status: str = "active", external_id: str = "rx-9",
) -> str:  # fmt: skip
    """A prescription of the customer whom the shop calls so. Its id."""
    with house.app.app_context(), transaction():
        buyer = house.rows("select id from customers where reference = :reference", reference=customer)[0].id
        doctor = house.rows("select id from providers order by created_at")[0].id
        assert Customer.get(buyer)
        rx = Prescription(
            status=status, customer_id=buyer, external_id=external_id, sku=sku, drug="Tretinoin 0.05 % cream", quantity=1,
            days_supply=60, refills_authorised=refills, fills_used=used, written_on=today(house) - timedelta(days=30),
            expires_on=today(house) + timedelta(days=days), provider_id=doctor, raw_status=status,
        ).add()  # fmt: skip
        return rx.id


@scene
def order(
    house: House, *, state: str = "NV", customer: str = "cust-1", sku: str = SKU, paid: bool = True
) -> Any:
    """An order of one piece. Its JSON."""
    house.orders += 1
    shop = house.api("shop")
    shop.post("/customers", {"reference": customer, "name": "Jo Field", "email": f"{customer}@example.test"})
    made = shop.post(
        "/orders",
        {
            "reference": f"R{house.orders:04}", "customer": customer, "total": "60.00",
            "lines": [{"sku": sku, "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}],
            "ship_to": HOME | {"state": state},
        } | ({"payment": house.pay(6000)} if paid else {}),
    )  # fmt: skip
    house.drain()
    return house.api().get(made["subject"])


def change(house: House, statement: str) -> None:
    """Something is otherwise than when the scene was set."""
    with house.app.app_context(), transaction():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(text(statement))
