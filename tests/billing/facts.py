"""Invoices as Stripe would show them, made by hand: for what the sandbox does not do by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from opsconsole.db import db
from opsconsole.models import ExternalId, Invoice
from opsconsole.services import STRIPE, billing
from opsconsole.vendors.billing import InvoiceFacts, InvoiceLineFacts, InvoiceState

from ..house import House

THEN = datetime(2026, 11, 20, 12, tzinfo=UTC)


def line(id: str = "il_1", amount: int = 60_00, **more: Any) -> InvoiceLineFacts:
    values: dict[str, Any] = {
        "description": "Night cream, every 60 days", "quantity": 1, "price": "price_nc60", "item": None,
        "subscription_item": "si_1", "proration": False, "period_start": THEN, "period_end": THEN + timedelta(days=60),
    }  # fmt: skip
    return InvoiceLineFacts(id, amount, **values | more)


def facts(id: str = "in_1", state: str = "draft", **more: Any) -> InvoiceFacts:
    """A draft of $60.00 that goes out in an hour, unless `more` says otherwise."""
    draft = state == "draft"
    values: dict[str, Any] = {
        "customer": "cus_1", "currency": "usd", "created_at": THEN, "billing_reason": "subscription_cycle",
        "subtotal": 60_00, "total": 60_00, "due": 60_00, "paid": 60_00 if state == "paid" else 0,
        "remaining": 0 if state in ("paid", "void") else 60_00, "auto_advance": draft,
        "finalizes_at": THEN + timedelta(hours=1) if draft else None, "number": None if draft else f"F-{id[3:]}",
        "lines": (line(),),
    }  # fmt: skip
    known = state if state in list(InvoiceState) else "unknown"
    return InvoiceFacts(id=id, state=InvoiceState(known), raw_status=state, **values | more)


def settled(house: House, found: InvoiceFacts, *, after: float = 0, external: str | None = None) -> str:
    """Have the console hear of it, `after` so many seconds. Returns our invoice's id, empty where there is none."""
    with house.app.app_context():
        made = billing.settle(
            external or found.id, facts=found, fetched_at=THEN + timedelta(seconds=after), by=STRIPE
        )
        return made.id if made else ""


def known_at_stripe(house: House, customer_id: str, external_id: str = "cus_1") -> None:
    """Stripe knows a customer of ours by that id."""
    with house.app.app_context():
        db.session.add(ExternalId(customer_id=customer_id, system="stripe", external_id=external_id))
        db.session.commit()


def fields(house: House, invoice_id: str, *names: str) -> Mapping[str, Any]:
    with house.app.app_context():
        invoice = Invoice.require(invoice_id)
        return {name: getattr(invoice, name) for name in names}
