"""Scenes of charges between invoices: programs send them, the clock adds them up, the processor is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from opsconsole.db import db, now
from opsconsole.jobs import schedule
from opsconsole.models import Invoice, InvoiceStatus

from ..house import House
from ..kept import scene
from ..scenes import processor

HOUR = 3600


@scene
def known_at_stripe(house: House) -> str:
    """A customer whom Stripe knows. Their page."""
    [customer] = several_at_stripe(house, 1)
    return customer


def several_at_stripe(house: House, many: int) -> Iterator[str]:
    """So many of them."""
    stripe, shop = processor(house), house.api("shop")
    for _ in range(many):
        made = stripe.customers.create({"name": "Jo Field"})
        told = {"reference": made.id, "name": "Jo Field", "external_ids": {"stripe": made.id}}
        yield str(shop.post("/customers", told)["subject"])
    house.drain()


def stripe_id(house: House, customer: str) -> str:
    return str(house.api().get(customer)["external_ids"]["stripe"])


def told(reference: str, amount: str = "5.00", **more: Any) -> dict[str, Any]:
    """One increment, as a program tells it."""
    return {
        "amount": amount, "currency": "usd", "description": "Cold packaging", "source": "shop", "reference": reference,
    } | more  # fmt: skip


@scene
def charge(house: House, customer: str, *amounts: str, first: int = 1, **more: Any) -> None:
    """These amounts at once, with references of their own."""
    asked = [told(f"{customer[-8:]}-{first + n}", amount, **more) for n, amount in enumerate(amounts)]
    house.api("shop").post(f"{customer}/charge", {"charges": asked})


def clock(house: House) -> None:
    """The clock comes by: what is due is added up."""
    with house.app.app_context():
        schedule._compile_charges()


@scene
def compiled(house: House) -> None:
    """An hour passes: everything that is pending goes to Stripe."""
    house.advance(HOUR)
    clock(house)
    all_out(house)


@scene
def all_out(house: House) -> None:
    """Workers go on until no batch is left to be sent, however slowly they may."""
    for _ in range(60):
        house.later(1)
        if not house.rows(
            "select 1 from promises where kind = 'billing.compile' and status in ('waiting', 'claimed')"
        ):
            return
    raise AssertionError("some batch never goes out")


def items(house: House, customer: str) -> list[Any]:
    """What waits at Stripe for the customer's next invoice, or is on one: the oldest first."""
    found = processor(house).invoice_items.list({"customer": stripe_id(house, customer), "limit": 100}).data
    return sorted(found, key=lambda one: str(one.id))


def amounts(house: House, customer: str) -> list[int]:
    return sorted(one.amount for one in items(house, customer))


@scene
def mirrored_draft(
    house: House,
    customer: str,
    *,
    external_id: str = "in_draft",
    item: str | None = None,
    finalises_in: int = 0,
) -> str:
    """An invoice of the customer as the mirror holds it, with that item as its line. Its id."""
    with house.app.app_context():
        at = now()
        made = Invoice(
            status=InvoiceStatus.DRAFT, customer_id=customer.rsplit("/", 1)[-1], external_id=external_id, currency="usd",
            subtotal=0, tax=0, total=0, due=0, paid=0, remaining=0, starting_balance=0, credited_before=0,
            credited_after=0, lines=[{"item": item}] if item else [], payments=[], fetched_at=at,
            auto_advance=bool(finalises_in), finalizes_at=at + timedelta(seconds=finalises_in) if finalises_in else None,
        ).add()  # fmt: skip
        db.session.commit()
        return made.id
