"""Forgotten passwords: what was asked for, and the links that were mailed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, instant
from ._classes import pii
from ._record import Record


class ResetAsk(Model):
    """Somebody typed an address, anybody's or nobody's. The clock answers it in a moment, and it is gone."""

    __tablename__ = "reset_asks"

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str] = pii(String(320))
    address: Mapped[str] = pii(String(60))
    at: Mapped[datetime] = mapped_column(server_default=instant())


class PasswordReset(Record):
    """A link to choose a new password. What it proves is made of its id with a key and kept nowhere. `ended_at` is when
    it was used, or when the password was changed without it."""

    __tablename__ = "password_resets"
    __table_args__ = (Index("password_resets_staff_idx", "staff_id", "created_at", "id"),)
    PREFIX, PLURAL = "rst", "resets"
    BELONGS_TO = ("staff_id",)

    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
