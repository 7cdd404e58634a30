"""A photo or document beside an order, a customer or a note. What it shows is kept sealed, outside the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import Sealed, pii, sealed
from ._record import Record

KINDS = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf"}


class Attachment(Record):
    """`kind` is a key of KINDS. `key` is the file's own: what lies outside the database is sealed with it, and the keys of
    the keyring are changed without touching files. `removed_at`: it is shown no more, and kept."""

    __tablename__ = "attachments"
    __table_args__ = (
        Index("attachments_subject_idx", "subject_id", "created_at", "id"),
        Index("attachments_created_idx", "created_at", "id"),
        Index("attachments_about_idx", "about", postgresql_using="gin"),
    )
    PREFIX, PLURAL = "atc", "attachments"
    TOLD = ("subject_id", "kind", "size", "removed_reason")

    subject_noun: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    about: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    kind: Mapped[str] = mapped_column(String(10))
    size: Mapped[int]  # bytes, as they are shown
    width: Mapped[int | None]
    height: Mapped[int | None]
    name_sealed: Mapped[bytes] = sealed("name")
    name = Sealed("name_sealed", str)
    key_sealed: Mapped[bytes] = sealed("key")
    key = Sealed("key_sealed", bytes)
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = pii(String(120))
    removed_reason: Mapped[str | None] = pii(String(500))

    @property
    def picture(self) -> bool:
        return self.kind != "pdf"

    @property
    def label(self) -> str:
        """What everybody may call it: its name may tell of somebody's health."""
        size = (
            f"{self.size / 1024 / 1024:.1f} MB"
            if self.size >= 1024 * 1024
            else f"{max(1, self.size // 1024)} KB"
        )
        return f"{'Photo' if self.picture else 'Document'}, {self.kind.upper()}, {size}"

    def related(self) -> set[str]:
        return {self.id, *self.about}

    @classmethod
    def of(cls, subject_id: str) -> list[Attachment]:
        """What is shown beside a thing, oldest first."""
        query = select(cls).where(cls.subject_id == subject_id, cls.removed_at.is_(None))
        return list(db.session.scalars(query.order_by(cls.created_at, cls.id)))
