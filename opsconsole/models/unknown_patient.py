"""A patient of the healthcare system for whom something is prescribed, and who is nobody's customer here yet."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Stateful, Status, one_of


class UnknownPatientStatus(Status):
    OPEN = "open", "Nobody has said whose they are: what is prescribed to them waits."
    LINKED = "linked", "They are a customer's. What waited was read anew."


_S = UnknownPatientStatus


class UnknownPatient(Stateful):
    """`external_id` is the patient's id there, `waiting` the ids of the prescriptions that were told of, in order."""

    __tablename__ = "unknown_patients"
    __table_args__ = (
        one_of("status", UnknownPatientStatus),
        Index("unknown_patients_created_idx", "created_at", "id"),
        Index("unknown_patients_status_created_idx", "status", "created_at", "id"),
    )
    PREFIX, PLURAL = "upt", "unknown-patients"
    TOLD = ("status", "customer_id")
    BELONGS_TO = ("customer_id",)
    STATUS = UnknownPatientStatus
    MOVES = {_S.OPEN: {_S.LINKED}, _S.LINKED: set()}

    external_id: Mapped[str] = mapped_column(String(100), unique=True)
    waiting: Mapped[list[str]] = public(JSONB, default=list, server_default="[]")
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))

    @classmethod
    def of(cls, external_id: str) -> UnknownPatient | None:
        return db.session.scalar(select(cls).where(cls.external_id == external_id))
