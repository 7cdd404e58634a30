"""A photo that a patient has sent with an answer: where the healthcare system has it, and which attachment it is here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import Sealed, public, sealed
from ._record import Record


class AnswerPhoto(Record):
    """`place` is where the healthcare system has it, sealed: an address may tell more than it should. `attachment_id` is
    none until it was fetched."""

    __tablename__ = "answer_photos"
    __table_args__ = (
        Index("answer_photos_answers_idx", "answers_id", "created_at"),
        Index("answer_photos_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "aph", "answer-photos"
    TOLD = ("attachment_id",)
    BELONGS_TO = ("visit_id", "customer_id")

    answers_id: Mapped[str] = mapped_column(ForeignKey("visit_answers.id"))
    visit_id: Mapped[str | None] = mapped_column(ForeignKey("visits.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    question: Mapped[str] = public(String(255))
    place_sealed: Mapped[bytes] = sealed("place")
    place = Sealed("place_sealed", str)
    attachment_id: Mapped[str | None] = mapped_column(ForeignKey("attachments.id"))

    @property
    def url(self) -> str:
        """It stands on its visit, or on the file that it became."""
        if self.attachment_id:
            return f"/attachments/{self.attachment_id}"
        return f"/visits/{self.visit_id}" if self.visit_id else f"/customers/{self.customer_id}"

    @classmethod
    def of(cls, answers_id: str) -> Sequence[AnswerPhoto]:
        query = select(cls).where(cls.answers_id == answers_id)
        return db.session.scalars(query.order_by(cls.created_at, cls.id)).all()
