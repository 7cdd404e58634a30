"""Reading comparisons and what they found."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from ...db import db
from ...models import Drift, DriftStatus, ReconciliationRun, RunStatus
from .._find import Filter, Listing, among, exactly, one_of_ours
from ._kinds import KINDS

LIST = Listing(
    ReconciliationRun, {"status": among(ReconciliationRun.status, RunStatus, "Whether it is over.")}, size=20
)
find = LIST.find
FINDINGS = Listing(
    Drift,
    {
        "status": among(Drift.status, DriftStatus, "Open, or how it ended."),
        "kind": Filter(lambda value: Drift.kind == value, "How we differ, as a code.", choices=tuple(KINDS)),
        "port": exactly(Drift.port, "Who holds it otherwise: pharmacy-truepill, tracking, ..."),
        "run": one_of_ours(Drift.run_id, "The comparison that saw it last; an id or its URL."),
        "order": one_of_ours(Drift.order_id, "Of which order; an id or its URL."),
    },
)
findings = FINDINGS.find


def open_by_kind() -> dict[str, int]:
    """How many findings are open, by their kind."""
    return _counted(
        select(Drift.kind, func.count()).where(Drift.status == DriftStatus.OPEN).group_by(Drift.kind)
    )


def repaired_by(run_id: str) -> dict[str, int]:
    """How many findings came right by a repair of this run, by their kind."""
    query = select(Drift.kind, func.count()).where(
        Drift.run_id == run_id, Drift.status == DriftStatus.REPAIRED
    )
    return _counted(query.group_by(Drift.kind))


def of_run(run: ReconciliationRun) -> dict[tuple[str, str], int]:
    """How many findings this run was the last to see, by kind and status."""
    query = select(Drift.kind, Drift.status, func.count()).where(Drift.run_id == run.id)
    rows = db.session.execute(query.group_by(Drift.kind, Drift.status))
    return {(kind, status): count for kind, status, count in rows}


def _counted(query: Select[tuple[str, int]]) -> dict[str, int]:
    found = {row[0]: row[1] for row in db.session.execute(query)}
    return {kind: found[kind] for kind in KINDS if kind in found}
