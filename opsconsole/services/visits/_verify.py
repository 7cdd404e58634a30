"""Proving that what clinicians signed is what they signed: each hash, each chain, and the audit's own list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select, text

from ... import keyring
from ...db import db
from ...models import Decision
from ..audit import Touched
from ._sign import PINNED, chained

_PINS = text(f"select inputs ->> '{PINNED}' as pin from audit_entries where inputs ? '{PINNED}'")


@dataclass
class Verified:
    """`decisions` were read; `touched` is what is wrong with them."""

    decisions: int = 0
    touched: list[Touched] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.touched


def verify() -> Verified:
    """Read every decision, in one snapshot, and check it against its content, the one before it and the audit. Reads only.

    Whoever edits, reorders, adds or takes away a row shows up: the audit's entries are sealed themselves.
    """
    found = Verified()
    db.session.rollback()
    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        pinned = {row.pin for row in db.session.execute(_PINS)}
        visit, number, hash_ = "", 0, None
        query = select(Decision).order_by(Decision.visit_id, Decision.number)
        for one in db.session.scalars(query.execution_options(yield_per=1000)):
            found.decisions += 1
            if one.visit_id != visit:
                visit, number, hash_ = one.visit_id, 0, None
            found.touched += _one(one, number, hash_, pinned)
            pinned.discard(_pin(one))
            number, hash_ = one.number, one.hash
        for gone in sorted(pinned):
            visit, number_, _ = gone.split()
            found.touched.append(
                Touched(f"{visit}, decision {number_}", "is gone, or is not what was signed")
            )
    finally:
        db.session.rollback()
    return found


def _pin(one: Decision) -> str:
    return f"{one.visit_id} {one.number} {one.hash}"


def _one(one: Decision, number: int, before: str | None, pinned: set[str]) -> Iterator[Touched]:
    what = f"{one.visit_id}, decision {one.number}"
    if one.number != number + 1:
        yield Touched(what, f"does not follow decision {number}: one between them is gone or was moved")
    if one.prior_hash != before:
        yield Touched(what, "does not follow from the one before it")
    try:
        content = one.content
    except keyring.CannotOpen:
        yield Touched(what, "cannot be opened: it is not what was sealed for this row")
        return
    if chained(one.prior_hash, content) != one.hash:
        yield Touched(what, "is not what was signed: its hash does not fit")
    elif differ := _differ(one, json.loads(content)):
        yield Touched(what, f"says otherwise than what was signed: {', '.join(differ)}")
    elif _pin(one) not in pinned:
        yield Touched(what, "is in no audit entry: it was put in by hand")


def _differ(one: Decision, signed: dict[str, object]) -> list[str]:
    """The columns that say otherwise than the signed content."""
    provider, by = signed["provider"], signed["by"]
    assert isinstance(by, dict) and (provider is None or isinstance(provider, dict))
    expected = {
        "visit_id": signed["visit"],
        "number": signed["number"],
        "kind": signed["kind"],
        "provider_id": provider["id"] if provider else None,
        "by_id": by["id"],
        "signed_at": signed["signed_at"],
    }
    now = {name: getattr(one, name) for name in expected} | {"signed_at": one.signed_at.isoformat()}
    return [name for name, value in expected.items() if now[name] != value]
