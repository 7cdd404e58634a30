"""Our money at Stripe: what came in and went out, with fees; what of it is available, pending or paid out.

What is taken from a card is available from the midnight after two days on, what is given back leaves at once
(https://docs.stripe.com/payouts).
"""

from __future__ import annotations

from typing import Any

from .._agenda import Agenda
from ._form import text
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

KIND = "balance_transaction"
DAY = 86400
AVAILABLE_AFTER = 2 * DAY
DISPUTE_FEE = 1500
PAYS_OUT, PAYS_OUT_QUIETLY = "stripe pays out", "stripe pays out quietly"
CATEGORIES = {"payout_failure": "payout_reversal"}


@shape_of(KIND)
def balance_transaction(facts: Facts) -> dict[str, Any]:
    fee = {
        "amount": facts["fee"],
        "application": None,
        "currency": facts["currency"],
        "description": "Dispute fee" if facts["type"] == "adjustment" else "Stripe processing fees",
        "type": "stripe_fee",
    }
    return {
        "id": facts["id"],
        "object": KIND,
        "amount": facts["amount"],
        "available_on": facts["available_on"],
        "balance_type": "payments",
        "created": facts["created"],
        "currency": facts["currency"],
        "description": facts["description"],
        "exchange_rate": None,
        "fee": facts["fee"],
        "fee_details": [fee] if facts["fee"] else [],
        "net": facts["amount"] - facts["fee"],
        "reporting_category": facts["category"],
        "source": facts["source"],
        "status": "available" if facts["available"] else "pending",
        "type": facts["type"],
    }


def post(
    turn: Turn,
    id: str,
    amount: int,
    of: Facts,
    type: str,
    *,
    fee: int = 0,
    category: str | None = None,
    description: str | None = None,
    at: int | None = None,
    quiet: bool = False,
) -> Facts:
    """One entry about `of`. What comes in is paid out when it is available; `quiet`ly where nobody is to be told."""
    created = turn.created if at is None else at
    comes_in = type == "charge"
    available_on = _midnight_after(created + AVAILABLE_AFTER) if comes_in else created
    facts: Facts = {
        "id": id,
        "created": created,
        "amount": amount,
        "currency": of["currency"],
        "fee": fee,
        "type": type,
        "category": category or CATEGORIES.get(type, type),
        "description": description,
        "source": of["id"],
        "available_on": available_on,
        "available": not comes_in,
        "payout": None,
    }
    turn.add(KIND, facts)
    if type != "payout":
        _pay_out_on(turn, available_on if comes_in else _midnight_after(created), quiet)
    return facts


def _midnight_after(at: int) -> int:
    return -(-at // DAY) * DAY


def _pay_out_on(turn: Turn, day: int, quiet: bool) -> None:
    """Payouts are made once a day."""
    known = turn.db.execute(
        "SELECT 1 FROM agenda WHERE at = ? AND what IN (?, ?)", (day, PAYS_OUT, PAYS_OUT_QUIETLY)
    ).fetchone()
    if not known:
        Agenda.add(turn.db, day, PAYS_OUT_QUIETLY if quiet else PAYS_OUT, "payouts")


def fee_of(amount: int) -> int:
    """2.9 % and 30 of the least unit, as cards cost in the United States."""
    return min(amount, (amount * 29 + 500) // 1000 + 30)


def charged(turn: Turn, charge: Facts, **more: Any) -> None:
    amount = charge["amount_captured"]
    words = charge.get("description")
    post(
        turn,
        charge["balance_transaction"],
        amount,
        charge,
        "charge",
        fee=fee_of(amount),
        description=words,
        **more,
    )


def refunded(turn: Turn, refund: Facts, **more: Any) -> None:
    words = "REFUND FOR CHARGE"
    post(turn, refund["balance_transaction"], -refund["amount"], refund, "refund", description=words, **more)


def refund_failed(turn: Turn, refund: Facts) -> None:
    """The money of a refund that failed is ours again."""
    id, words = refund["failure_balance_transaction"], "REFUND FAILURE"
    post(turn, id, refund["amount"], refund, "refund_failure", description=words)


def disputed(turn: Turn, dispute: Facts, **more: Any) -> None:
    """The bank takes the amount back, and Stripe a fee. Written into the dispute, which is saved by who asks."""
    words = f"Chargeback withdrawal for {dispute['charge']}"
    entry = post(
        turn, new_id("txn"), -dispute["amount"], dispute, "adjustment",
        fee=DISPUTE_FEE, category="dispute", description=words, **more,
    )  # fmt: skip
    dispute.setdefault("balance_transactions", []).append(show(KIND, entry))


def dispute_won(turn: Turn, dispute: Facts) -> None:
    words = f"Chargeback reversal for {dispute['charge']}"
    entry = post(
        turn,
        new_id("txn"),
        dispute["amount"],
        dispute,
        "adjustment",
        category="dispute_reversal",
        description=words,
    )
    dispute.setdefault("balance_transactions", []).append(show(KIND, entry))


STANDS = f"kind = '{KIND}' AND payout IS NULL"
DUE = f"{STANDS} AND created <= :now AND facts ->> 'available_on' <= :now"
NET = "sum((facts ->> 'amount') - (facts ->> 'fee'))"


def due(turn: Turn) -> dict[str, int]:
    """What is available by now and not paid out, by currency: what came in less fees and what went back."""
    rows = turn.db.execute(
        f"SELECT facts ->> 'currency', {NET} FROM stripe_objects INDEXED BY stripe_in_balance WHERE {DUE} GROUP BY 1",
        {"now": turn.now},
    ).fetchall()
    return dict(map(tuple, rows))


def take_out(turn: Turn, currency: str, payout: str | None) -> None:
    """All that is due of a currency is available, and in that payout if there is one."""
    turn.db.execute(
        "UPDATE stripe_objects INDEXED BY stripe_in_balance"
        " SET payout = :payout, facts = json_set(facts, '$.available', json('true'), '$.payout', :payout)"
        f" WHERE {DUE} AND facts ->> 'currency' = :currency",
        {"now": turn.now, "currency": currency, "payout": payout},
    )


@route("GET", "/balance")
def retrieve_balance(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    sums: dict[int, dict[str, int]] = {1: {"usd": 0}, 0: {"usd": 0}}
    rows = turn.db.execute(
        f"SELECT facts ->> 'available', facts ->> 'currency', {NET}"
        f" FROM stripe_objects INDEXED BY stripe_in_balance WHERE {STANDS} GROUP BY 1, 2"
    ).fetchall()
    for available, currency, amount in rows:
        sums[available][currency] = amount
    return {
        "object": "balance",
        "available": _amounts(sums[1]),
        "livemode": False,
        "pending": _amounts(sums[0]),
        "refund_and_dispute_prefunding": {"available": _amounts({"usd": 0}), "pending": _amounts({"usd": 0})},
    }


def _amounts(sums: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sums.items()
    ]


@route("GET", "/balance_transactions/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


TAKES = {**LIST, "currency": text(3), "payout": text(), "source": text(), "type": text()}


@route("GET", "/balance_transactions", TAKES)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """`payout` finds what one automatic payout consists of, itself among it."""
    if "payout" in values:
        turn.need("payout", values["payout"], "payout")
    also = ("facts ->> 'currency' = ?", (values["currency"].lower(),)) if "currency" in values else ("", ())
    where = {name: values.get(name) for name in ("payout", "source", "type")}
    return page(turn, KIND, values, "/v1/balance_transactions", where=where, also=also)
