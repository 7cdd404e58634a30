"""Pausing the whole subscription, service and bills, and going on: only with flexible billing.

Not to be mixed up with `pause_collection`, under which invoices are still made
(https://docs.stripe.com/billing/subscriptions/pause).
"""

from __future__ import annotations

import copy
from typing import Any

from . import _invoice_life
from ._billing import draft, pend, resumed
from ._errors import ApiError, Malformed
from ._form import Schema, hash_of, integer, one_of
from ._proration import Line, credit, debit
from ._routes import route
from ._subscription import INCOMPLETE_FOR, OVER, keep, less, owed, put_into_period
from ._turn import Facts, Turn, show

BILL_FOR: Schema = {
    "outstanding_usage_through": hash_of({"type": one_of("none", "now")}, needs=("type",)),
    "unused_time_from": hash_of(
        {"type": one_of("item_current_period_start", "none", "now")}, needs=("type",)
    ),
}
PAUSE: Schema = {
    "bill_for": hash_of(BILL_FOR),
    "invoicing_behavior": one_of("invoice", "pending_invoice_item"),
    "type": one_of("subscription"),
}
ANCHOR = hash_of({"type": one_of("now", "unchanged")}, needs=("type",))
PRORATION = one_of("always_invoice", "create_prorations", "none")
RESUME: Schema = {
    "billing_cycle_anchor": ANCHOR,
    "payment_behavior": one_of("resume_on_payment_attempt", "resume_on_payment_success"),
    "proration_behavior": PRORATION,
    "proration_date": integer(0),
}
MIGRATE: Schema = {
    "billing_mode": hash_of(
        {"flexible": hash_of({"proration_discounts": one_of("included")}), "type": one_of("flexible")},
        needs=("type",),
    )
}


