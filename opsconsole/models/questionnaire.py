"""What patients are asked: forms in versions, each answered as it was when it was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Stateful, Status, one_of
from ._versioned import version_moves


class QuestionnaireStatus(Status):
    DRAFT = "draft", "It is being written: nobody is asked it yet."
    ACTIVE = "active", "Patients are asked this version."
    SUPERSEDED = "superseded", "A newer version is asked. What was answered to this one stays as it was."
    WITHDRAWN = "withdrawn", "It was taken back before anybody was asked it."


class Questionnaire(Stateful):
    """One version (`number`, from 1) of the form `key`. Of each form one version is active. Never changed but its status.

    `items`: [{"id", "text", "kind": yes_no | choice | choices | integer | number | date | text | photo | group | display,
    "required"?, "choices"?: [{"code", "text"}], "when"?: [{"question", "is": = | != | > | < | >= | <= | exists, "value"}],
    "when_all"?: bool, "items"?: [...]}]. An item is asked when one of its `when` holds, or all of them with `when_all`.
    """

    __tablename__ = "questionnaires"
    __table_args__ = (
        one_of("status", QuestionnaireStatus),
        Index("questionnaires_version_key", "key", "number", unique=True),
        Index("questionnaires_active_key", "key", unique=True, postgresql_where="status = 'active'"),
        Index("questionnaires_created_idx", "created_at", "id"),
        Index("questionnaires_status_created_idx", "status", "created_at", "id"),
    )
    PREFIX, PLURAL = "qst", "questionnaires"
    TOLD = ("status", "title", "number")
    STATUS = QuestionnaireStatus
    MOVES = version_moves(QuestionnaireStatus)

    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    title: Mapped[str] = public(String(200))
    items: Mapped[list[dict[str, Any]]] = public(JSONB)
    external_id: Mapped[str | None] = mapped_column(String(100))
    published_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str | None] = mapped_column(String(40))

    @property
    def name(self) -> str:
        return f"Version {self.number}"

    @property
    def canonical(self) -> str:
        """Under which URL the healthcare system knows the form, whatever its version."""
        return f"https://forms.opsconsole.example/{self.key}"

    @classmethod
    def active(cls, key: str) -> Questionnaire | None:
        """The version of a form that is asked now."""
        return db.session.scalar(select(cls).where(cls.key == key, cls.status == "active"))

    @classmethod
    def of(cls, key: str, number: int) -> Questionnaire | None:
        return db.session.scalar(select(cls).where(cls.key == key, cls.number == number))
