"""Scenes that stories about replacements begin with."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from werkzeug.test import TestResponse

from opsconsole.db import db
from opsconsole.models import (
    LicenceStatus,
    Modality,
    Prescription,
    PrescriptionStatus,
    Provider,
    ProviderLicence,
    StateRule,
)
from opsconsole.services import transaction

from ..attachments.scenes import attached, photo
from ..fills.scenes import order as ready
from ..fills.scenes import pharmacies, submitted
from ..house import TOKENS, House
from ..kept import scene
from ..scenes import WINDOW

RX = "rx-100"  # the prescription, as pharmacies know it
SHIPPED = 8 * 3600  # seconds after which the sandbox's pharmacies have shipped what they took


@scene
def shipped(house: House, *, state: str = "NV", customer: str = "cust-1") -> Any:
    """An order whose fill has left a pharmacy, with its parcel. Its JSON. The pharmacies are there before."""
    order = ready(house, state=state, customer=customer)
    house.sandbox.easypost.plan("never_scanned")
    submitted(house, order)
    house.later(WINDOW)
    house.later(SHIPPED)
    found = house.api().get(order["url"])
    assert found["status"] == "shipped", found["status"]
    return found


@scene
def lost(house: House, **more: Any) -> Any:
    """The same, ready to be replaced: the pharmacies are made too."""
    pharmacies(house)
    return shipped(house, **more)


def replace(
    house: House,
    order: Any,
    reason: str = "lost_in_transit",
    role: str = "demo",
    status: int = 201,
    **more: Any,
) -> Any:
    """Replace an order. Returns the act's answer."""
    return house.api(role).post(f"{order['url']}/replace", {"reason": reason, **more}, status)


@scene
def replaced(house: House, order: Any, reason: str = "lost_in_transit", **more: Any) -> Any:
    """Its replacement's JSON."""
    return house.api().get(replace(house, order, reason, **more)["subject"])


def with_photo(house: House, order: Any) -> list[str]:
    return [attached(house, order["url"])]


def upload(
    house: House,
    order: Any,
    content: bytes | None = None,
    *,
    reason: str = "damaged",
    query: str = "",
    role: str = "demo",
    key: str = "",
    status: int = 201,
) -> Any:
    """Replace an order with a photo in the same form, as a program does."""
    headers = {"Authorization": f"Bearer {TOKENS[role]}", "Accept": "application/json"}
    answer: TestResponse = house.app.test_client(use_cookies=False).post(
        f"{order['url']}/replace{query}",
        data={"reason": reason, "photos": (io.BytesIO(photo() if content is None else content), "photo.jpg")},
        headers=headers | ({"Idempotency-Key": key} if key else {}),
    )  # fmt: skip
    assert answer.status_code == status, (answer.status_code, answer.get_data(as_text=True)[:500])
    return answer.get_json()


@scene
def prescribed(house: House, *, refills: int = 2, customer: str = "cust-1") -> None:
    """What the shop sells needs a prescription now, and the customer has one that can be filled in NV."""
    shop, today = house.api("shop"), date.today()
    shop.post(
        "/products",
        {"sku": "NC60", "name": "Night cream", "kind": "prescription", "needs_prescription": True},
    )
    done = shop.post(
        "/customers", {"reference": customer, "name": "Jo Field", "email": f"{customer}@example.test"}
    )
    with house.app.app_context(), transaction():
        provider = Provider(name="Ada Lindqvist", npi="1234567893", credential="MD", active=True).add()
        ProviderLicence(
            provider_id=provider.id, state="NV", number="NV-1", status=LicenceStatus.ACTIVE, expires_on=None
        ).add()
        StateRule(
            state="NV", modality=Modality.ASYNC_PHOTO, min_age=18, id_check=False, prescription_days=365,
            effective_from=today - timedelta(days=900), effective_to=None, source="NRS 629", signed_off_by="Ada",
        ).add()  # fmt: skip
        Prescription(
            status=PrescriptionStatus.ACTIVE, customer_id=done["subject"].rsplit("/", 1)[-1], external_id=RX, sku="NC60",
            drug="Tretinoin", quantity=1, days_supply=60, refills_authorised=refills, fills_used=0,
            written_on=today - timedelta(days=20), expires_on=today + timedelta(days=200), provider_id=provider.id,
        ).add()  # fmt: skip


def policy(house: House, *, free: bool) -> None:
    """Whether the pharmacies make good what they spoil."""
    execute(house, "update pharmacies set replaces_free = :free", free=free)


def execute(house: House, statement: str, **values: Any) -> None:
    with house.app.app_context():
        db.session.execute(text(statement), values)
        db.session.commit()


def made_of(house: House, replacement: Any) -> Any:
    """The new order's JSON."""
    return house.api().get(replacement["new_order"])
