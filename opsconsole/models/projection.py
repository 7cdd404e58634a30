"""What the CRM is told of a customer's subscriptions, so that it never has to work a date out by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Record


class Projection(Record):
    """One a customer. `facts` are the attributes as they are to be there, "" for one that is to be none; `told_at` is when
    the CRM took just these in, None while it has not."""

    __tablename__ = "projections"
    PREFIX, PLURAL = "prj", "projections"
    TOLD = ("facts",)
    BELONGS_TO = ("customer_id",)

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), unique=True)
    facts: Mapped[dict[str, Any]] = public(JSONB)
    told_at: Mapped[datetime | None]

    @classmethod
    def of_customer(cls, customer_id: str) -> Projection | None:
        return db.session.scalar(select(cls).where(cls.customer_id == customer_id))
