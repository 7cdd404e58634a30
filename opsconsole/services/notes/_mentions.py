"""Calling a colleague in a note: `@sam` tells whoever signs in as sam@…"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_, update

from ...db import db, instant
from ...lib.paging import PAGE, Page, cursor, read_cursor
from ...models import Grant, Mention, Note, Staff
from .._act import warn
from .._actor import Actor
from .._transaction import transaction
from ._health import READ_PHI

_CALL = re.compile(r"(?<![\w.@+-])@(\w[\w.+-]*)")  # not the middle of an e-mail address


@dataclass(frozen=True)
class _Colleague:
    id: str
    name: str
    email: str
    grants: frozenset[str]


def tell(note: Note, by: Actor, to: Iterable[str] = ()) -> None:
    """Tell everybody whom the note calls, and the staff of these ids, once; warn of whoever is not found or may not see
    it."""
    for staff_id in to:
        Mention(note_id=note.id, staff_id=staff_id).add()
    handles = dict.fromkeys(match.rstrip(".-+").lower() for match in _CALL.findall(note.text))
    if not handles:
        return
    told = set(db.session.scalars(select(Mention.staff_id).where(Mention.note_id == note.id)))
    known = _handles()
    for handle in handles:
        found = known.get(handle, [])
        if len(found) != 1:
            warn(_not_one(handle, found, known))
            continue
        [colleague] = found
        if lacks := _lacks(colleague, note):
            warn(f"{colleague.name} cannot see {lacks}: ask an admin, or tell them otherwise.")
        elif colleague.id not in told and colleague.id != by.id:
            told.add(colleague.id)
            Mention(note_id=note.id, staff_id=colleague.id).add()


def _lacks(colleague: _Colleague, note: Note) -> str | None:
    for right, words in (
        (f"{note.subject_noun}.read", note.subject_noun),
        ("notes.read", "notes"),
        (READ_PHI if note.phi else "notes.read", "health details"),
    ):
        if right not in colleague.grants:
            return words
    return None


def _handles() -> dict[str, list[_Colleague]]:
    """Who is called by which handle: the e-mail's part before the @, and the name ("sam.rivera") of those who share
    that part with somebody."""
    query = select(Staff.id, Staff.name, Staff.email, Grant.of(Staff.role_id)).where(
        Staff.disabled_at.is_(None)
    )
    by_local: dict[str, list[_Colleague]] = defaultdict(list)
    for id, name, email, grants in db.session.execute(query.order_by(Staff.email)):
        by_local[email.partition("@")[0].lower()].append(_Colleague(id, name, email, frozenset(grants)))
    handles = defaultdict(list, {handle: list(found) for handle, found in by_local.items()})
    for found in by_local.values():
        if len(found) > 1:
            for colleague in found:
                handles[_by_name(colleague)].append(colleague)
    return handles


def _by_name(colleague: _Colleague) -> str:
    return ".".join(re.findall(r"\w+", colleague.name.lower()))


def _not_one(handle: str, found: list[_Colleague], known: dict[str, list[_Colleague]]) -> str:
    if not found:
        return f"Nobody is called @{handle}: nobody is told."
    ways = [f"@{way} ({one.name})" for one in found if len(known[way := _by_name(one)]) == 1]
    instead = f" Write {' or '.join(ways)}." if ways else " Tell them otherwise."
    return f"@{handle} could be {' or '.join(one.name for one in found)}: nobody is told.{instead}"


@dataclass(frozen=True)
class Told:
    """Somebody was called. `read_at` is None until they have opened their list."""

    id: str
    at: datetime
    read_at: datetime | None
    note: Note


def mentions_of(staff_id: str, *, after: str | None = None) -> Page[Told]:
    """The notes that call a person, newest first. Raises BadCursor."""
    query = select(Mention, Note).join(Note, Note.id == Mention.note_id).where(Mention.staff_id == staff_id)
    if after:
        query = query.where(
            tuple_(Mention.created_at, Mention.id) < read_cursor(after, "-created_at", datetime)
        )
    query = query.order_by(Mention.created_at.desc(), Mention.id.desc()).limit(PAGE + 1)
    rows = [Told(one.id, one.created_at, one.read_at, note) for one, note in db.session.execute(query)]
    more = len(rows) > PAGE
    return Page(rows[:PAGE], cursor("-created_at", rows[PAGE - 1].at, rows[PAGE - 1].id) if more else None)


def seen(told: Sequence[Told]) -> None:
    """The person has these before their eyes: they count as read. Bookkeeping, no act."""
    unread = [one.id for one in told if one.read_at is None]
    if unread:
        with transaction():
            db.session.execute(update(Mention).where(Mention.id.in_(unread)).values(read_at=instant()))


def told_by(note_id: str) -> list[str]:
    """The names of those whom a note told."""
    query = select(Staff.name).join(Mention, Mention.staff_id == Staff.id).where(Mention.note_id == note_id)
    return list(db.session.scalars(query.order_by(Staff.name)))