@route("POST", "/subscriptions/<id>/pause", PAUSE)
def pause(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("subscription", id)
    before = show("subscription", facts)
    check_can_pause(facts)
    lines = pause_credits(turn, facts, values)
    if values.get("invoicing_behavior") == "invoice" and lines:
        invoice = draft(turn, facts, lines, "subscription_update", (turn.created, turn.created))
        stop(turn, facts, "pause_requested", before)
        _invoice_life.finalize(turn, invoice)
    else:
        pend(turn, facts, lines)
        stop(turn, facts, "pause_requested", before)
    turn.record("subscription.paused", facts)
    return show("subscription", turn.need("subscription", id))


def check_can_pause(facts: Facts) -> None:
    """Raises ApiError where Stripe does not pause."""
    reasons = {
        f"You can only pause an active or trialing subscription. This one is {facts['status']}.": facts[
            "status"
        ]
        not in ("active", "trialing"),
        "You can only pause subscriptions with `billing_mode` set to `flexible`. Migrate the subscription to "
        "flexible billing mode first.": facts["billing_mode"]["type"] != "flexible",
        "You cannot pause a subscription that has an attached schedule. Release the schedule first.": facts.get(
            "schedule"
        ),
        "You cannot pause a subscription while its payment collection is paused.": facts.get(
            "pause_collection"
        ),
        "You cannot pause a subscription that has a pending update.": facts.get("pending_update"),
        "You can only pause subscriptions with `collection_method` set to `charge_automatically`.": facts.get(
            "collection_method"
        )
        == "send_invoice",
    }
    for message, is_so in reasons.items():
        if is_so:
            raise ApiError(message)


def pause_credits(turn: Turn, facts: Facts, values: dict[str, Any]) -> list[Line]:
    """What is given back of the periods that were billed; they count as not billed from then on."""
    since = values.get("bill_for", {}).get("unused_time_from", {}).get("type", "now")
    if since == "none" or facts["status"] == "trialing":
        return []
    lines = []
    for item in facts["items"]:
        at = item["start"] if since == "item_current_period_start" else turn.created
        lines += credit(facts, item, at, less(turn, facts))
        item["billed"] = None
    return lines


def stop(turn: Turn, facts: Facts, why: str, before: dict[str, Any]) -> None:
    """`why`: a type of status_details.paused.subscription."""
    facts.update(status="paused", paused={"why": why, "at": turn.created})
    keep(turn, facts, before, "paused")


@route("POST", "/subscriptions/<id>/resume", RESUME)
def resume(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("subscription", id)
    if facts["status"] != "paused":
        raise ApiError(
            f"You can only resume a paused subscription. This one is {facts['status']}.",
            param="subscription",
        )
    if facts.get("collection_method") == "send_invoice":
        raise ApiError(
            "You can only resume subscriptions with `collection_method` set to `charge_automatically`."
        )
    if facts.get("resuming"):
        raise ApiError(
            f"Invoice {facts['resuming']['invoice']} has to be paid or voided before it is resumed again."
        )
    before = show("subscription", facts)
    after, lines, bills = going_on(turn, facts, values)
    if not bills:
        pend(turn, after, lines)
        keep(turn, after, before, *resumed(after, {}))
        turn.record("subscription.resumed", after)
    else:
        _wait_for_payment(
            turn, facts, after, lines, values.get("payment_behavior", "resume_on_payment_attempt"), before
        )
    return show("subscription", turn.need("subscription", id))


def going_on(turn: Turn, facts: Facts, values: dict[str, Any]) -> tuple[Facts, list[Line], bool]:
    """How it goes on: its facts then, what that costs, and whether it is billed at once."""
    at = values.get("proration_date", turn.created)
    if at > turn.now:
        raise ApiError("The proration date cannot be in the future.", param="proration_date")
    after = copy.deepcopy(facts)
    after["status"] = "active"
    trial_goes_on = (facts.get("trial_end") or 0) > turn.now
    if trial_goes_on:
        after["status"] = "trialing"
        return after, [], False
    anew = values.get("billing_cycle_anchor", {}).get("type", "now") == "now"
    proration = values.get("proration_behavior", "create_prorations")
    if anew:
        if "proration_date" in values:
            raise Malformed(
                "proration_date needs billing_cycle_anchor[type]=unchanged.", param="proration_date"
            )
        after["billing_cycle_anchor"] = turn.created
        for item in after["items"]:
            put_into_period(after, item, turn.created)
        return after, owed(turn, after, after["items"]), True
    lines: list[Line] = []
    for item in after["items"]:
        if item["end"] <= turn.now:
            put_into_period(after, item, turn.created)
            item["billed"] = None
        if item["billed"] is None and proration != "none":
            lines += debit(after, item, at, less(turn, after))
            item["billed"] = {"amount": lines[-1]["amount"], **lines[-1]["period"]} if lines else None
    return after, lines, bool(lines) and proration == "always_invoice"


def _wait_for_payment(
    turn: Turn, facts: Facts, after: Facts, lines: list[Line], behavior: str, before: dict[str, Any]
) -> None:
    """It stays paused until the invoice for going on is paid: 23 hours, then that is void."""
    advances = behavior == "resume_on_payment_success"
    invoice = draft(
        turn, after, lines, "subscription_update", (turn.created, turn.created), advances=advances
    )
    changed = ("status", "billing_cycle_anchor", "items", "discounts")
    facts["latest_invoice"] = invoice["id"]
    facts["resuming"] = {
        "invoice": invoice["id"],
        "behavior": behavior,
        "expires_at": turn.created + INCOMPLETE_FOR,
        "facts": {name: after[name] for name in changed if name in after},
    }
    keep(turn, facts, before)
    _invoice_life.finalize(turn, invoice)
    if invoice["status"] == "open" and behavior == "resume_on_payment_success":
        _invoice_life.collect(turn, invoice, automatic=True)


@route("POST", "/subscriptions/<id>/migrate", MIGRATE, needs=("billing_mode",))
def migrate(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("subscription", id)
    if facts["billing_mode"]["type"] == "flexible":
        raise ApiError("The subscription already uses flexible billing mode.", param="billing_mode")
    if facts["status"] in (*OVER, "incomplete"):
        raise ApiError(f"You cannot migrate a subscription that is {facts['status']}.", param="billing_mode")
    before = show("subscription", facts)
    facts["billing_mode"] = {"type": "flexible", "updated_at": turn.created}
    turn.record("subscription.migrated", facts)
    keep(turn, facts, before)
    return show("subscription", facts)
