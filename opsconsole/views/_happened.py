"""What happened to a thing, as its page shows it: the newest entries, the filters, and where the older ones are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request

from .. import vendors
from ..lib.paging import Page
from ..lib.refusal import Invalid
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
FEW = 4  # entries that are read without a filter


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
    def many(self) -> bool:
        """Is it worth a filter?"""
        return bool(self.given or self.next or len(self.entries) > FEW)

    @property
    def all_url(self) -> str:
        """Where it stands without filters: where the reader is."""
        return f"{self.here}#timeline" if request.path == self.here else self.url

    @property
    def own_url(self) -> str:
        """The thing's own page, with the filters in force."""
        return f"{self.here}?{urlencode(self.given)}" if self.given else self.here

    @property
    def older_url(self) -> str:
        return f"{self.url}?{urlencode({**self.given, 'after': self.next})}" if self.next else ""


def happened(record: Record) -> Happened:
    """For the thing's own page: its newest entries, filtered as its URL says, and its notes. Raises Invalid."""
    given = chosen({name: value for name, value in request.args.items() if name in CHOICES})
    page = _entries(record, given, size=NEWEST)
    return Happened(record.url, f"{record.url}/timeline", page.items, page.next, given, box(record))


def happened_since(record: Record, after: str | None, given: Mapping[str, str]) -> Happened:
    """One page of the timeline, filtered. Raises BadCursor."""
    page = _entries(record, given, after=after)
    return Happened(record.url, f"{record.url}/timeline", page.items, page.next, given)


def _entries(record: Record, given: Mapping[str, str], **which: Any) -> Page[Entry]:
    return audit.timeline(
        record, by=actor(), kind=given.get("kind"), actor=given.get("actor"), system=given.get("system"), **which
    )  # fmt: skip


def chosen(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters that were asked for, without the empty ones. Raises Invalid."""
    given = {name: value for name, value in asked.items() if value}
    strange = {name: [_one_of(name)] for name, value in given.items() if value not in CHOICES.get(name, ())}
    if strange:
        raise Invalid(strange)
    return given


def _one_of(name: str) -> str:
    if name in CHOICES:
        return f"Choose one of: {', '.join(CHOICES[name])}."
    return f"There is no such filter. There are: {', '.join(CHOICES)}."
