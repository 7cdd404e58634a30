"""Where a prescription stands: what the vendor says, and what follows from what else is known. A function of the rows
alone, so that it does not matter in which order they came to be."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from ...db import db
from ...models import UNUSED, Customer, Dispense, Fill, Prescription, PrescriptionStatus, StateRule

_S = PrescriptionStatus
YEAR = 365  # days, where no state says otherwise: domain.md 1.7
_BEHIND = timedelta(hours=10)  # a day has passed for everybody once it has in Hawaii
#: The vendor's word for these is the same whether another one took its place or not.
_GIVEN_UP = (_S.DEPLETED, _S.DISCONTINUED, _S.CANCELLED)
#: What was never signed, or should never have been, takes nobody's place.
_NO_SUCCESSOR = (_S.DRAFT, _S.PENDING_SIGNATURE, _S.ENTERED_IN_ERROR, _S.UNKNOWN)


def today(now: datetime) -> date:
    """The day that counts for last days."""
    return (now - _BEHIND).date()


def work_out(rx: Prescription, now: datetime) -> None:
    """Bring expiry, fills and status of a locked prescription up to what is known."""
    if rx.source_status:
        rx.expires_on = _last_day(rx)
    rx.fills_used = _used(rx)
    rx.move_to(_status(rx, today(now)))


def _status(rx: Prescription, on: date) -> PrescriptionStatus:
    told = _S(rx.source_status or rx.status)
    if told in _GIVEN_UP and _replaced(rx):
        return _S.SUPERSEDED
    if told in (_S.ACTIVE, _S.ON_HOLD) and rx.expires_on and rx.expires_on < on:
        return _S.EXPIRED
    if told is _S.ACTIVE and rx.fills_used >= rx.fills_authorised:
        return _S.DEPLETED
    return told


def _replaced(rx: Prescription) -> bool:
    newer = select(Prescription.id).where(
        Prescription.prior_external_id == rx.external_id, Prescription.source_status.not_in(_NO_SUCCESSOR)
    )
    return db.session.scalar(newer.limit(1)) is not None


def _last_day(rx: Prescription) -> date | None:
    """The vendor's, or that of the state where the patient lives, whichever comes first."""
    if rx.written_on is None:
        return rx.source_expires_on
    ships_to = Customer.require(rx.customer_id).ships_to
    rule = StateRule.of(ships_to.state, rx.written_on) if ships_to else None
    by_state = rx.written_on + timedelta(days=rule.prescription_days if rule else YEAR)
    return min(by_state, rx.source_expires_on or by_state)


def _used(rx: Prescription) -> int:
    """The fills that were told of. What a pharmacy made good by a fill of ours uses none; those that only we know of yet
    are counted by `services.gates`."""
    query = (
        select(func.count())
        .select_from(Dispense)
        .join(Fill, Fill.id == Dispense.fill_id, isouter=True)
        .where(
            Dispense.prescription_external_id == rx.external_id,
            Dispense.status.not_in(UNUSED),
            Fill.replaces_fill_id.is_(None),
        )
    )
    told = db.session.scalar(query) or 0
    return told if rx.source_status else max(told, rx.fills_used)
