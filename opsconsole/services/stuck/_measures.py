"""How well each cause is dealt with: how often it came, how it went away, and whether what we suggest helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from ...db import db
from ._rule import Rule
from .rules import RULES

_MEASURED = text(
    """
    with spells as (
        select s.id, s.code, s.subject_id, s.began_at, s.ended_at, s.ended, r.id is not null as fixed,
               coalesce(r.suggested, false) as suggested, r.created_at as fixed_at, r.undone,
               lag(s.ended_at) over (partition by s.subject_id, s.code order by s.began_at) as before
        from stuck s
        left join lateral (
            select r.id, r.suggested, r.created_at, exists (
                select from audit_entries a
                where a.about @> array[r.made_id] and a.act like '%.withdraw' and a.created_at >= r.created_at
            ) as undone
            from recipe_runs r where r.stuck_id = s.id order by r.created_at desc limit 1
        ) r on true
        where s.began_at >= instant() - make_interval(days => :days)
    )
    select code, count(*) as came, count(*) filter (where ended is null) as open,
           count(*) filter (where ended = 'cleared' and not fixed) as by_itself,
           count(*) filter (where fixed) as fixed,
           count(*) filter (where fixed and suggested) as as_suggested,
           count(*) filter (where fixed and ended = 'cleared' and not undone) as worked,
           count(*) filter (where undone) as undone,
           count(*) filter (where before >= began_at - interval '7 days') as again,
           percentile_cont(0.5) within group (order by extract(epoch from ended_at - began_at))
               filter (where ended = 'cleared') as median,
           percentile_cont(0.5) within group (order by extract(epoch from fixed_at - began_at))
               filter (where fixed) as to_fix
    from spells group by code
    """
)


@dataclass(frozen=True)
class Measured:
    """Of one cause: `came` so many times, of which `by_itself` went away and `fixed` somebody put right; `worked` of those
    for good, `undone` were taken back. `again` came within a week after it had gone. Times in seconds, medians."""

    rule: Rule
    came: int
    open: int
    by_itself: int
    fixed: int
    as_suggested: int
    worked: int
    undone: int
    again: int
    median: float | None
    to_fix: float | None

    @staticmethod
    def share(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    @property
    def accepted(self) -> float | None:
        """How often what was done is what was suggested."""
        return self.share(self.as_suggested, self.fixed)

    @property
    def success(self) -> float | None:
        return self.share(self.worked, self.fixed)

    @property
    def weak(self) -> bool:
        """Does the suggestion deserve another look? Ten were put right, and fewer than half as suggested or for good."""
        return self.fixed >= 10 and min(self.accepted or 0, self.success or 0) < 0.5


def measured(days: int = 30) -> Sequence[Measured]:
    """Every cause, those that came most often first; those that never came are there too."""
    found: Mapping[str, Measured] = {
        row.code: Measured(
            RULES[row.code], row.came, row.open, row.by_itself, row.fixed, row.as_suggested, row.worked, row.undone,
            row.again, row.median, row.to_fix,
        )
        for row in db.session.connection().execute(_MEASURED, {"days": days})
        if row.code in RULES
    }  # fmt: skip
    none = (0,) * 8
    every = [found.get(code) or Measured(rule, *none, None, None) for code, rule in RULES.items()]
    return sorted(every, key=lambda one: (-one.came, one.rule.order))
