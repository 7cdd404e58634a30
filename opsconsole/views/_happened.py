"""What happened to a thing, as its page shows it: the newest entries, the filters, and where the older ones are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from .. import vendors
from ..models import Record
from ..services import audit
from ..services.audit import Entry
from ._noting import Box, box
from ._who import actor

# The filters of a timeline, and what each may be: code -> words.
CHOICES = {
    "kind": audit.KINDS,
    "actor": audit.ACTORS,
    "system": {system: vendors.name_of(system) for system in audit.SYSTEMS.values()},
}


NEWEST = 20  # entries on the thing's own page


@dataclass(frozen=True)
class Happened:
    """A page of a thing's timeline. `here` is the thing's URL, `url` its timeline's, `next` the cursor, `given` the
    filters in force. `notes` is what its own page shows of notes."""

    here: str
    url: str
    entries: Sequence[Entry]
    next: str | None
    given: Mapping[str, str]
    notes: Box | None = None

    @property
    def choices(self) -> Mapping[str, Mapping[str, str]]:
        return CHOICES

    @property
    def older_url(self) -> str:
        return f"{self.url}?{urlencode({**self.given, 'after': self.next})}" if self.next else ""


def happened(record: Record) -> Happened:
    """For the thing's own page: its newest entries and its notes."""
    page = audit.timeline(record, by=actor(), size=NEWEST)
    return Happened(record.url, f"{record.url}/timeline", page.items, page.next, {}, box(record))


def happened_since(record: Record, after: str | None, given: Mapping[str, str]) -> Happened:
    """One page of the timeline, filtered. Raises BadCursor."""
    page = audit.timeline(
        record, by=actor(), kind=given.get("kind"), actor=given.get("actor"), system=given.get("system"), after=after
    )  # fmt: skip
    return Happened(record.url, f"{record.url}/timeline", page.items, page.next, given)
