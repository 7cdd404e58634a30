"""What is wrong at each vendor now, from every sign there is: open breakers, a refused key, silence, wrong signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text

from ... import vendors
from ...db import db, instant
from ...models import Breaker, Case, CaseStatus, Incident
from ._silent import silences, spoken

CREDENTIALS = "vendor_refuses_credentials"


@dataclass
class Trouble:
    """Of one vendor, named by its port: why, in which calls, since when, and its last words."""

    port: str
    since: datetime
    because: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    words: str | None = None


class _Found(dict[str, Trouble]):
    def add(self, port: str, because: str, since: datetime, *, method: str = "", words: str = "") -> None:
        main = vendors.system_of(port).port
        one = self.setdefault(main, Trouble(main, since))
        one.since = min(one.since, since)
        one.because.add(because)
        one.methods |= {method} if method else set()
        one.words = words or one.words


def troubles(standing: Iterable[Incident] = ()) -> Mapping[str, Trouble]:
    """What is wrong now, by vendor. `standing` are the incidents that are not over: a wrong signature counts until a right
    one has come. Four statements."""
    found = _Found()
    for breaker in db.session.scalars(select(Breaker).where(Breaker.opened_at.is_not(None))):
        assert breaker.opened_at
        found.add(
            breaker.port, "breaker", breaker.opened_at, method=breaker.method, words=breaker.words or ""
        )
    refused = select(Case.subject_id, Case.created_at).where(
        Case.reason == CREDENTIALS, Case.status == CaseStatus.OPEN
    )
    for port, since in db.session.execute(refused):
        found.add(port, "credentials", since)
    now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    for silence in silences(spoken(), now):
        found.add(silence.port, "silent", silence.since)
    known = [one.port for one in standing if "signature" in one.because]
    for source, since, many in db.session.execute(_UNSIGNED):
        port = next((one.port for one in vendors.SYSTEMS if one.source == source), None)
        if port and (many or port in known):
            found.add(port, "signature", since)
    return found


# Sources of which nothing authentic has come since the first of the last three that were not; `many` when those came within
# ten minutes. Somebody who forges while the vendor's own arrive is counted and nothing more.
_UNSIGNED = text(
    """
    select r.source, r.recent[cardinality(r.recent)] as since,
           cardinality(r.recent) = 3 and r.recent[1] - r.recent[3] <= interval '10 minutes'
           and r.recent[1] > instant() - interval '10 minutes' as many
    from rejected_counts r
    where r.why = 'not_authentic' and cardinality(r.recent) > 0 and r.recent[1] > instant() - interval '7 days'
      and not exists (select 1 from inbox_events e where e.source = r.source and e.via = 'webhook'
                      and e.created_at > r.recent[cardinality(r.recent)])
    """
)
