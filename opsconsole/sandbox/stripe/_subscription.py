"""One subscription: its shape, its items, what it owes for a period, and when something next happens to it.

Facts are kept on the subscription itself, its items included. An item has its price as that is now, the period it is
in (`start`, `end`; `whole`: the seconds its price is for, where that period is cut short) and what of that was billed
(`billed`: amount, start, end; None where nothing was, or all was given back). `told` says which announcements of a
period were made, `phase_due` when its schedule's phase ends, `resuming` that it waits for a payment to go on, `unborn`
that it is being created.
"""

from __future__ import annotations

from typing import Any

from .._agenda import Agenda
from . import coupons
from ._periods import DAY, after, around
from ._proration import Line, debit, line_of, total, trial_line
from ._turn import Facts, Turn, shape_of, show
from .prices import plan, price

DUE = "stripe subscription due"
#: Periods roll in these; in `paused`, `incomplete` and the two that are over they do not.
ROLLING = ("trialing", "active", "past_due", "unpaid")
OVER = ("canceled", "incomplete_expired")
MOST_ITEMS = 20
INCOMPLETE_FOR = 23 * 3600
UPCOMING_BEFORE = 7 * DAY
TRIAL_TOLD_BEFORE = 3 * DAY


@shape_of("subscription")
def subscription(facts: Facts) -> dict[str, Any]:
    trial_settings = facts.get("trial_settings") or {"missing_payment_method": "create_invoice"}
    return {
        "id": facts["id"],
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": _automatic_tax(facts.get("automatic_tax", False)),
        "billing_cycle_anchor": facts["billing_cycle_anchor"],
        "billing_cycle_anchor_config": None,
        "billing_mode": _billing_mode(facts["billing_mode"]),
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": facts.get("cancel_at"),
        "cancel_at_period_end": facts.get("cancel_at_period_end", False),
        "canceled_at": facts.get("canceled_at"),
        "cancellation_details": {
            "comment": None,
            "feedback": None,
            "feedback_option": None,
            "reason": None,
            **facts.get("cancellation_details", {}),
        },
        "collection_method": facts.get("collection_method", "charge_automatically"),
        "created": facts["created"],
        "currency": facts["currency"],
        "customer": facts["customer"],
        "customer_account": None,
        "days_until_due": facts.get("days_until_due"),
        "default_payment_method": facts.get("default_payment_method"),
        "default_source": None,
        "default_tax_rates": [],
        "description": facts.get("description"),
        "discounts": facts.get("discounts", []),
        "ended_at": facts.get("ended_at"),
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "items": {
            "object": "list",
            "data": [
                show("subscription_item", item | {"subscription": facts["id"]}) for item in facts["items"]
            ],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={facts['id']}",
        },
        "latest_invoice": facts.get("latest_invoice"),
        "livemode": False,
        "managed_payments": None,
        "metadata": facts.get("metadata", {}),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": _pause_collection(facts.get("pause_collection")),
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": facts.get("save_default_payment_method", "off"),
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": _pending_update(facts),
        "schedule": facts.get("schedule"),
        "start_date": facts["start_date"],
        "status": facts["status"],
        "status_details": _status_details(facts),
        "test_clock": None,
        "transfer_data": None,
        "trial_end": facts.get("trial_end"),
        "trial_settings": {
            "end_behavior": {
                "billing_cycle_anchor": None,
                "missing_payment_method": trial_settings["missing_payment_method"],
            }
        },
        "trial_start": facts.get("trial_start"),
    }


def _automatic_tax(on: bool) -> dict[str, Any]:
    return {"disabled_reason": None, "enabled": on, "liability": {"type": "self"} if on else None}


def _billing_mode(mode: Facts) -> dict[str, Any]:
    flexible = mode["type"] == "flexible"
    return {
        "flexible": {"proration_discounts": mode.get("proration_discounts", "included")}
        if flexible
        else None,
        "type": mode["type"],
        **({"updated_at": mode["updated_at"]} if "updated_at" in mode else {}),
    }


def _pause_collection(pause: Facts | None) -> dict[str, Any] | None:
    return pause and {"behavior": pause["behavior"], "resumes_at": pause.get("resumes_at")}


def _status_details(facts: Facts) -> dict[str, Any] | None:
    paused = facts.get("paused")
    if facts["status"] != "paused" or not paused:
        return None
    return {
        "paused": {
            "subscription": {"type": paused["why"]},
            "transitioned_at": paused["at"],
            "type": "subscription",
        }
    }


def _pending_update(facts: Facts) -> dict[str, Any] | None:
    pending = facts.get("pending_update")
    if not pending:
        return None
    items = pending["facts"].get("items")
    return {
        "billing_cycle_anchor": pending["facts"].get("billing_cycle_anchor"),
        "cancel_at_period_end": pending["facts"].get("cancel_at_period_end"),
        "discount": None,
        "discounts": pending["facts"].get("discounts"),
        "expires_at": pending["expires_at"],
        "metadata": None,
        "subscription_items": items
        and [show("subscription_item", item | {"subscription": facts["id"]}) for item in items],
        "trial_end": pending["facts"].get("trial_end"),
        "trial_from_plan": None,
    }


