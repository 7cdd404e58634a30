"""Who has stopped telling us things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from ... import vendors
from ...db import db
from .. import outbox

ENOUGH = 10  # who told us fewer has no habit to be compared with
ASKED = 3
AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True)
class Spoken:
    """When a source last told us something, its longest pause among its latest fifty events, and how many these are.
    None of what nobody knows. `asked` calls that change something there were kept since it last spoke, three at most: it
    had something to tell."""

    source: str
    last_event_at: datetime | None
    pause: timedelta | None
    events: int
    asked: int


@dataclass(frozen=True)
class Silence:
    """A vendor that has said nothing for longer than its habit. `since` is from when on that was so."""

    port: str
    source: str
    last_event_at: datetime
    expected_gap: timedelta
    since: datetime


_SPOKEN = text(
    """
    select s.source, lately.last, lately.pause, lately.events,
           (select count(*) from (select 1 from promises p
                                  where p.port = s.port and p.created_at > lately.last and p.status = 'kept'
                                    and p.kind = any(:kinds) limit 3) since)
    from unnest(cast(:sources as text[]), cast(:ports as text[])) s(source, port) cross join lateral (
        select max(at) as last, max(at - before) as pause, count(*) as events
        from (select at, lag(at) over (order by at) as before
              from (select created_at as at from inbox_events e where e.source = s.source
                    order by e.created_at desc, e.id desc limit 50) latest) pauses) lately
    """
)


def spoken() -> list[Spoken]:
    """How each vendor that can tell us things has done so lately: one statement, which reads fifty rows of each."""
    telling = [system for system in vendors.SYSTEMS if system.source]
    asked = {
        "sources": [system.source for system in telling],
        "ports": [system.port for system in telling],
        "kinds": [name for name, keeper in outbox.KEEPERS.items() if keeper.changes],
    }
    return [Spoken(*row) for row in db.session.execute(_SPOKEN, asked)]


def silences(heard: Sequence[Spoken], now: datetime) -> list[Silence]:
    """Who is silent: nothing came for over twice its longest pause lately, and for an hour, though it was asked for things
    of which it would tell."""
    found = []
    for one in heard:
        if one.last_event_at is None or not one.pause or one.events < ENOUGH or one.asked < ASKED:
            continue
        gap = max(2 * one.pause, AT_LEAST)
        if one.last_event_at + gap < now:
            port = next(system.port for system in vendors.SYSTEMS if system.source == one.source)
            found.append(Silence(port, one.source, one.last_event_at, gap, one.last_event_at + gap))
    return found
