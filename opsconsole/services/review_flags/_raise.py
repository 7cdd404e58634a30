"""Raising a flag within an act: one source says the same about one visit once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ...db import db
from ...models import FlagEffect, FlagKind, FlagSeverity, FlagStatus, ReviewFlag, Visit, VisitPolicy
from .._act import performing


def raise_for(
    visit: Visit, *, kind: FlagKind, severity: FlagSeverity, effect: FlagEffect, source: str
) -> ReviewFlag:
    """The flag that `source` raises on a visit: made if there is none. One that was dealt with stays dealt with; one that is
    open follows what the rule says now."""
    query = select(ReviewFlag).where(
        ReviewFlag.customer_id == visit.customer_id,
        ReviewFlag.visit_id == visit.id,
        ReviewFlag.source == source,
        ReviewFlag.kind == kind,
    )
    found = db.session.scalar(query.with_for_update())
    if found is None:
        return new_flag(
            kind=kind,
            severity=severity,
            effect=effect,
            source=source,
            customer_id=visit.customer_id,
            visit_id=visit.id,
            order_id=visit.order_id,
        )
    if found.open and (found.severity, found.effect) != (severity, effect):
        found.severity, found.effect = severity.value, effect.value
    return found


def new_flag(
    *,
    kind: FlagKind,
    severity: FlagSeverity,
    effect: FlagEffect,
    source: str,
    customer_id: str,
    visit_id: str | None,
    order_id: str | None,
    external_id: str | None = None,
) -> ReviewFlag:
    now = performing()
    urgent = kind is FlagKind.ADVERSE_EVENT and severity is FlagSeverity.HIGH
    return ReviewFlag(
        status=FlagStatus.OPEN,
        kind=kind.value,
        severity=severity.value,
        effect=effect.value,
        source=source,
        customer_id=customer_id,
        visit_id=visit_id,
        order_id=order_id,
        external_id=external_id,
        due_at=now.now + timedelta(hours=VisitPolicy.current().reaction_hours) if urgent else None,
        by=now.by.label,
        trace_id=now.trace,
        created_at=now.now,
    ).add()
