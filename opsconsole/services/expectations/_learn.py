"""How long a pharmacy usually takes is learned: it is given the time in which nearly all came lately."""

from __future__ import annotations

from sqlalchemy import text

from ...db import db, touched
from .._transaction import transaction

LEARNED = ("fill.acknowledged", "fill.filling", "fill.shipped")
ENOUGH = 20  # of the last 200; from fewer nothing is learned, and the limit of the table holds

# It is due when 95 of 100 had come, and missed after twice that time.
_LEARN = text(
    """
    with usual as (
      select k.kind, p.port,
             greatest(percentile_cont(0.95) within group (order by t.took), interval '30 minutes') as p95
      from unnest(cast(:kinds as text[])) as k(kind)
      cross join (select distinct concat('pharmacy-', adapter) as port from pharmacies) p
      cross join lateral (
        select e.ended_at - e.created_at as took from expectations e
        where e.kind = k.kind and e.port = p.port and e.status in ('met', 'healed')
        order by e.created_at desc limit 200
      ) t
      group by k.kind, p.port having count(*) >= :enough
    )
    update expectations e
    set due_at = e.created_at + u.p95, missed_from = e.created_at + 2 * u.p95,
        look_at = e.created_at + u.p95 + random() * interval '5 minutes'
    from usual u
    where e.kind = u.kind and e.port = u.port and e.status = 'waiting' and e.looks = 0
      and e.due_at <> e.created_at + u.p95
    """
)


def learn() -> int:
    """Give what pharmacies have yet to do the time that they usually take, each its own. Returns how many that changed."""
    with transaction():
        found = db.session.execute(_LEARN, {"kinds": list(LEARNED), "enough": ENOUGH})
        return touched(found)
