"""What a clinician has to have answered, and who is too young: of the patient, not of a prescription."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import or_, select

from ...db import db
from ...models import (
    VISIT_DECIDED,
    Customer,
    Decision,
    DecisionKind,
    Product,
    StateRule,
    Visit,
    VisitKind,
    VisitStatus,
)
from ..orders import Holder
from ..prescriptions import flags_against
from ._asked import Asked
from ._blocker import Blocker, Fix

_DECIDE = (
    DecisionKind.APPROVE,
    DecisionKind.APPROVE_WITH_CHANGES,
    DecisionKind.DENY,
    DecisionKind.TAKEN_BACK,
)


def clinical(asked: Asked, products: Mapping[str, Product], rule: StateRule | None) -> Iterator[Blocker]:
    """A review that was denied, flags that block, and age. Four statements at most."""
    needing = [one for one in products.values() if one.needs_prescription]
    if _denied(asked):
        words = "A clinician said no to it. It never ships: give back what was paid."
        yield Blocker("review_denied", "approved", words, Holder.US, _see(asked))
    if flags_against(asked.customer_id, asked.order, products.values()):
        words = "A clinical flag stands. A clinician has to resolve it before anything ships."
        fix = Fix("", f"/review-flags?customer={asked.customer_id}", "See the flags")
        yield Blocker("clinical_flag", "clinical", words, Holder.CLINIC, fix)
    yield from _too_young(asked, needing, rule)


def _denied(asked: Asked) -> bool:
    """The last thing that a clinician decided about this order, or about the customer at large, was a no."""
    last = (
        select(Decision.kind)
        .where(Decision.visit_id == Visit.id, Decision.kind.in_(_DECIDE))
        .order_by(Decision.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(Visit.status, last).where(
        Visit.customer_id == asked.customer_id,
        Visit.kind != VisitKind.RX_REQUEST,
        Visit.status.in_(VISIT_DECIDED),
        or_(Visit.order_id.is_(None), Visit.order_id == (asked.order.id if asked.order else None)),
    )
    found = db.session.execute(query.order_by(Visit.decided_at.desc().nulls_last(), Visit.id.desc()).limit(1))
    row = found.first()
    return row is not None and (row[0] == VisitStatus.DENIED or row[1] == DecisionKind.DENY)


def age_on(born: date, on: date) -> int:
    """Years, as the law counts them: who was born on 29 February has had the birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def born(customer_id: str) -> date | None:
    """None where nobody told: then no age is checked, and the gate says so."""
    told = Customer.require(customer_id).birth_date
    return date.fromisoformat(told) if told else None


def _too_young(asked: Asked, needing: list[Product], rule: StateRule | None) -> Iterator[Blocker]:
    by_products = max((product.min_age or 0 for product in needing), default=0)
    by_state = rule.min_age if rule and needing else 0
    day = born(asked.customer_id) if by_products or by_state else None
    if day is None:
        return
    age = age_on(day, asked.on)
    fix = Fix("", f"/customers/{asked.customer_id}", "See the customer")
    if age < by_state and asked.ship_to:
        words = f"By the birth date that we hold, the customer is too young for care at a distance in {asked.ship_to.state}."
        yield Blocker("too_young_for_state", "clinical", words, Holder.CLINIC, fix)
    elif age < by_products:
        words = "By the birth date that we hold, the customer is too young for it. A clinician has to decide."
        yield Blocker("too_young", "clinical", words, Holder.CLINIC, fix)


def _see(asked: Asked) -> Fix:
    return Fix("", f"/customers/{asked.customer_id}", "See the customer")
