"""When a look is taken: after each act at what it touched, at what falls due, and every few minutes at everything."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from ...db import db, now
from ...models import AuditEntry, AuditSeal, Customer, StuckCursor, StuckFact
from .._transaction import transaction
from ._diagnose import Looked, diagnose
from ._scope import Scope

EVERYTHING = timedelta(minutes=5)
AT_ONCE = 2000  # audit entries and due facts that one look takes
# What many orders hang on: whoever touches one of these has everything looked at.
_WIDE = ("pha", "prd", "prv", "srl", "svl", "wcl", "inc", "off", "lic", "rtg")
_TAKE = text("select pg_try_advisory_xact_lock(hashtext('stuck.look'))")


def look() -> Looked | None:
    """Look at what was touched or fell due since the last time; at everything when that is long ago. None while another
    clock looks. Called every few seconds."""
    with transaction():
        if not db.session.scalar(_TAKE):
            return None
        at = now()
        cursor = _cursor()
        sealed, touched = _touched(cursor.number)
        whole = cursor.whole_at is None or cursor.whole_at <= at - EVERYTHING or _wide(touched)
        scope = Scope(at) if whole else _scope(at, touched)
        looked = diagnose(scope) if whole or scope.customers or scope.records else None
        moved = {"number": sealed} | ({"whole_at": at} if whole else {})
        db.session.execute(update(StuckCursor).values(**moved))
        return looked


def _cursor() -> StuckCursor:
    cursor = db.session.get(StuckCursor, True, populate_existing=True)
    if cursor is None:
        last = db.session.scalar(select(func.max(AuditSeal.number))) or 0
        db.session.execute(insert(StuckCursor).values(single=True, number=last).on_conflict_do_nothing())
        cursor = db.session.get_one(StuckCursor, True)
    return cursor


def _touched(since: int) -> tuple[int, set[str]]:
    """The records that sealed acts were about, since that number of the chain; and up to which number."""
    query = (
        select(AuditSeal.number, AuditEntry.about)
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .where(AuditSeal.number > since)
        .order_by(AuditSeal.number)
        .limit(AT_ONCE)
    )
    rows = db.session.connection().execute(query).all()
    return (rows[-1].number if rows else since), {id for row in rows for id in row.about}


def _wide(touched: set[str]) -> bool:
    return any(id.startswith(tuple(f"{prefix}_" for prefix in _WIDE)) for id in touched)


def _scope(at: datetime, touched: set[str]) -> Scope:
    """The customers that were touched, those of whom something falls due, and what belongs to nobody."""
    due = (
        select(StuckFact.subject_id, StuckFact.customer_id)
        .where(StuckFact.next_at <= at)
        .order_by(StuckFact.next_at)
        .limit(AT_ONCE)
    )
    rows = db.session.connection().execute(due).all()
    customers = {row.customer_id for row in rows if row.customer_id}
    customers |= {id for id in touched if id.startswith(f"{Customer.PREFIX}_")}
    records = {row.subject_id for row in rows if not row.customer_id}
    records |= {id for id in touched if not id.startswith(f"{Customer.PREFIX}_")}
    return Scope(at, frozenset(customers), frozenset(records))
