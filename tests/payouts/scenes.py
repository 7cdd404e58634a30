"""Days of money, written straight into the tables: what the tie-out reads, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text

from opsconsole.db import db
from opsconsole.services import CLOCK, payouts, transaction

from ..house import House

DAY = date(2026, 11, 10)
NOON = datetime.combine(DAY, time(12), UTC)
MIDNIGHT = datetime.combine(DAY, time(23, 59, 59), UTC)
NEXT = MIDNIGHT + timedelta(seconds=5)
_numbers = count(1)


class Books:
    """What is written down of a day. `write` puts all of it into the tables."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, dict[str, Any]]] = [
            (
                "customers",
                {"id": f"cst_{next(_numbers)}", "reference": f"books {next(_numbers)}", "name": "Jo"},
            )
        ]
        self.customer = self.rows[0][1]["id"]

    def order(
        self, total: int, *, at: datetime = NOON, currency: str = "usd", status: str = "shipped"
    ) -> str:
        return self._row(
            "orders", "ord", customer_id=self.customer, status=status, currency=currency, subtotal=total, shipping=0, tax=0,
            discount=0, total=total, placed_at=at, created_at=at, reference=f"B{next(_numbers)}",
        )  # fmt: skip

    def charge(
        self, amount: int, *, order: str | None = None, at: datetime = NOON, currency: str = "usd"
    ) -> str:
        """A payment that was collected. Returns the processor's id of it."""
        n = next(_numbers)
        self._row(
            "payments", "pay", order_id=order, status="succeeded", external_id=f"pi_{n}", charge_id=f"ch_{n}",
            raw_status="succeeded", currency=currency, amount=amount, captured=amount, disputed=0, created_at=at,
        )  # fmt: skip
        return f"pi_{n}"

    def refund(self, payment: str, amount: int, *, at: datetime = NOON, status: str = "succeeded") -> str:
        """Returns the processor's id of it."""
        [(of, currency)] = [
            (row["id"], row["currency"])
            for table, row in self.rows
            if table == "payments" and row["external_id"] == payment
        ]
        n = next(_numbers)
        self._row(
            "refunds", "rf", payment_id=of, status=status, external_id=f"re_{n}", raw_status=status, currency=currency,
            amount=amount, reason="goodwill", note="", by="Sam", trace_id="trc_1", created_at=at,
        )  # fmt: skip
        return f"re_{n}"

    def invoice(self, paid: int, *payments: str, at: datetime = NOON) -> str:
        return self._row(
            "invoices", "inv", status="paid", external_id=f"in_{next(_numbers)}", raw_status="paid", currency="usd",
            lines="[]", lines_complete=True, auto_advance=False, tried=1, out_of_band=False, payments=json.dumps(payments),
            fetched_at=at, created_at=at, paid_at=at, paid=paid,
            **dict.fromkeys(
                ("subtotal", "tax", "total", "due", "remaining", "starting_balance", "credited_before", "credited_after"), 0
            ),
        )  # fmt: skip

    def entry(
        self, amount: int, *, kind: str = "charge", payment: str | None = None, source: str | None = None, fee: int = 0,
        net: int | None = None, payout: str | None = None, at: datetime = NOON, currency: str = "usd",
        available_on: date | None = None,
    ) -> None:  # fmt: skip
        self._row(
            "balance_entries", "ble", external_id=f"txn_{next(_numbers)}", kind=kind, source=source, payment_key=payment,
            payout_key=payout, currency=currency, amount=amount, fee=fee, net=amount - fee if net is None else net,
            available_on=available_on or DAY + timedelta(days=2), created_at=at,
        )  # fmt: skip

    def payout(
        self, amount: int, *, status: str = "paid", at: datetime = NOON + timedelta(days=3), automatic: bool = True,
        read: bool = True,
    ) -> str:  # fmt: skip
        """Returns the processor's id of it."""
        id = f"po_{next(_numbers)}"
        self._row(
            "payouts", "pyt", status=status, external_id=id, raw_status=status, currency="usd", amount=amount,
            arrives_on=at.date(), automatic=automatic, read_at=at if read else None, fetched_at=at, created_at=at,
        )  # fmt: skip
        return id

    def sale(self, amount: int, *, payout: str | None = None, fee: int = 30, at: datetime = NOON) -> str:
        """Ordered, charged and booked on the same day. Returns the processor's id of the payment."""
        payment = self.charge(amount, order=self.order(amount, at=at), at=at)
        self.entry(amount, payment=payment, fee=fee, payout=payout, at=at)
        return payment

    def _row(self, table: str, prefix: str, **values: Any) -> str:
        id = f"{prefix}_{next(_numbers)}"
        self.rows.append((table, {"id": id, **values}))
        return id

    def write(self, house: House) -> Books:
        with house.app.app_context():
            self.put()
            db.session.commit()
        return self

    def put(self) -> None:
        for table, row in self.rows:
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            db.session.execute(text(f"insert into {table} ({names}) values ({values})"), row)


def tie_out(house: House, day: date = DAY, role: str = "finance") -> Any:
    """Returns the JSON of the day's tie-out, in dollars where several currencies moved."""
    house.api(role).post("/payouts/tie_out", {"day": day.isoformat()})
    found = house.api().get("/tie-outs")["items"]
    return next(one for one in found if (one["day"], one["currency"]) == (day.isoformat(), "usd"))


def gaps(house: House, tied: Any, **asked: str) -> Counter[tuple[str, str, str]]:
    """(step, kind, amount) of every difference."""
    query = "&".join(f"{name}={value}" for name, value in ({"tie_out": tied["id"]} | asked).items())
    found, after = [], ""
    while after is not None:
        page = house.api().get(f"/tie-outs/gaps?{query}" + (f"&after={after}" if after else ""))
        found += page["items"]
        after = page["next"]
    return Counter((one["step"], one["kind"], one["amount"]["amount"]) for one in found)


def with_a_day_of_money(house: House) -> None:
    """A payout, a reading of the balance, and a day that was tied out."""
    books = Books()
    books.sale(4000, payout=books.payout(3970))
    books.write(house)
    tie_out(house)
    with house.app.app_context(), transaction():
        payouts.pull(by=CLOCK)
