"""One look: which subjects do not go on, and for which one cause. Set-based: a statement for each rule, whoever many wait.

What it writes is worked out from everything else and can be worked out again: it is bookkeeping, and no act.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ... import vendors
from ...db import db, now
from ...lib import ids
from ...models import REGISTRY, Incident, Stuck, StuckFact, StuckStatus
from .. import service_levels
from ._candidate import Candidate, next_at, primary, urgency
from ._cases import tell
from ._incidents import down
from ._medicine import runs_out
from ._rule import Rank
from ._scope import Scope
from .rules import RULES


@dataclass(frozen=True)
class Looked:
    """What a look changed: how many spells began, ended and stayed."""

    subjects: int
    began: int
    ended: int
    stay: int


def diagnose(scope: Scope | None = None) -> Looked:
    """Look at everybody, or at those of `scope`, and write down what does not go on. Joins the open transaction."""
    scope = scope or Scope(now())
    db.session.flush()
    found = candidates(scope)
    causes = {id: cause for id, some in found.items() if (cause := primary(some, scope.now))}
    left = runs_out({one.customer_id for one in causes.values() if one.customer_id})
    spells = _fold(_spells(causes, left, scope), scope)
    before = _open(scope)
    ended = [row for id, row in before.items() if id not in spells or spells[id]["code"] != row.code]
    began = [one for id, one in spells.items() if id not in before or before[id].code != one["code"]]
    stay = {id: one for id, one in spells.items() if id in before and before[id].code == one["code"]}
    _end(ended, spells, scope.now)
    _begin(began)
    _carry_on(stay, before)
    _link(spells, before)
    _write_facts(found, scope)
    tell(scope)
    return Looked(len(found), len(began), len(ended), len(stay))


def candidates(scope: Scope) -> dict[str, list[Candidate]]:
    """What each subject waits for, by its id: of one rule what it has waited for longest."""
    levels = service_levels.levels()
    found: dict[str, dict[str, Candidate]] = defaultdict(dict)
    there = tuple(system.port for system in vendors.SYSTEMS if vendors.connected(system.port))
    for rule in RULES.values():
        statement = rule.find(scope) if rule.anew else _statement(rule.code, scope.everything, there)
        for row in db.session.connection().execute(statement, scope.values):
            known = found[row.subject_id].get(rule.code)
            if known is None or row.since < known.since:
                found[row.subject_id][rule.code] = _candidate(rule, row, levels)
    return {id: list(by_code.values()) for id, by_code in found.items()}


@cache
def _statement(code: str, everything: bool, there: tuple[str, ...]) -> Select[Any]:
    """A rule's statement, made once: to make all of them costs more than what they find. `there` are the systems that are
    connected, by which some differ."""
    nobody = datetime.min.replace(tzinfo=UTC)
    return RULES[code].find(Scope(nobody, None if everything else frozenset()))


def _candidate(rule: Any, row: Row[Any], levels: service_levels.Levels) -> Candidate:
    level = levels.of(rule.code, rule.limit, rule.team, row.pharmacy_id, row.sku)
    warn_at, breach_at = level.instants(row.since)
    warn_at = row.fires or warn_at
    return Candidate(
        rule, row.subject_id, row.prefix, row.order_id, row.customer_id, row.since, warn_at,
        max(row.breaches or breach_at, warn_at), row.ball or rule.ball.value, row.team or rule.team.value,
        row.vendor or rule.vendor,
        row.pharmacy_id, row.sku, row.details,
    )  # fmt: skip


def _spells(
    causes: Mapping[str, Candidate], left: Mapping[str, date], scope: Scope
) -> dict[str, dict[str, Any]]:
    """The rows of what does not go on, by subject."""
    spells = {}
    for id, one in causes.items():
        runs_out_on = left.get(one.customer_id or "")
        spells[id] = {
            "id": ids.new(Stuck.PREFIX), "subject_id": id, "subject_noun": REGISTRY[one.prefix].noun(),
            "order_id": one.order_id, "customer_id": one.customer_id, "code": one.rule.code, "ball": one.ball,
            "team": one.team, "vendor": one.vendor, "pharmacy_id": one.pharmacy_id, "sku": one.sku,
            "since": one.since, "began_at": scope.now, "warn_at": one.warn_at, "breach_at": one.breach_at,
            "details": one.details, "fingerprint": one.fingerprint, "urgency": urgency(one, runs_out_on, scope.now),
            "runs_out_on": runs_out_on, "incident_id": None, "behind": None, "order": one.rule.order,
        }  # fmt: skip
    return spells


def _fold(spells: dict[str, dict[str, Any]], scope: Scope) -> dict[str, dict[str, Any]]:
    """Of one order a single row is counted: the others stand behind it. What waits for a vendor that is down stands
    under its incident."""
    incidents = down()
    first: dict[str, dict[str, Any]] = {}
    for one in sorted(spells.values(), key=lambda one: (one["order"], one["subject_id"])):
        below = one["order"][0] > Rank.HARM and one["subject_noun"] != Incident.noun()
        one["incident_id"] = incidents.get(one["vendor"]) if below else None
        if one["order_id"] and first.setdefault(one["order_id"], one) is not one:
            one["behind"] = first[one["order_id"]]["subject_id"]
    return spells


def _open(scope: Scope) -> dict[str, Row[Any]]:
    """The open spells of the scope as they stand, by subject."""
    columns = [getattr(Stuck, name) for name in ("id", *_KEPT, "code", "behind_id")]
    query = (
        select(Stuck.subject_id, *columns)
        .where(Stuck.ended_at.is_(None), scope.holds(Stuck.customer_id, Stuck.subject_id))
        .with_for_update()
    )
    return {row.subject_id: row for row in db.session.connection().execute(query)}


_KEPT = (
    "ball", "team", "vendor", "pharmacy_id", "sku", "since", "warn_at", "breach_at", "details", "fingerprint",
    "urgency", "runs_out_on", "incident_id",
)  # fmt: skip


def _end(ended: Iterable[Row[Any]], spells: Mapping[str, Any], at: datetime) -> None:
    """Hysteresis stands in the rules: none lets go because time has passed, only because something came."""
    for how, gone in (("cleared", False), ("another_cause", True)):
        wanted = [row.id for row in ended if (row.subject_id in spells) is gone]
        if wanted:
            table: Any = Stuck.__table__
            db.session.connection().execute(
                update(table)
                .where(table.c.id.in_(wanted))
                .values(ended_at=at, ended=how, status=StuckStatus.CLEARED.value)
            )


def _begin(began: list[dict[str, Any]]) -> None:
    rows = [
        {name: value for name, value in one.items() if name not in ("behind", "order")}
        | {"status": StuckStatus.STUCK.value}
        for one in began
    ]
    if rows:
        db.session.connection().execute(insert(Stuck), rows)


def _carry_on(stay: Mapping[str, dict[str, Any]], before: Mapping[str, Row[Any]]) -> None:
    """Write what is told differently of those that were stuck for the same already."""
    table: Any = Stuck.__table__
    changed = []
    for id, one in stay.items():
        one["id"] = before[id].id
        if any(one[name] != getattr(before[id], name) for name in _KEPT):
            changed.append({"_id": one["id"], **{name: one[name] for name in _KEPT}})
    if changed:
        db.session.connection().execute(update(table).where(table.c.id == bindparam("_id")), changed)


def _link(spells: Mapping[str, dict[str, Any]], before: Mapping[str, Row[Any]]) -> None:
    """Which stands behind which, now that all have their ids."""
    table: Any = Stuck.__table__
    wanted = [
        {"_id": one["id"], "behind_id": spells[one["behind"]]["id"] if one["behind"] else None}
        for one in spells.values()
    ]
    known = {row.id: row.behind_id for row in before.values()}
    changed = [one for one in wanted if known.get(one["_id"]) != one["behind_id"]]
    if changed:
        db.session.connection().execute(update(table).where(table.c.id == bindparam("_id")), changed)


def _write_facts(found: Mapping[str, list[Candidate]], scope: Scope) -> None:
    """One row for each subject of which anything is awaited, with the instant at which its cause may change by itself."""
    table: Any = StuckFact.__table__
    here = scope.holds(StuckFact.customer_id, StuckFact.subject_id)
    query = select(StuckFact.subject_id, StuckFact.awaited, StuckFact.next_at).where(here)
    known = {row.subject_id: (row.awaited, row.next_at) for row in db.session.connection().execute(query)}
    fresh = []
    for id, some in found.items():
        awaited = sorted(one.awaited for one in some)
        then = next_at(some, scope.now)
        if known.pop(id, None) != (awaited, then):
            fresh.append(
                {
                    "subject_id": id, "customer_id": some[0].customer_id, "awaited": awaited, "next_at": then,
                    "looked_at": scope.now,
                }
            )  # fmt: skip
    if fresh:
        put = upsert(table)
        told = {name: put.excluded[name] for name in ("customer_id", "awaited", "next_at", "looked_at")}
        db.session.connection().execute(
            put.on_conflict_do_update(index_elements=["subject_id"], set_=told), fresh
        )
    if known:
        db.session.connection().execute(delete(table).where(table.c.subject_id.in_(list(known))))
