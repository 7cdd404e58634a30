"""The audit's seals: each entry's place in one chain, made by a key that the database does not have."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, instant


class AuditSeal(Model):
    """Entry `entry_id` is number `number`. `digest` is SHA-256 of the entry, `chain` an HMAC over the chain before
    it, the number and the digest (see services/audit/_chain.py). Only ever added to."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(String(40, collation="C"), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(server_default=instant())


class AuditUnsealed(Model):
    """Entries that wait for their seal: a trigger writes them down, the sealer takes them away."""

    __tablename__ = "audit_unsealed"

    entry_id: Mapped[str] = mapped_column(String(40, collation="C"), primary_key=True)
