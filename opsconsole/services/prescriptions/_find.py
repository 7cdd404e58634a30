"""Reading prescriptions, and what was asked about them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement

from ...db import instant
from ...models import Prescription, PrescriptionRequest, PrescriptionStatus, RequestKind, RequestStatus
from .._find import Filter, Listing, among, exactly, one_of_ours, yes


def _expiring(value: str) -> ColumnElement[bool]:
    if not value.isdigit() or int(value) > 3650:
        raise ValueError("Write a number of days, like 45.")
    days = int(value)
    soon = (instant() + timedelta(days=days)).cast(Prescription.expires_on.type)
    return (Prescription.status == PrescriptionStatus.ACTIVE) & (Prescription.expires_on <= soon)


LIST = Listing(
    Prescription,
    {
        "status": among(Prescription.status, PrescriptionStatus, "Whether it can be filled."),
        "customer": one_of_ours(Prescription.customer_id, "Whose; an id or its URL."),
        "provider": one_of_ours(Prescription.provider_id, "Who prescribed; an id or its URL."),
        "sku": exactly(Prescription.sku, "For which product, by our own number of it."),
        "unmapped": yes(Prescription.sku.is_(None), "Nobody has said yet for which product it is."),
        "expiring": Filter(
            _expiring,
            "Can be filled, and its last day is within so many days.",
            few=True,
            choices=("30", "45", "90"),
        ),
        "external_id": exactly(Prescription.external_id, "The healthcare vendor's id.", few=True),
    },
)
find = LIST.find
REQUESTS = Listing(
    PrescriptionRequest,
    {
        "status": among(PrescriptionRequest.status, RequestStatus, "How far it has come."),
        "kind": Filter(
            lambda value: PrescriptionRequest.kind == value, "What was asked.", choices=tuple(RequestKind)
        ),
        "customer": one_of_ours(PrescriptionRequest.customer_id, "Whose; an id or its URL."),
        "prescription": one_of_ours(
            PrescriptionRequest.prescription_id, "About which one; an id or its URL."
        ),
    },
)
find_requests = REQUESTS.find
