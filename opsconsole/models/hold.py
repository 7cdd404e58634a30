"""Somebody keeps an order back before it goes to the pharmacy: why, for how long, and where it was."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.worded import Worded
from ._classes import public
from ._record import Stateful, Status, one_of


class HoldStatus(Status):
    STANDING = "standing", "Nothing is sent until somebody releases it or calls the order off."
    RELEASED = "released", "The order goes on."
    CANCELED = "canceled", "The order was canceled while it was held."


class HoldReason(Worded):
    """Why, with the words that people choose by."""

    CUSTOMER_ASKED = "customer_asked", "The customer asked us to wait"
    ADDRESS = "address", "The address has to be cleared up"
    PAYMENT = "payment", "The payment has to be cleared up"
    CLINICAL = "clinical", "A clinician has to look at it first"
    STOCK = "stock", "It is not in stock"
    SUSPECTED_FRAUD = "suspected_fraud", "It may be fraud"
    OTHER = "other", "Something else"


class Hold(Stateful):
    """`returns_to` is the status its order had. It lasts until the end of `until_on`; what stands longer makes a case."""

    __tablename__ = "holds"
    __table_args__ = (
        one_of("status", HoldStatus),
        one_of("reason", HoldReason),
        Index("holds_standing_key", "order_id", unique=True, postgresql_where="status = 'standing'"),
        Index("holds_order_idx", "order_id", "created_at"),
        Index("holds_until_idx", "until_on", postgresql_where="status = 'standing'"),
    )
    PREFIX, PLURAL = "hld", "holds"
    TOLD = ("status", "reason", "until_on", "returns_to")
    BELONGS_TO = ("order_id",)
    STATUS = HoldStatus
    MOVES = {
        HoldStatus.STANDING: {HoldStatus.RELEASED, HoldStatus.CANCELED},
        HoldStatus.RELEASED: set(),
        HoldStatus.CANCELED: set(),
    }

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    reason: Mapped[str] = public(String(24))
    returns_to: Mapped[str] = public(String(24))
    until_on: Mapped[date] = mapped_column(Date)
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    overdue_at: Mapped[datetime | None]  # when somebody was told that it stands too long

    @property
    def url(self) -> str:
        return f"/orders/{self.order_id}"

    @property
    def why(self) -> str:
        return next(one.words for one in HoldReason if one == self.reason)

    @classmethod
    def on(cls, order_id: str) -> Hold | None:
        """The one that stands on an order."""
        return db.session.scalar(
            select(cls).where(cls.order_id == order_id, cls.status == HoldStatus.STANDING)
        )
