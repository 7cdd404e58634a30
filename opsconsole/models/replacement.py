"""Sending again, for nothing, what did not arrive as it should have: a claim, and the order that makes it good."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, db
from ..lib.money import Money
from ._classes import pii, public
from ._record import Stateful, Status, minor_units, one_of
from .order import Order


class ReplacementStatus(Status):
    AWAITING_RX = "awaiting_rx", "It waits for a new prescription: a clinician is next. Its case says why."
    ORDER_CREATED = "order_created", "The new order is there and goes to the pharmacy, or is there already."
    SHIPPED = "shipped", "The new parcel is on its way. Questions go to the carrier."
    COMPLETED = "completed", "The carrier says that the new parcel arrived."
    CANCELED = "canceled", "Called off before anything was sent. The customer may still be owed something."
    CONVERTED_TO_REFUND = "converted_to_refund", "Called off: the customer gets the money back instead."


_S = ReplacementStatus
_CALLED_OFF = (_S.CANCELED, _S.CONVERTED_TO_REFUND)


class Replacement(Stateful):
    """`order_id` is the order of which something went wrong, `lines` which of its lines, `new_order_id` the order that makes
    them good for nothing. `fill_id` is the fill in which they had left, where a pharmacy of ours sent them.

    `uses_fill` is False where that pharmacy replaces it without using a fill of the prescription, or none is needed;
    `prescription_use` says in a sentence what was decided. `value` is what the lines were worth, in minor units. `photos`
    are attachments of the order. `found_at` is when the original arrived after all.
    """

    __tablename__ = "replacements"
    __table_args__ = (
        one_of("status", ReplacementStatus),
        CheckConstraint("order_id <> new_order_id", name="orders"),
        CheckConstraint("value >= 0", name="value"),
        Index("replacements_order_idx", "order_id", "created_at"),
        Index("replacements_customer_idx", "customer_id", "created_at"),
        Index("replacements_created_idx", "created_at", "id"),
        Index("replacements_status_created_idx", "status", "created_at", "id"),
        Index("replacements_reason_created_idx", "reason", "created_at", "id"),
    )
    PREFIX, PLURAL = "rpl", "replacements"
    TOLD = ("status", "order_id", "new_order_id", "reason", "prescription_use", "note", "found_at")
    BELONGS_TO = ("order_id", "new_order_id", "customer_id")
    STATUS = ReplacementStatus
    MOVES = {
        _S.AWAITING_RX: {_S.ORDER_CREATED, *_CALLED_OFF},
        _S.ORDER_CREATED: {_S.SHIPPED, *_CALLED_OFF},
        _S.SHIPPED: {_S.COMPLETED},
        _S.COMPLETED: set(),
        _S.CANCELED: {_S.CONVERTED_TO_REFUND},
        _S.CONVERTED_TO_REFUND: set(),
    }

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    new_order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), unique=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    fill_id: Mapped[str | None] = mapped_column(ForeignKey("fills.id"))
    lines: Mapped[list[str]] = public(JSONB)
    reason: Mapped[str] = public(String(40))
    note: Mapped[str] = pii(Text, default="")
    photos: Mapped[list[str]] = public(ARRAY(String(40)))
    currency: Mapped[str] = mapped_column(String(3))
    value: Mapped[int] = minor_units()
    uses_fill: Mapped[bool]
    prescription_use: Mapped[str] = public(String(200))
    found_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def final(self) -> bool:
        return self.status in (_S.COMPLETED, *_CALLED_OFF)

    @property
    def stands(self) -> bool:
        """Was it, or will it be, sent?"""
        return self.status not in _CALLED_OFF

    @property
    def worth(self) -> Money:
        return Money(self.value, self.currency)

    def tell(self, field: str, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else super().tell(field, value)

    @classmethod
    def of_order(cls, order_id: str) -> list[Replacement]:
        """The replacements of an order, oldest first."""
        query = select(cls).where(cls.order_id == order_id)
        return list(db.session.scalars(query.order_by(cls.created_at, cls.id)))

    @classmethod
    def making(cls, order: Order) -> Replacement | None:
        """The replacement for which an order was made; None for any other order."""
        return db.session.scalar(select(cls).where(cls.new_order_id == order.id))


class ReplacementPolicy(Model):
    """What is asked before something is replaced, one row. `free_in_year`: how many a customer gets in twelve months without
    a second person. `photo_over`: from more than this worth on a photo is needed where one can be taken, in cents of US
    dollars."""

    __tablename__ = "replacement_policy"
    __table_args__ = (CheckConstraint("single and free_in_year >= 0 and photo_over >= 0", name="sensible"),)

    single: Mapped[bool] = mapped_column(primary_key=True, default=True, server_default="true")
    free_in_year: Mapped[int]
    photo_over: Mapped[int]

    @classmethod
    def current(cls) -> ReplacementPolicy:
        return db.session.scalars(select(cls)).one()
