"""Which part of an order a refund gives back: so much of a line, or of its shipping."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ..lib.money import Money
from ._record import Record, minor_units
from .order import OrderLine
from .refund import Refund, RefundStatus


class RefundLine(Record):
    """`amount` of one line, or of the shipping where `line_id` is None; `tax` is the part of it that is tax.

    A refund without any is of an amount and of no line. One with lines is of exactly their sum.
    """

    __tablename__ = "refund_lines"
    __table_args__ = (
        CheckConstraint("amount > 0 and tax >= 0 and tax <= amount", name="amounts"),
        Index("refund_lines_refund_line_key", "refund_id", "line_id", unique=True),
    )
    PREFIX, PLURAL = "rfl", "refund-lines"
    TOLD = ("amount", "tax")
    BELONGS_TO = ("refund_id",)

    refund_id: Mapped[str] = mapped_column(ForeignKey("refunds.id"))
    line_id: Mapped[str | None] = mapped_column(ForeignKey("order_lines.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = minor_units()
    tax: Mapped[int] = minor_units()

    @property
    def line(self) -> OrderLine | None:
        return OrderLine.require(self.line_id) if self.line_id else None

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def tax_money(self) -> Money:
        return Money(self.tax, self.currency)

    @property
    def called(self) -> str:
        """Its place in the order too: two lines can be of the same product."""
        return f"refund of {line.label}" if (line := self.line) else "refund of shipping"

    @classmethod
    def of(cls, refund_id: str) -> list[RefundLine]:
        """A refund's lines as they stand in the order, shipping last."""
        query = (
            select(cls).outerjoin(OrderLine, OrderLine.id == cls.line_id).where(cls.refund_id == refund_id)
        )
        return list(db.session.scalars(query.order_by(OrderLine.position.nulls_last())))

    @classmethod
    def given_back(cls, order_ids: Iterable[str]) -> dict[str, dict[str | None, tuple[int, int]]]:
        """(amount, tax) that refunds take of each line of each order, None for shipping; failed and withdrawn
        ones take nothing. Lock the order first when it decides anything."""
        query = (
            select(Refund.order_id, cls.line_id, func.sum(cls.amount), func.sum(cls.tax))
            .join(Refund, Refund.id == cls.refund_id)
            .where(
                Refund.order_id.in_(order_ids),
                Refund.status.not_in([RefundStatus.FAILED, RefundStatus.WITHDRAWN]),
            )
            .group_by(Refund.order_id, cls.line_id)
        )
        found: dict[str, dict[str | None, tuple[int, int]]] = {}
        for order_id, line_id, amount, tax in db.session.execute(query).tuples():
            found.setdefault(str(order_id), {})[line_id] = (int(amount), int(tax))
        return found
