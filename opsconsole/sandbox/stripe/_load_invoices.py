"""Bulk creation of a subscription's invoices, so that demo data has a past.

`{"object": "invoice", "id": "in_..", "subscription": "sub_..", "status": "paid", "created", "period_start",
  "payment": "pi_..", "amount", "metadata", "auto_advance", "finalizes_at", "emit"}`
It is for the subscription's items over the period from `period_start` (or `created`), or for `amount` where that is given.
A paid one names the payment, loaded before, that paid it; none when it was paid outside of Stripe. A draft finalises an hour
after it was created, or at `finalizes_at`, unless `auto_advance` is false; an open one was tried once and is tried again as
dunning is set. With `emit` Stripe tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import _dunning, _invoice_life, invoice_payments
from ._invoice_lines import line_in
from ._periods import after
from ._proration import line_of
from ._subscription import OVER
from ._turn import Facts, Turn, insert

Line = Mapping[str, Any]
INVOICE = {
    *("object", "id", "subscription", "status", "created", "period_start", "payment", "amount", "metadata"),
    *("auto_advance", "finalizes_at", "emit"),
}
_TOLD = {"draft": "created", "void": "voided", "uncollectible": "marked_uncollectible", "open": "finalized"}
STATUSES = ("draft", "open", "paid", "void", "uncollectible")


def invoice(turn: Turn, line: Line) -> bool:
    """Raises ValueError for a status or a payment that cannot be."""
    status = line.get("status", "paid")
    if status not in STATUSES:
        raise ValueError(f"status must be one of {', '.join(STATUSES)}")
    if line.get("payment") and status != "paid":
        raise ValueError("only a paid invoice has a payment")
    if turn.find("invoice", line["id"]):
        return False
    subscription = turn.need("subscription", line["subscription"])
    created = int(line.get("created", turn.created))
    facts = _drawn_up(turn, subscription, line, created)
    if line.get("payment"):
        _pay_with(turn, facts, turn.need("payment_intent", line["payment"]))
    insert(turn.db, "invoice", facts)
    latest = turn.find("invoice", subscription.get("latest_invoice") or "")
    if latest is None or created >= latest["created"]:
        turn.save("subscription", subscription | {"latest_invoice": facts["id"]})
    if status == "draft":
        facts["automatically_finalizes_at"] = line.get("finalizes_at")
        _invoice_life.schedule(replace(turn, now=created), facts)
    elif facts["status"] == "draft":
        _move(turn, facts, status, created)
    if line.get("emit"):
        turn.emit(f"invoice.{_TOLD.get(status, status)}", "invoice", turn.need("invoice", facts["id"]))
    return True


def _drawn_up(turn: Turn, subscription: Facts, line: Line, created: int) -> Facts:
    start = int(line.get("period_start", created))
    facts: Facts = _invoice_life.blank(subscription["customer"], subscription["currency"], created) | {
        "id": line["id"],
        "billing_reason": "subscription_create"
        if start <= subscription["start_date"]
        else "subscription_cycle",
        "auto_advance": line.get("auto_advance", True)
        and line.get("status") in ("draft", "open")
        and subscription["status"] not in OVER,
        "subscription": subscription["id"],
        "subscription_metadata": subscription["metadata"],
        "collection_method": subscription.get("collection_method", "charge_automatically"),
        "metadata": dict(line.get("metadata") or {}),
        "period": [start, start],
    }
    items = subscription["items"]
    lines = [line_of(subscription, one, start, after(start, one["price"]["recurring"], 1)) for one in items]
    if "amount" in line:
        if type(line["amount"]) is not int or line["amount"] < 0:
            raise ValueError("amount must be minor units")
        lines = [lines[0] | {"amount": line["amount"]}]
    named = facts["id"].removeprefix("in_")
    facts["lines"] = [line_in(facts["id"], one) | {"id": f"il_{named}{nth}"} for nth, one in enumerate(lines)]
    _invoice_life.refresh(turn, facts)
    return facts


def _move(turn: Turn, facts: Facts, status: str, created: int) -> None:
    """Bring the draft to its status, as at its time and without a word."""
    first = created + _invoice_life.DRAFT_SECONDS
    quiet = replace(turn, now=min(turn.now, first), tell=lambda *_: None)
    _invoice_life.finalize(quiet, facts)
    if facts["status"] != "open":  # nothing was due
        return
    if status == "paid":
        _invoice_life.settle(quiet, facts, out_of_band=True)
    elif status == "void":
        _invoice_life.void(quiet, facts)
    else:
        _dunning.was_tried(turn, facts, first)
        if status == "uncollectible":
            _invoice_life.mark_uncollectible(quiet, facts)


def _pay_with(turn: Turn, facts: Facts, intent: Facts) -> None:
    """The balance of today has nothing to do with what was paid then."""
    total, at = facts["total"], facts["created"] + _invoice_life.DRAFT_SECONDS
    if intent["amount"] != total or intent["status"] != "succeeded":
        raise ValueError(f"{intent['id']} is no payment of {total}")
    _invoice_life.give_number(turn, facts)
    facts.update(
        status="paid",
        attempted=True,
        attempt_count=1,
        auto_advance=False,
        amount_due=total,
        amount_paid=total,
        starting_balance=0,
        ending_balance=0,
        effective_at=at,
        transitions={"finalized_at": at, "paid_at": at},
        payment_intent=intent["id"],
    )
    asked = invoice_payments.asked_for(facts, intent, facts["created"])
    insert(turn.db, invoice_payments.KIND, asked | {"status": "paid", "paid_at": at})
