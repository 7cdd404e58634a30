"""What a person must look at: the case of a spell, opened once, taken over where one tells of the same already, and ended
with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, insert, or_, select, update

from ...db import db
from ...lib import ids
from ...lib.cause import current
from ...models import Case, CaseStatus, Holder, Stuck
from .. import cases
from ._scope import Scope
from .rules import RULES

# What each code is called, as the heading of its cases.
cases.REASONS.update({rule.code: rule.title for rule in RULES.values()})


def tell(scope: Scope) -> None:
    """Open a case for what is ours to do, and for what others have kept too long; end those whose spell has ended, or
    stands behind another one or under an incident now."""
    _end(scope)
    _follow(scope)
    if not (wanted := _untold(scope)):
        return
    known = _told_already(wanted)
    fresh = {row.id: _case(row, scope) for row in wanted if row.id not in known}
    if fresh:
        db.session.connection().execute(insert(Case), list(fresh.values()))
    told = dict(known) | {id: case["id"] for id, case in fresh.items()}
    table: Any = Stuck.__table__
    db.session.connection().execute(
        update(table).where(table.c.id == bindparam("_id")).values(case_id=bindparam("_case")),
        [{"_id": id, "_case": case_id} for id, case_id in told.items()],
    )
    if known:
        _follow(scope)


def _untold(scope: Scope) -> Sequence[Row[Any]]:
    query = select(
        Stuck.id, Stuck.code, Stuck.subject_id, Stuck.order_id, Stuck.customer_id, Stuck.details, Stuck.team,
        Stuck.vendor, Stuck.fingerprint, Stuck.warn_at, Stuck.breach_at, Stuck.urgency,
    ).where(
        Stuck.ended_at.is_(None), Stuck.case_id.is_(None), Stuck.behind_id.is_(None), Stuck.incident_id.is_(None),
        or_(Stuck.ball == Holder.US.value, Stuck.breach_at <= scope.now),
        scope.holds(Stuck.customer_id, Stuck.subject_id),
    )  # fmt: skip
    return db.session.connection().execute(query).all()


def _told_already(wanted: Sequence[Row[Any]]) -> Mapping[str, str]:
    """The open case that tells of the same as each of these, where there is one: it is about the subject or its order, and
    for a reason that the rule names."""
    about = {id for row in wanted for id in (row.subject_id, row.order_id) if id}
    query = select(Case.id, Case.subject_id, Case.reason, Case.about).where(
        Case.status == CaseStatus.OPEN, Case.about.overlap(list(about))
    )
    standing = db.session.connection().execute(query).all()
    found = {}
    for row in wanted:
        reasons = {row.code, *RULES[row.code].cases}
        for case in standing:
            if case.reason in reasons and {row.subject_id, row.order_id} & {case.subject_id, *case.about}:
                found[row.id] = case.id
                break
    return found


def _case(row: Row[Any], scope: Scope) -> dict[str, Any]:
    rule, cause = RULES[row.code], current()
    return {
        "id": ids.new(Case.PREFIX), "created_at": scope.now, "status": CaseStatus.OPEN.value, "reason": row.code,
        "subject_id": row.subject_id, "says": rule.says(row.details, scope.now),
        "suggests": {"act": "stuck.fix", "url": f"/stuck/{row.id}/fix", "label": rule.suggests},
        "trace_id": cause.trace if cause else ids.new("trc"),
        "about": sorted({id for id in (row.subject_id, row.order_id, row.customer_id, row.id) if id}),
        "team": row.team, "vendor": row.vendor, "fingerprint": row.fingerprint,
        "warn_at": row.warn_at, "due_at": row.breach_at, "urgency": row.urgency,
    }  # fmt: skip


def _follow(scope: Scope) -> None:
    """A case is as urgent as the spell that it tells of: with the medicine's last day, a new limit, another vendor."""
    cases_: Any = Case.__table__
    spells: Any = Stuck.__table__
    told = {"due_at": spells.c.breach_at, "warn_at": spells.c.warn_at, "urgency": spells.c.urgency}
    changed = or_(*(cases_.c[name].is_distinct_from(value) for name, value in told.items()))
    db.session.connection().execute(
        update(Case)
        .where(
            Stuck.case_id == Case.id, Stuck.ended_at.is_(None), Case.status == CaseStatus.OPEN, changed,
            scope.holds(Stuck.customer_id, Stuck.subject_id),
        )
        .values(told)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _end(scope: Scope) -> None:
    """The cases that only a spell had opened, and that it does not need any more."""
    over = or_(Stuck.ended_at.is_not(None), Stuck.behind_id.is_not(None), Stuck.incident_id.is_not(None))
    query = (
        select(Case, Stuck.ended_at, Stuck.ended)
        .join(Stuck, Stuck.case_id == Case.id)
        .where(
            over, Case.status == CaseStatus.OPEN, Case.reason == Stuck.code,
            scope.holds(Stuck.customer_id, Stuck.subject_id),
        )
    )  # fmt: skip
    for case, ended_at, ended in db.session.execute(query).all():
        cases.resolve(case, ended if ended_at else "told_elsewhere")
    _give_way(scope)


def _give_way(scope: Scope) -> None:
    """Of two cases of the same, one of which an act opened after ours, that one stays, unless somebody has taken ours."""
    acts = _of_acts(scope)
    of_same = (Stuck.subject_id.in_(acts), Stuck.order_id.in_(acts))
    query = (
        select(Stuck.id, Stuck.code, Stuck.subject_id, Stuck.order_id, Case.id.label("case_id"))
        .join(Case, Case.id == Stuck.case_id)
        .where(
            Stuck.ended_at.is_(None), Case.status == CaseStatus.OPEN, Case.reason == Stuck.code, Case.owner_id.is_(None),
            or_(*of_same), scope.holds(Stuck.customer_id, Stuck.subject_id),
        )
    )  # fmt: skip
    for row in db.session.execute(query).all() if acts else ():
        told = {**acts.get(row.order_id, {}), **acts.get(row.subject_id, {})}
        stays = next((told[reason] for reason in sorted(RULES[row.code].cases) if reason in told), None)
        if stays and stays != row.case_id:
            cases.resolve(Case.require(row.case_id), "told_elsewhere")
            db.session.execute(update(Stuck).where(Stuck.id == row.id).values(case_id=stays))


def _of_acts(scope: Scope) -> Mapping[str, Mapping[str, str]]:
    """The open cases that acts have opened for reasons which rules name: their ids by what they are about and by reason."""
    reasons = {reason for rule in RULES.values() for reason in rule.cases}
    query = select(Case.id, Case.reason, Case.subject_id, Case.about).where(
        Case.status == CaseStatus.OPEN, Case.reason.in_(reasons)
    )
    if scope.customers is not None:
        query = query.where(Case.about.overlap([*scope.customers, *scope.records]))
    found: dict[str, dict[str, str]] = {}
    for row in db.session.connection().execute(query):
        for id in {row.subject_id, *row.about}:
            found.setdefault(id, {})[row.reason] = row.id
    return found
