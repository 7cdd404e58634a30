"""What staff write down beside a thing, every version of it, and whom it calls by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import Sealed, sealed
from ._record import Record
from .staff import Staff


class Note(Record):
    """`text` is the latest version. `subject_noun` is the plural of what it is on ("orders"), whose right to read it needs.
    `phi`: it tells of somebody's health. Its text is in no other table but its versions: neither in the audit nor
    in TOLD."""

    __tablename__ = "notes"
    __table_args__ = (
        Index("notes_created_idx", "created_at", "id"),
        Index("notes_subject_idx", "subject_id", "created_at", "id"),
        Index("notes_about_idx", "about", postgresql_using="gin"),
    )
    PREFIX, PLURAL = "nte", "notes"
    TOLD = ("subject_id", "version", "phi", "pinned")

    subject_noun: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    about: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    text_sealed: Mapped[bytes] = sealed("text")
    text = Sealed("text_sealed", str)
    version: Mapped[int] = mapped_column(default=1)
    phi: Mapped[bool] = mapped_column(default=False)
    pinned: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))

    def related(self) -> set[str]:
        return {self.id, *self.about}

    def tell(self, field: str, value: Any) -> Any:
        if isinstance(value, bool):
            return "yes" if value else None
        return None if (field, value) == ("version", 1) else value

    def versions(self) -> list[NoteVersion]:
        query = select(NoteVersion).where(NoteVersion.note_id == self.id).order_by(NoteVersion.number)
        return list(db.session.scalars(query))


class NoteVersion(Record):
    """What a note said, from `created_at` on. Only ever added to."""

    __tablename__ = "note_versions"
    __table_args__ = (UniqueConstraint("note_id", "number"),)
    PREFIX, PLURAL = "ntv", "note-versions"

    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id"))
    number: Mapped[int]
    text_sealed: Mapped[bytes] = sealed("text")
    text = Sealed("text_sealed", str)
    phi: Mapped[bool]


class Mention(Record):
    """A note calls a member of staff. Once per note and person, however often it is changed."""

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("note_id", "staff_id"),
        Index("mentions_staff_idx", "staff_id", "created_at", "id"),
        Index("mentions_unread_idx", "staff_id", postgresql_where="read_at is null"),
    )
    PREFIX, PLURAL = "mnt", "mentions"
    TOLD = ("staff_id",)

    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    read_at: Mapped[datetime | None]

    def tell(self, field: str, value: Any) -> Any:
        found = Staff.get(value) if field == "staff_id" and value else None
        return found.name if found else value
