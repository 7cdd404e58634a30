"""A customer's address or number on its way to the system that owns it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import CONTACTS, NAMES, pii
from ._record import Stateful, Status, one_of


class CorrectionStatus(Status):
    PLANNED = "planned", "Written down here; the owner of the field has not been asked yet. It can be undone."
    SUBMITTED = "submitted", "The owner of the field was asked. Nothing changes here until it confirms."
    SUCCEEDED = "succeeded", "The owner of the field has confirmed it, and so it changed here."
    FAILED = "failed", "The owner of the field did not take it. Nothing changed here; a case says what to do."
    WITHDRAWN = "withdrawn", "Undone before the owner of the field was asked."


_S = CorrectionStatus


class Correction(Stateful):
    """What a person wants a customer's e-mail or phone to be. None leaves one as it is.

    `name` was changed with it at once, for it is ours; `name_before` is what undoing it brings back.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        one_of("status", CorrectionStatus),
        Index("corrections_customer_idx", "customer_id", "created_at"),
    )
    PREFIX, PLURAL = "cor", "corrections"
    TOLD = ("status", "email", "phone", "failure_reason")
    BELONGS_TO = ("customer_id",)
    STATUS = CorrectionStatus
    MOVES = {
        _S.PLANNED: {_S.SUBMITTED, _S.WITHDRAWN, _S.FAILED},
        _S.SUBMITTED: {_S.PLANNED, _S.SUCCEEDED, _S.FAILED},
        _S.SUCCEEDED: set(),
        _S.FAILED: {_S.PLANNED, _S.SUCCEEDED},
        _S.WITHDRAWN: set(),
    }

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    email: Mapped[str | None] = pii(String(320), shown_by=CONTACTS)
    phone: Mapped[str | None] = pii(String(40), shown_by=CONTACTS)
    name: Mapped[str | None] = pii(String(200), shown_by=NAMES)
    name_before: Mapped[str | None] = pii(String(200), shown_by=NAMES)
    failure_reason: Mapped[str | None] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(120))
    trace_id: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime | None]

    @property
    def final(self) -> bool:
        return self.status in (_S.SUCCEEDED, _S.FAILED, _S.WITHDRAWN)

    @property
    def fields(self) -> dict[str, str]:
        """What it changes at the owner: {"email": .., "phone": ..}, only those that are set."""
        return {name: value for name in ("email", "phone") if (value := getattr(self, name))}

    @classmethod
    def of(cls, customer_id: str) -> list[Correction]:
        """A customer's corrections, newest first; of long ago none matters."""
        query = select(cls).where(cls.customer_id == customer_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc()).limit(20)))
