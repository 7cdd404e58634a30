"""Whether a prescription that was sent has reached its pharmacy, and which one that is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from ....models import (
    UNUSED,
    Dispense,
    Fill,
    FillStatus,
    Pharmacy,
    Prescription,
    PrescriptionRequest,
)

_TAKEN = (
    FillStatus.ACKNOWLEDGED,
    FillStatus.FILLING,
    FillStatus.DISPENSED,
    FillStatus.PARTIAL,
    FillStatus.SHIPPED,
)


def reached() -> ColumnElement[bool]:
    """Has a pharmacy taken something up from the prescription since this was asked?"""
    asked = PrescriptionRequest.created_at
    return or_(
        exists().where(
            Fill.customer_id == Prescription.customer_id, Fill.prescription_id == Prescription.external_id,
            Fill.status.in_(_TAKEN), Fill.status_since > asked,
        ),
        exists().where(
            Dispense.prescription_external_id == Prescription.external_id, Dispense.created_at > asked,
            Dispense.status.not_in(UNUSED),
        ),
    )  # fmt: skip


def its_pharmacy() -> tuple[Any, Any]:
    """A pharmacy, and on what it is joined to prescriptions: where the last fill of each is."""
    there, of = aliased(Pharmacy), aliased(Fill)
    last = (
        select(of.pharmacy_id)
        .where(of.customer_id == Prescription.customer_id, of.prescription_id == Prescription.external_id)
        .order_by(of.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return there, there.id == last
