"""Reading notes."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib.paging import Page
from ...models import Note
from .._actor import Actor
from .._find import newest


def find(*, by: Actor, after: str | None = None, **filters: str) -> Page[Note]:
    """Newest first, of the nouns that the reader may see; filters: subject (an id or its URL), author (an id)."""
    nouns = [grant.removesuffix(".read") for grant in by.grants if grant.endswith(".read")]
    query = select(Note).where(Note.subject_noun.in_(nouns))
    if subject := filters.get("subject"):
        query = query.where(Note.subject_id == subject.rsplit("/", 1)[-1])
    if author := filters.get("author"):
        query = query.where(Note.by_id == author)
    return newest(query, Note, after)


def pinned(record_id: str) -> list[Note]:
    """The notes that stand at the top of a record's page, the latest first."""
    query = select(Note).where(Note.subject_id == record_id, Note.pinned)
    return list(db.session.scalars(query.order_by(Note.created_at.desc(), Note.id.desc()).limit(20)))
