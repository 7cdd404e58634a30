"""What other systems hold of a customer: our copy of it, and what was just read there and is not taken in yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._classes import pii
from ._record import Record


class Profile(Record):
    """A customer as one system holds them: the mirror that pages show, changed by acts only.

    `facts` are that system's fields by name, as JSON carries them: texts, yes or no, amounts as
    {"amount", "currency"}. `fetched_at` is when they were last confirmed there.
    """

    __tablename__ = "profiles"
    __table_args__ = (UniqueConstraint("customer_id", "system"),)
    PREFIX, PLURAL = "pfl", "profiles"
    TOLD = ("facts",)
    BELONGS_TO = ("customer_id",)

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    system: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(255))
    facts: Mapped[dict[str, Any]] = pii(JSONB)
    fetched_at: Mapped[datetime]

    @property
    def url(self) -> str:
        return f"/customers/{self.customer_id}/panels/{self.system}"

    @classmethod
    def of(cls, customer_id: str) -> dict[str, Profile]:
        """A customer's profiles by system."""
        found = db.session.scalars(select(cls).where(cls.customer_id == customer_id))
        return {profile.system: profile for profile in found}

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        """Of the facts, each one that differs is told by its own name."""
        if field != "facts":
            yield from super().apart(field, before, after)
            return
        before, after = before or {}, after or {}
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                yield name, in_words(before.get(name)), in_words(after.get(name))


def in_words(fact: Any) -> Any:
    """One fact as previews and the audit tell it."""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, dict):
        return str(Money.parse(fact["amount"], fact["currency"]))
    return fact


class Quote(Record):
    """Something read from outside before an act, which the act then gets as an input.

    The row is made before the vendor is asked: while `outcome` is None somebody is asking. `fetched_at` is the
    instant before the question; `words` say what went wrong. It may be accepted until `expires_at`.
    """

    __tablename__ = "quotes"
    __table_args__ = (Index("quotes_subject_idx", "subject_id", "source", "fetched_at"),)
    PREFIX, PLURAL = "quo", "quotes"

    FOUND, MISSING, FAILED = "found", "missing", "failed"

    subject_id: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(40))  # a system, "stripe"
    external_id: Mapped[str] = mapped_column(String(255))
    outcome: Mapped[str | None] = mapped_column(String(10))
    facts: Mapped[dict[str, Any] | None] = pii(JSONB(none_as_null=True))
    words: Mapped[str | None] = mapped_column(String(500))
    fetched_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    @classmethod
    def newest(cls, subject_id: str, source: str | None = None) -> dict[str, Quote]:
        """The newest quote about a subject of each source, or of one."""
        query = select(cls).where(cls.subject_id == subject_id)
        if source:
            query = query.where(cls.source == source)
        newest = query.distinct(cls.source).order_by(cls.source, cls.fetched_at.desc())
        return {quote.source: quote for quote in db.session.scalars(newest)}