@shape_of("subscription_item")
def subscription_item(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": "subscription_item",
        "billed_until": (facts.get("billed") or {}).get("end"),
        "billing_thresholds": None,
        "created": facts["created"],
        "current_period_end": facts["end"],
        "current_period_start": facts["start"],
        "discounts": facts.get("discounts", []),
        "metadata": facts.get("metadata", {}),
        "plan": plan(facts["price"]),
        "price": price(facts["price"]),
        "quantity": facts["quantity"],
        "subscription": facts["subscription"],
        "tax_rates": [],
    }


def period_end(facts: Facts) -> int:
    """When the next bill is: the first of its items' periods to end."""
    return int(min(item["end"] for item in facts["items"]))


def put_into_period(facts: Facts, item: Facts, at: int) -> None:
    """The period that holds `at`, counted from the anchor: up to the trial's or the anchor's time where that is ahead."""
    anchor, recurring = facts["billing_cycle_anchor"], item["price"]["recurring"]
    item.pop("whole", None)
    if at < anchor:
        item["start"], item["end"] = at, anchor
        item["whole"] = anchor - after(anchor, recurring, -1)
    else:
        item["start"], item["end"] = around(anchor, recurring, at)


def owed(turn: Turn, facts: Facts, items: list[Facts]) -> list[Line]:
    """The lines for these items' periods, and note that they are billed."""
    lines = []
    for item in items:
        if facts["status"] == "trialing":
            lines.append(trial_line(facts, item, item["start"], item["end"]))
            item["billed"] = None
        else:
            lines.append(_part_of_period(facts, item))
            net = less(turn, facts)(item, lines[-1]["amount"])
            item["billed"] = {"amount": net, **lines[-1]["period"]}
    return lines


def _part_of_period(facts: Facts, item: Facts) -> Line:
    """The item's period, or what of it is left until the subscription ends."""
    start, end = item["start"], item["end"]
    if not ends_by(facts, end - 1):
        return line_of(facts, item, start, end)
    (line,) = debit(facts, item, start, lambda _, amount: amount, facts["cancel_at"])
    return line | {"discountable": True}


def less(turn: Turn, facts: Facts) -> Any:
    """What takes the discounts off an item's amount: prorations are net of them."""
    whole = facts.get("discounts", [])

    def off(item: Facts, amount: int) -> int:
        ids = [*item.get("discounts", []), *whole]
        (parts,) = coupons.take_off(turn, ids, [amount], [item["price"]["product"]])
        return amount - sum(parts.values())

    return off


def method_of(turn: Turn, facts: Facts) -> str | None:
    """The card that its invoices are charged to."""
    if facts.get("default_payment_method"):
        return str(facts["default_payment_method"])
    customer = turn.find("customer", facts["customer"]) or {}
    method = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return str(method) if method else None


def amount_of(facts: Facts) -> int:
    return sum(total(item["price"], item["quantity"]) for item in facts["items"])


def keep(turn: Turn, facts: Facts, before: dict[str, Any] | None = None, *also: str) -> None:
    """Store it, announce what changed (and `also` as events of their own), and plan what happens next."""
    turn.save("subscription", facts)
    plan_next(turn, facts)
    shown = show("subscription", facts)
    for type in also:
        turn.emit(f"customer.subscription.{type}", "subscription", facts)
    if before is not None and shown != before:
        turn.emit("customer.subscription.updated", "subscription", facts, before)


def plan_next(turn: Turn, facts: Facts, *, anew: bool = False) -> None:
    """One entry in the agenda for each subscription: its next moment. `anew` where it has none yet."""
    if not anew:
        Agenda.drop(turn.db, facts["id"])
    moments = due_at(facts)
    if moments:
        Agenda.add(turn.db, max(turn.now, min(moments)), DUE, facts["id"])


def due_at(facts: Facts) -> list[int]:
    """Every moment at which something happens by itself, as things stand."""
    status, told = facts["status"], facts.get("told", {})
    if status in OVER:
        return []
    moments = [
        facts.get("cancel_at"),
        (facts.get("pending_update") or {}).get("expires_at"),
        facts.get("phase_due"),
    ]
    moments.append((facts.get("resuming") or {}).get("expires_at"))
    if status == "incomplete":
        moments.append(facts["created"] + INCOMPLETE_FOR)
    if facts.get("pause_collection"):
        moments.append(facts["pause_collection"].get("resumes_at"))
    if status == "trialing" and told.get("trial") != facts["trial_end"]:
        moments.append(facts["trial_end"] - TRIAL_TOLD_BEFORE)
    if status in ROLLING:
        end = period_end(facts)
        moments.append(end)
        if told.get("upcoming") != end and not facts.get("pause_collection") and not ends_by(facts, end):
            moments.append(end - UPCOMING_BEFORE)
    return [moment for moment in moments if moment is not None]


def ends_by(facts: Facts, at: int) -> bool:
    return facts.get("cancel_at") is not None and facts["cancel_at"] <= at
