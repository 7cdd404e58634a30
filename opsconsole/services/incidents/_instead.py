"""What waits in front of somebody: which calls of a record a vendor keeps waiting, and what else they could do."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from ...db import db
from ...models import REGISTRY, Customer, Order, Promise, PromiseStatus, Record, locate

SHOWN = 5


def waiting(record: Record, ports: Collection[str]) -> Sequence[Promise]:
    """The calls about a record that have not been made to these ports, oldest first."""
    query = select(Promise).where(
        Promise.about.contains([record.id]),
        Promise.port.in_(ports),
        Promise.status.in_([PromiseStatus.WAITING, PromiseStatus.CLAIMED]),
    )
    return db.session.scalars(query.order_by(Promise.position).limit(SHOWN)).all()


def instead(port: str, subject_id: str | None) -> list[dict[str, str]]:
    """Other ways to the same end while a vendor is down, as {"says", "url"}: another pharmacy, store credit."""
    order, customer = _order(subject_id), _customer(subject_id)
    if port.startswith("pharmacy-") and order:
        return [{"says": "Send it to another pharmacy", "url": f"{locate(order)}/reroute"}]
    if port in ("payments", "billing") and customer:
        return [{"says": "Give store credit", "url": f"{locate(customer)}/grant"}]
    return []


def _order(subject_id: str | None) -> str | None:
    return _related(subject_id, Order.PREFIX, "order_id")


def _customer(subject_id: str | None) -> str | None:
    return _related(subject_id, Customer.PREFIX, "customer_id")


def _related(subject_id: str | None, prefix: str, field: str) -> str | None:
    """The record of that noun that a subject is, or belongs to."""
    if not subject_id:
        return None
    if subject_id.startswith(f"{prefix}_"):
        return subject_id
    noun = REGISTRY.get(subject_id.partition("_")[0])
    record = noun.get(subject_id) if noun else None
    return getattr(record, field, None)
