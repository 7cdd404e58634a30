"""A vendor that has stopped talking: nothing came of it for far longer than ever, while something should have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from ... import vendors
from ...db import db
from ..outbox import KEEPERS
from ._kinds import PORTS

TIMES = 3  # as long as its longest gap
_AT_LEAST = timedelta(minutes=2)  # no vendor is that punctual
_OVERDUE = 3  # expectations: one or two may have been lost on the way
_CALLS = 10  # that were answered, and of which it should have told


@dataclass(frozen=True)
class Silence:
    """`source` has told us nothing since `last_event_at`, and mostly does every `expected_gap`: silent `since`. Whether
    `port`, by which we ask it, answers is another matter."""

    port: str
    source: str
    last_event_at: datetime
    expected_gap: timedelta
    since: datetime


# The gaps are those between the last 200 webhooks of a source: at a quiet time they are long, and it is given longer.
# What should have come: what is overdue since then or was found by asking, or calls of its port that it should have told of.
_SILENT = text(
    """
    with sources (source, port) as (select * from unnest(cast(:sources as text[]), cast(:ports as text[]))),
    heard as (
      select s.source, s.port, e.created_at,
             e.created_at - lag(e.created_at) over (partition by s.source order by e.created_at) as gap
      from sources s cross join lateral (
        select created_at from inbox_events i where i.source = s.source and i.via = 'webhook'
        order by i.created_at desc limit 200
      ) e
    ),
    usual as (
      select source, port, max(created_at) as last_event_at, greatest(max(gap), :at_least) as expected_gap
      from heard group by source, port having count(*) > 1
    ),
    quiet as (
      select * from usual where last_event_at + :times * expected_gap < instant()
    )
    select q.source, q.port, q.last_event_at, q.expected_gap from quiet q
    where (
      select count(*) from (
        select 1 from expectations x
        where x.source = q.source and x.due_at > q.last_event_at and x.due_at < instant()
          and x.status in ('waiting', 'asked', 'missed')
        union all
        select 1 from expectations x
        where x.source = q.source and x.status = 'healed' and x.asked_at > q.last_event_at
      ) missing
    ) >= :overdue
    or (
      select count(*) from promises p
      where p.port = q.port and p.created_at > q.last_event_at and p.status = 'kept' and p.kind = any(:tell)
    ) >= :calls
    order by q.source
    """
)


def silent() -> list[Silence]:
    """The connected sources that have fallen silent, one for each, in one statement."""
    known = [(source, port) for source, port in PORTS.items() if vendors.connected(port)]
    rows = db.session.execute(
        _SILENT,
        {
            "sources": [source for source, _ in known],
            "ports": [port for _, port in known],
            "at_least": _AT_LEAST,
            "times": TIMES,
            "overdue": _OVERDUE,
            "calls": _CALLS,
            "tell": [name for name, keeper in KEEPERS.items() if keeper.expects],
        },
    )
    return [
        Silence(
            row.port, row.source, row.last_event_at, row.expected_gap, row.last_event_at + row.expected_gap
        )
        for row in rows
    ]
