"""Why a prescription cannot be acted upon now, in words: what pages grey out is what the acts refuse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...models import (
    Fill,
    FillStatus,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    RequestKind,
    RequestStatus,
)
from ._two import LIVE, live
from ._windows import ACK_WINDOW, UNSENT_FOR

_R, _S = RequestStatus, PrescriptionStatus
_NEVER_LEFT = (_R.WITHDRAWN, _R.DECLINED)
_OVER = (_R.CONFIRMED, _R.DENIED, _R.FAILED)
_NOT_MADE_UP = (FillStatus.CANCELED, FillStatus.WITHDRAWN, FillStatus.ERROR, FillStatus.REJECTED)


def why_not_resend(rx: Prescription, now: datetime) -> str | None:
    """Sending it again while the first may still arrive makes two of it: MEDvidi's patients were given both."""
    if rx.status != _S.ACTIVE:
        return f"Only what is signed and can be filled is sent: this one is {rx.status.replace('_', ' ')}."
    if rx.sku is None:
        return "Nobody has said yet which product it is for: map that first."
    asked = PrescriptionRequest.of_prescription(rx.id)
    if any(one.kind == RequestKind.CANCEL and not one.final for one in asked):
        return "It is being canceled."
    sent = [one for one in asked if one.kind == RequestKind.TRANSMIT and one.status not in _NEVER_LEFT]
    return _still_going(sent, now) or _unheard(rx, sent, now) or _received(rx, sent) or _other_copy(rx)


def _still_going(sent: Sequence[PrescriptionRequest], now: datetime) -> str | None:
    if not sent:
        return None
    last = sent[0]
    if last.status not in _OVER:
        return "It was sent, and the pharmacy has not answered: a second copy could be filled as well."
    until = last.created_at + ACK_WINDOW
    if now < until:
        return f"It was sent less than four hours ago, and may still arrive: wait until {until:%H:%M} UTC."
    return None


def _unheard(rx: Prescription, sent: Sequence[PrescriptionRequest], now: datetime) -> str | None:
    """What is signed is sent by the healthcare system itself, which takes a while to tell."""
    signed = rx.source_updated_at or rx.created_at
    if not sent and now < signed + UNSENT_FOR:
        return f"It was signed less than an hour ago, and is sent by itself: wait until {signed + UNSENT_FOR:%H:%M} UTC."
    return None


def _received(rx: Prescription, sent: Sequence[PrescriptionRequest]) -> str | None:
    """A pharmacy that has it gets it again only when it says itself that it has none."""
    if (not sent or sent[0].status != _R.CONFIRMED) and not at_pharmacy(rx):
        return None
    missing = select(Fill.id).where(Fill.prescription_id == rx.external_id, Fill.code == "rx_missing")
    if db.session.scalar(missing.limit(1)):
        return None
    return "The pharmacy has it: it has confirmed that, or fills it."


def _other_copy(rx: Prescription) -> str | None:
    for other in live(rx.customer_id, str(rx.sku)):
        if other.id != rx.id and at_pharmacy(other):
            return f"Prescription {other.external_id} for the same product is at a pharmacy: cancel that one first."
    return None


def at_pharmacy(rx: Prescription) -> bool:
    """Was it sent to a pharmacy, or may it have been, or is something being filled from it?"""
    sent = select(PrescriptionRequest.id).where(
        PrescriptionRequest.prescription_id == rx.id,
        PrescriptionRequest.kind == RequestKind.TRANSMIT,
        PrescriptionRequest.status.not_in((*_NEVER_LEFT, _R.PLANNED, _R.FAILED, _R.DENIED)),
    )
    filled = select(Fill.id).where(
        Fill.prescription_id == rx.external_id, Fill.status.not_in((*_NOT_MADE_UP, FillStatus.SHIPPED))
    )
    return db.session.scalar(select(sent.exists() | filled.exists())) is True


def why_not_cancel(rx: Prescription) -> str | None:
    if rx.status not in (*LIVE, _S.UNKNOWN, _S.DEPLETED, _S.EXPIRED):
        return f"There is nothing to cancel: it is {rx.status.replace('_', ' ')}."
    if PrescriptionRequest.open_of(rx.id, RequestKind.CANCEL):
        return "The pharmacy was asked to cancel it already: wait for the answer."
    return None


def why_not_record(request: PrescriptionRequest) -> str | None:
    if request.kind == RequestKind.PRESCRIBE:
        return "No pharmacy is asked about this."
    if request.status in (_R.PLANNED, _R.SUBMITTED):
        return "Nobody was asked yet."
    if request.status in (_R.CONFIRMED, *_NEVER_LEFT):
        return f"It has its answer: {request.status}."
    return None


def why_not_withdraw(request: PrescriptionRequest) -> str | None:
    if request.kind == RequestKind.PRESCRIBE:
        return "It is undone with the clinician's decision."
    return None if request.status == _R.PLANNED else "It is too late to undo this."
