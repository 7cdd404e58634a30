"""The keys that seal values, wrapped by master keys that the database does not have, and how far a rotation has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, instant
from ._classes import secret


class DataKey(Model):
    """`purpose` is seal or digest; the one with the highest number is used for what is new. `master` is the id of the
    key of OPSCONSOLE_KEYS that wraps it. `retired_at`: nothing was sealed by it any more."""

    __tablename__ = "data_keys"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(10))
    wrapped: Mapped[bytes] = secret(LargeBinary)
    master: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(server_default=instant())
    retired_at: Mapped[datetime | None]


class KeyRotation(Model):
    """Everything is sealed anew by key `number`. `places` are the columns that were begun, each with the id of the
    last row that was looked at: whoever goes on with it begins there."""

    __tablename__ = "key_rotations"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    places: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    resealed: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(server_default=instant())
    ended_at: Mapped[datetime | None]
