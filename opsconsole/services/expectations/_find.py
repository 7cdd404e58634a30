"""Reading expectations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from ...db import db
from ...models import EXPECTATION_OPEN, Expectation, ExpectationStatus
from .._find import Filter, Listing, among, one_of_ours
from ._kinds import KINDS, PORTS

LIST = Listing(
    Expectation,
    {
        "status": among(Expectation.status, ExpectationStatus, "Whether it came."),
        "kind": Filter(
            lambda value: Expectation.kind == value, "What is awaited, refund.settled.", choices=tuple(KINDS)
        ),
        "port": Filter(
            lambda value: Expectation.port == value,
            "The port by which is asked, payments.",
            choices=tuple(PORTS.values()),
        ),
        "subject": one_of_ours(Expectation.subject_id, "What it is about; an id or its URL."),
    },
    shown=(
        Expectation.id,
        Expectation.kind,
        Expectation.status,
        Expectation.source,
        Expectation.subject_id,
        Expectation.due_at,
        Expectation.looks,
        Expectation.ended_at,
        Expectation.created_at,
    ),
)
find = LIST.find


def counts() -> list[tuple[str, str, int]]:
    """(status, kind, how many) of what is open."""
    rows = db.session.execute(
        select(Expectation.status, Expectation.kind, func.count())
        .where(Expectation.status.in_(EXPECTATION_OPEN))
        .group_by(Expectation.status, Expectation.kind)
        .order_by(Expectation.status, Expectation.kind)
    )
    return [row._tuple() for row in rows]


def still_open(expectations: Sequence[Expectation]) -> list[Expectation]:
    """Those of them that did not come, as their subjects stand now: one statement for each kind among them."""
    kept: set[str] = set()
    for name in {one.kind for one in expectations if one.kind in KINDS}:
        ids = [one.id for one in expectations if one.kind == name]
        kept.update(
            row.id
            for row in db.session.execute(
                KINDS[name].stand().where(Expectation.id.in_(ids), ~KINDS[name].met)
            )
        )
    return [one for one in expectations if one.id in kept]
