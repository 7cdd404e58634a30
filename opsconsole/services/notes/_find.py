"""Reading notes."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib.paging import Page
from ...models import Note
from .._actor import Actor
from .._find import Listing, one_of_ours

LIST = Listing(
    Note,
    {
        "subject": one_of_ours(Note.subject_id, "On what it is; an id or its URL."),
        "author": one_of_ours(Note.by_id, "Who wrote it, by the id of a member of staff."),
    },
)


def find(*, by: Actor, **asked: str) -> Page[Note]:
    """Newest first, of the nouns that the reader may see; `asked` as LIST declares."""
    nouns = [grant.removesuffix(".read") for grant in by.grants if grant.endswith(".read")]
    return LIST.find(Note.subject_noun.in_(nouns), **asked)


def pinned(record_id: str) -> list[Note]:
    """The notes that stand at the top of a record's page, the latest first."""
    query = select(Note).where(Note.subject_id == record_id, Note.pinned)
    return list(db.session.scalars(query.order_by(Note.created_at.desc(), Note.id.desc()).limit(20)))
