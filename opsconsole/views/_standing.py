"""The banners over what a page shows: read in one statement, whatever the page then asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import g

from ..models import Banner, Customer, Order, Record, Subscription
from ..services import banners
from ._browser import at, now


def expect_banners(records: Iterable[Any]) -> None:
    """All these things will be told of: the first that is asked for its banners reads those of all."""
    g.setdefault("banners_of", set()).update(id for record in records if (id := _customer_of(record)))


def _of(customer_id: str) -> Sequence[Banner]:
    known: dict[str, Sequence[Banner]] = g.setdefault("banners", {})
    if customer_id not in known:
        known.update(banners.of_customers({customer_id, *g.get("banners_of", ())} - known.keys()))
    return known[customer_id]


def standing(record: Record | None) -> Sequence[Banner]:
    """What stands over a thing, oldest first: on itself, its order, its customer; over a customer also what stands
    on their orders."""
    owner = _customer_of(record)
    if record is None or owner is None:
        return []
    found = _of(owner)
    return found if isinstance(record, Customer) else [one for one in found if _counts_for(record, one)]


def _counts_for(record: Record, banner: Banner) -> bool:
    """What a bank says of one payment of a customer counts for all of their subscriptions."""
    of_all = isinstance(record, Subscription) and banners.KINDS[banner.kind].by_facts
    return of_all or banner.subject_id in record.related()


def why_blocked(record: Record, act: str) -> str | None:
    """Why a banner blocks an act on a thing, for the button that is greyed then. The act itself asks again."""
    if act not in banners.WATCHED:
        return None
    kinds = banners.blockers(act)
    blocking = [
        one
        for one in standing(record)
        if one.kind in kinds and _counts_for(record, one) and not one.is_aside(now())
    ]
    return banners.why(blocking) if blocking else None


def told_banners(record: Record) -> list[dict[str, Any]]:
    """The banners of a thing as its JSON lists them."""
    return [
        {
            "id": one.id, "url": one.url, "kind": one.kind, "says": banners.KINDS[one.kind].says, "reason": one.reason,
            "on": f"/{'orders' if one.subject_id.startswith(Order.PREFIX) else 'customers'}/{one.subject_id}",
            "blocks": [] if one.is_aside(now()) else sorted(banners.KINDS[one.kind].blocks),
            "warns": sorted(banners.KINDS[one.kind].warns), "since": one.created_at.isoformat(), "due_at": at(one.due_at),
            "set_aside_until": at(one.set_aside_until) if one.is_aside(now()) else None,
        }
        for one in standing(record)
    ]  # fmt: skip


def _customer_of(record: Any) -> str | None:
    return record.id if isinstance(record, Customer) else getattr(record, "customer_id", None)
