"""Bulk creation of products, prices and subscriptions: one row each, and one entry in the agenda for what comes next.

`{"object": "product", "id": "prod_..", "name", "active", "metadata", "created"}`
`{"object": "price", "id": "price_..", "product", "currency", "unit_amount", "recurring": {"interval",
  "interval_count"}, "nickname", "lookup_key", "active", "metadata", "created"}`
`{"object": "subscription", "id": "sub_..", "customer", "price", "quantity", "item": "si_..", "status", "created",
  "current_period_start", "billing_mode": "flexible", "trial_end", "cancel_at_period_end", "cancel_at",
  "pause_collection": {"behavior", "resumes_at"}, "paused_at", "canceled_at", "ended_at", "description", "metadata",
  "default_payment_method"}`; several prices as `"items": [{"id", "price", "quantity"}]` instead. The period ends when
the price says, or with the trial. One that is past_due or unpaid owes the invoice for its period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import _dunning, _invoice_life
from ._money import CURRENCIES
from ._periods import after, around
from ._proration import line_of, total
from ._subscription import OVER, TRIAL_TOLD_BEFORE, UPCOMING_BEFORE, period_end, plan_next
from ._turn import Facts, Turn, insert
from .prices import INTERVALS

Line = Mapping[str, Any]
PRODUCT = {"object", "id", "name", "active", "metadata", "created", "description"}
PRICE = {
    *("object", "id", "product", "currency", "unit_amount", "recurring", "nickname", "lookup_key", "active"),
    *("metadata", "created"),
}
SUBSCRIPTION = {
    *("object", "id", "customer", "price", "quantity", "item", "items", "status", "created", "trial_end"),
    *("current_period_start", "billing_mode", "cancel_at_period_end", "cancel_at", "pause_collection"),
    *("paused_at", "canceled_at", "ended_at", "description", "metadata", "default_payment_method"),
}
STATUSES = ("active", "trialing", "past_due", "unpaid", "canceled", "paused")
FIRST_TRY_AFTER = 3600


def product(turn: Turn, line: Line) -> bool:
    facts = {name: value for name, value in line.items() if name != "object"}
    return insert(turn.db, "product", {"created": turn.created, **facts})


def price(turn: Turn, line: Line) -> bool:
    """Raises ValueError for one that costs or recurs as none can."""
    facts = {name: value for name, value in line.items() if name not in ("object", "unit_amount")}
    amount, recurring = line["unit_amount"], line.get("recurring")
    if type(amount) is not int or amount < 0 or line["currency"] not in CURRENCIES:
        raise ValueError(f"unit_amount must be minor units, currency one of {', '.join(CURRENCIES)}")
    facts |= {
        "unit_amount_decimal": str(amount),
        "type": line["product"],
        "created": line.get("created", turn.created),
    }
    facts["name"] = (turn.find("product", line["product"]) or {})["name"]
    if recurring:
        facts["recurring"] = {"interval_count": 1, **recurring}
        if recurring["interval"] not in INTERVALS or type(facts["recurring"]["interval_count"]) is not int:
            raise ValueError(f"recurring must have an interval of {', '.join(INTERVALS)}")
    return insert(turn.db, "price", facts)


def subscription(turn: Turn, line: Line) -> bool:
    """Raises ValueError for a status that does not go with its facts."""
    status = line.get("status", "active")
    if status not in STATUSES:
        raise ValueError(f"status must be one of {', '.join(STATUSES)}")
    if (status == "trialing") != (line.get("trial_end") is not None):
        raise ValueError("there must be a trial_end for one that is trialing, and only then")
    created = int(line.get("created", turn.created))
    start = int(line.get("current_period_start", created))
    facts: Facts = {
        "id": line["id"],
        "created": created,
        "start_date": created,
        "customer": line["customer"],
        "status": status,
        "billing_cycle_anchor": start,
        "billing_mode": {"type": line.get("billing_mode", "flexible")},
        "metadata": dict(line.get("metadata") or {}),
        "items": [],
    }
    for name in ("cancel_at", "canceled_at", "description", "default_payment_method", "pause_collection"):
        if line.get(name) is not None:
            facts[name] = line[name]
    given = line.get("items") or [
        {"id": line.get("item"), "price": line["price"], "quantity": line.get("quantity", 1)}
    ]
    facts["items"] = [_item(turn, facts, one, number, start, line) for number, one in enumerate(given)]
    facts["currency"] = facts["items"][0]["price"]["currency"]
    _time_facts(turn, facts, line)
    if not insert(turn.db, "subscription", facts):
        return False
    if status in ("past_due", "unpaid"):
        _owe(turn, facts)
    plan_next(turn, facts, anew=True)
    return True


def _item(turn: Turn, facts: Facts, given: Line, number: int, start: int, line: Line) -> Facts:
    price = turn.need("price", given["price"])
    item: Facts = {
        "id": given.get("id") or f"si_{facts['id'].removeprefix('sub_')}{number or ''}",
        "created": facts["created"],
        "price": price,
        "quantity": given.get("quantity", 1),
        "start": start,
        "end": line.get("trial_end") or after(start, price["recurring"], 1),
        "billed": None,
    }
    if facts["status"] == "trialing":
        item["whole"] = item["end"] - around(item["end"] - 1, price["recurring"], start)[0]
    elif facts["status"] != "paused":
        item["billed"] = {"amount": total(price, item["quantity"]), "start": start, "end": item["end"]}
    return item


def _time_facts(turn: Turn, facts: Facts, line: Line) -> None:
    """What else belongs to its state; announcements whose time is past are not made up for."""
    status, end = facts["status"], period_end(facts)
    told: Facts = {}
    if status == "trialing":
        facts.update(trial_start=facts["created"], trial_end=end, billing_cycle_anchor=end)
        if end - TRIAL_TOLD_BEFORE <= turn.now:
            told["trial"] = end
    if end - UPCOMING_BEFORE <= turn.now:
        told["upcoming"] = end
    if told:
        facts["told"] = told
    if line.get("cancel_at_period_end"):
        facts.update(cancel_at_period_end=True, cancel_at=end)
    if facts.get("cancel_at") or status in OVER:
        facts.setdefault("canceled_at", int(line.get("ended_at") or turn.created))
        facts["cancellation_details"] = {"reason": "cancellation_requested"}
    if status in OVER:
        facts["ended_at"] = int(line.get("ended_at") or facts["canceled_at"])
    if status == "paused":
        facts["paused"] = {"why": "pause_requested", "at": int(line.get("paused_at") or turn.created)}


def _owe(turn: Turn, facts: Facts) -> None:
    """The open invoice for its period, tried once when it began; an account that is unpaid is not tried again."""
    first = min(item["start"] for item in facts["items"]) + FIRST_TRY_AFTER
    quiet = replace(turn, now=min(turn.now, first), tell=lambda *_: None)
    invoice = _invoice_life.draft_for(
        quiet,
        customer=facts["customer"],
        subscription=facts,
        lines=[line_of(facts, item, item["start"], item["end"]) for item in facts["items"]],
        billing_reason="subscription_cycle",
        currency=facts["currency"],
        at=first - FIRST_TRY_AFTER,
        auto_advance=facts["status"] == "past_due",
        pending=False,
    )
    _invoice_life.finalize(quiet, invoice)
    _dunning.was_tried(turn, invoice, first)
    facts["latest_invoice"] = invoice["id"]
    turn.save("subscription", facts)
