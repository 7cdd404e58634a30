"""When customers have no medicine left: what was dispensed last, and for how many days it is."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date

from sqlalchemy import ARRAY, Date, String, bindparam, cast, func, select

from ...db import db
from ...models import Dispense, DispenseStatus, Prescription

_PARCEL = 3  # days from the counter to the customer, as a rule


def runs_out(customers: Set[str]) -> Mapping[str, date]:
    """The last day on which these customers have medicine, of those of whom a dispense was told. Of several
    prescriptions the one that runs out first counts."""
    if not customers:
        return {}
    whose = func.unnest(bindparam("whose", [*customers], ARRAY(String))).table_valued("id").render_derived()
    days = func.coalesce(Dispense.days_supply, Prescription.days_supply)
    last = (
        select(
            Dispense.customer_id,
            Dispense.prescription_id,
            func.max(cast(Dispense.dispensed_at, Date) + days + _PARCEL).label("until"),
        )
        .join(whose, whose.c.id == Dispense.customer_id)
        .join(Prescription, Prescription.id == Dispense.prescription_id)
        .where(
            Dispense.status == DispenseStatus.DISPENSED,
            Dispense.dispensed_at.is_not(None),
            days.is_not(None),
        )
        .group_by(Dispense.customer_id, Dispense.prescription_id)
    )
    found = last.subquery()
    query = select(found.c.customer_id, func.min(found.c.until)).group_by(found.c.customer_id)
    return {row[0]: row[1] for row in db.session.connection().execute(query)}
