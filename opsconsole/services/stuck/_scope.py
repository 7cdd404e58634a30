"""Whom a look is about, and the rows that a rule finds there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, null, or_, select, true
from sqlalchemy.types import DateTime

from ...models import Order, Record

INSTANT = DateTime(timezone=True)


@dataclass(frozen=True)
class Scope:
    """Everybody; or these `customers` and these `records`, which belong to nobody. `now` is the instant of the look: no rule
    asks what time it is to find something, only to count what else happened today.

    All that is about one customer is looked at together, so that of an order and its refund one stands before the other.
    """

    now: datetime
    customers: frozenset[str] | None = None
    records: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        return self.customers is None

    def holds(self, customer_id: Any, subject_id: Any) -> ColumnElement[bool]:
        """Is a row of that customer, or that record of nobody's, looked at?"""
        if self.customers is None:
            return true()
        return or_(customer_id.in_(self.customers), subject_id.in_(self.records))

    def rows(
        self,
        subject: type[Record],
        *,
        since: Any,
        order: Any = None,
        customer: Any = None,
        ball: Any = None,
        team: Any = None,
        vendor: Any = None,
        pharmacy: Any = None,
        sku: Any = None,
        fires: Any = None,
        breaches: Any = None,
        **details: Any,
    ) -> Select[Any]:
        """The beginning of a rule's statement: one row per subject that waits, whether or not it has waited too long.

        `since` is when the wait began. `fires` and `breaches` are instants that stand in the data (a promised day); without
        them both come from the service level. `ball`, `team` and `vendor` are given where they are not the rule's own.
        `order` and `customer` are columns; the subject's own are taken unless given. `details` are what the sentence needs:
        columns of ids, codes, numbers and instants, no health data.
        """
        of: Any = subject
        if order is None:
            order = of.id if subject is Order else getattr(subject, "order_id", null())
        if customer is None:
            customer = getattr(subject, "customer_id", null())
        pairs = [part for name, value in details.items() for part in (literal(name, String), value)]
        return select(
            of.id.label("subject_id"),
            literal(subject.PREFIX, String).label("prefix"),
            cast(order, String).label("order_id"),
            cast(customer, String).label("customer_id"),
            cast(since, INSTANT).label("since"),
            cast(ball, String).label("ball"),
            cast(team, String).label("team"),
            cast(vendor, String).label("vendor"),
            cast(pharmacy, String).label("pharmacy_id"),
            cast(sku, String).label("sku"),
            cast(fires, INSTANT).label("fires"),
            cast(breaches, INSTANT).label("breaches"),
            func.jsonb_build_object(*pairs).label("details"),
        ).where(self.holds(customer, of.id))
