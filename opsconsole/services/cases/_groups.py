"""Cases of one cause, counted together: ten thousand failures are a dozen causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true

from ... import vendors
from ...db import db
from ...models import REGISTRY, Case, CaseStatus, Customer, Order

AT_MOST = 200  # groups that are shown
_NAMES = {"payments": "Stripe", "crm": "Customer.io", "tracking": "EasyPost", "email": "the mail server"}


@dataclass(frozen=True)
class Group:
    """The open cases of one fingerprint. `customers` and `orders` are how many of each they are about, `says` is the newest
    one's evidence."""

    fingerprint: str
    vendor: str | None
    reason: str
    team: str
    count: int
    first_at: datetime
    last_at: datetime
    due_at: datetime
    customers: int
    orders: int
    unowned: int

    @property
    def step(self) -> str:
        """Where it went wrong, as the fingerprint's last part says it: "submit_fill"; "" where that is an id."""
        last = self.fingerprint.rpartition(":")[2]
        return "" if last.partition("_")[0] in REGISTRY or last == self.reason else last


def groups(*, team: str | None = None, at_most: int = AT_MOST) -> Sequence[Group]:
    """Every cause with open cases, the most urgent first. One statement; `team` is a code of Team."""
    about = func.unnest(Case.about).table_valued("id").render_derived(name="hit")  # a lateral join

    def hit(prefix: str) -> Any:
        return func.count(about.c.id.distinct()).filter(about.c.id.startswith(f"{prefix}_"))

    one: Any = func.count(Case.id.distinct())
    query = (
        select(
            Case.fingerprint, func.min(Case.vendor), func.min(Case.reason), func.min(Case.team), one,
            func.min(Case.created_at), func.max(Case.created_at), func.min(Case.due_at),
            hit(Customer.PREFIX), hit(Order.PREFIX), one.filter(Case.owner_id.is_(None)),
        )
        .join_from(Case, about, true(), isouter=True)
        .where(Case.status == CaseStatus.OPEN)
        .group_by(Case.fingerprint)
        .order_by(func.min(Case.urgency), Case.fingerprint)
        .limit(at_most)
    )  # fmt: skip
    if team:
        query = query.where(Case.team == team)
    return [Group(*row) for row in db.session.connection().execute(query)]


def vendor_name(vendor: str | None) -> str:
    """What people call the system at fault; "" where none is."""
    return (_NAMES.get(vendor) or vendors.name_of(vendor)) if vendor else ""


def vendors_of_open() -> list[str]:
    """The systems at fault in open cases, as a filter offers them."""
    query = select(Case.vendor).where(Case.status == CaseStatus.OPEN, Case.vendor.is_not(None)).distinct()
    return sorted(vendor for vendor in db.session.scalars(query) if vendor)
