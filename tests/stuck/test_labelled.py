"""Orders of which it is known what is wrong: what is told has to be that, for 98 of 100, whatever else stands beside it."""

from __future__ import annotations

from collections import Counter

import pytest

from opsconsole.db import db, now
from opsconsole.models import Stuck
from opsconsole.services import stuck, transaction

from ..house import House
from .precedence import PLACE
from .synthetic import Crowd, Labelled


def told_wrong(house: House, many: int, seed: int) -> tuple[list[tuple[Labelled, str | None]], int]:
    """Those of `many` of which something else is told than is so; and how many were looked at."""
    with house.app.app_context(), transaction():
        crowd = Crowd(now(), [*stuck.RULES], seed).plant(many)
        stuck.diagnose(stuck.Scope(now()))
    with house.app.app_context():
        rows = db.session.execute(db.select(Stuck.subject_id, Stuck.code).where(Stuck.ended_at.is_(None)))
        told = {row.subject_id: row.code for row in rows}
    return [(one, told.get(one.subject)) for one in crowd if told.get(one.subject) != one.right], len(crowd)


def listed(wrong: list[tuple[Labelled, str | None]]) -> str:
    """The failures, by what would have been right."""
    by_code = Counter(one.right for one, _ in wrong)
    lines = [f"{one.right}, told {told}: {one.made}" for one, told in wrong]
    return "\n".join([str(dict(by_code)), *sorted(lines)])


def test_every_cause_has_its_place() -> None:
    assert set(stuck.RULES) == set(PLACE)


def test_what_is_told_is_right(house: House) -> None:
    wrong, many = told_wrong(house, 200, seed=1)
    assert len(wrong) <= many * 0.02, listed(wrong)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3])
def test_what_is_told_of_a_thousand_is_right(house: House, seed: int) -> None:
    wrong, many = told_wrong(house, 1000, seed)
    assert len(wrong) <= many * 0.02, listed(wrong)
