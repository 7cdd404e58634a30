"""What a customer paid and got back, per currency: sums of their payments and refunds, read in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BigInteger, case, cast, func, literal, select, union_all

from ...db import db
from ...lib.money import Money
from ...models import UNDER_WAY, Payment, Refund, RefundStatus


@dataclass(frozen=True)
class Summary:
    """In minor units of `currency`. `paid` was captured, `refunded` has left for the customer, `open` is on its way
    there, `disputed` is held or was taken back by the bank. Refunds that failed or were undone count nowhere."""

    currency: str
    paid: int
    refunded: int
    open: int
    disputed: int

    @property
    def net(self) -> int:
        """What we have of the customer's money, as long as nothing of `open` has left."""
        return self.paid - self.refunded - self.disputed

    @property
    def figures(self) -> dict[str, Money]:
        return {
            name: Money(getattr(self, name), self.currency)
            for name in ("paid", "refunded", "net", "open", "disputed")
        }


def money(customer_id: str) -> list[Summary]:
    """The summary of one customer, a currency each, by its name."""
    return money_of([customer_id])[customer_id]


def money_of(customer_ids: Collection[str]) -> dict[str, list[Summary]]:
    """The summaries of several customers, by customer: one statement."""
    none = literal(0, BigInteger)
    ledger = union_all(
        select(
            Payment.customer_id, Payment.currency, Payment.captured.label("paid"), none.label("refunded"),
            none.label("open"), Payment.disputed.label("disputed"),
        ).where(Payment.customer_id.in_(customer_ids)),
        select(
            Refund.customer_id, Refund.currency, none,
            case((Refund.status == RefundStatus.SUCCEEDED, Refund.amount), else_=0),
            case((Refund.status.in_(UNDER_WAY), Refund.amount), else_=0), none,
        ).where(Refund.customer_id.in_(customer_ids)),
    ).subquery()  # fmt: skip
    whose = (ledger.c.customer_id, ledger.c.currency)
    sums = [cast(func.sum(ledger.c[name]), BigInteger) for name in ("paid", "refunded", "open", "disputed")]
    found: dict[str, list[Summary]] = {id: [] for id in customer_ids}
    for customer_id, currency, *figures in db.session.execute(
        select(*whose, *sums).group_by(*whose).order_by(*whose)
    ):
        if any(figures):
            found[customer_id].append(Summary(currency, *figures))
    return found
