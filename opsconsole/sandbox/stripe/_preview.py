"""The next invoice of a subscription, as it is or as a change would make it, without doing anything.

The change is weighed by the same functions that would do it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from . import _items, _pauses
from ._change import Change
from ._errors import ApiError, Malformed
from ._form import Schema, boolean, hash_of, integer, metadata, one_of
from ._proration import Line, credit
from ._subscription import OVER, ends_by, less, owed, period_end, put_into_period
from ._terms import begin, cancel_at, changed, draw_up, or_word
from ._turn import Facts, Turn

#: What `subscription_details` of create_preview takes.
DETAILS: Schema = {
    "billing_cycle_anchor": hash_of(
        {"timestamp": integer(0), "type": one_of("now", "timestamp", "unchanged")}, needs=("type",)
    ),
    "billing_mode": hash_of({"type": one_of("classic", "flexible")}, needs=("type",)),
    "cancel_at": cancel_at(),
    "cancel_at_period_end": boolean(),
    "cancel_now": boolean(),
    "items": _items.of(_items.CHANGED),
    "metadata": metadata(),
    "pause": hash_of(
        {
            "bill_for": hash_of(_pauses.BILL_FOR),
            "invoicing_behavior": one_of("invoice", "pending_invoice_item"),
        }
    ),
    "proration_behavior": _pauses.PRORATION,
    "proration_date": integer(0),
    "resume_at": one_of("now"),
    "trial_end": or_word("now"),
}


@dataclass
class Preview:
    """`lines` and the pending ones that the change itself adds; what else waits on the customer comes on top.

    `at` is when the invoice is made: now, or when the period ends.
    """

    subscription: Facts
    lines: list[Line]
    period: tuple[int, int]
    billing_reason: str
    at: int

    @property
    def customer(self) -> str:
        return str(self.subscription["customer"])

    @property
    def currency(self) -> str:
        return str(self.subscription["currency"])

    @property
    def discounts(self) -> list[str]:
        return list(self.subscription.get("discounts", []))


def preview(turn: Turn, values: dict[str, Any]) -> Preview:
    """`values`: customer, subscription, schedule, discounts, subscription_details, as create_preview reads them.

    Raises ApiError for a change that would be refused, and where no invoice would come (invoice_upcoming_none).
    Coupons are redeemed and prices made on the spot: whoever asks takes that back.
    """
    details = dict(values.get("subscription_details") or {})
    id = values.get("subscription") or _of_schedule(turn, values)
    if id is None:
        if not details.get("items"):
            raise _none(values.get("customer"))
        return _of_new(turn, values, details)
    facts = turn.need("subscription", id, "subscription")
    if values.get("customer", facts["customer"]) != facts["customer"]:
        raise ApiError("The subscription is another customer's.", param="subscription")
    if facts["status"] in OVER:
        raise _none(facts["customer"])
    if "discounts" in values:
        details["discounts"] = values["discounts"]
    return _of_old(turn, facts, details)


def _none(customer: str | None) -> ApiError:
    return ApiError(
        f"No upcoming invoices for customer: {customer}",
        status=404,
        code="invoice_upcoming_none",
        param="customer",
    )


def _of_schedule(turn: Turn, values: dict[str, Any]) -> str | None:
    if "schedule" not in values:
        return None
    return str(turn.need("subscription_schedule", values["schedule"], "schedule")["subscription"])


def _of_new(turn: Turn, values: dict[str, Any], details: dict[str, Any]) -> Preview:
    if "customer" not in values:
        raise Malformed("Missing required param: customer.", code="parameter_missing", param="customer")
    turn.need("customer", values["customer"], "customer")
    given = {**details, "customer": values["customer"]}
    if values.get("discounts"):
        given["discounts"] = values["discounts"]
    anchor = given.pop("billing_cycle_anchor", {})
    if anchor.get("type") == "timestamp":
        given["billing_cycle_anchor"] = anchor.get("timestamp", turn.created)
    facts = draw_up(turn, given)
    if given.get("trial_end") == "now":
        given.pop("trial_end")
    lines = begin(turn, facts, given)
    return Preview(facts, lines, (turn.created, turn.created), "upcoming", turn.created)


def _of_old(turn: Turn, facts: Facts, details: dict[str, Any]) -> Preview:
    now = (turn.created, turn.created)
    if details.get("cancel_now"):
        return Preview(facts, _given_back(turn, facts, details), now, "upcoming", turn.created)
    if pause := details.get("pause"):
        _pauses.check_can_pause(facts)
        lines = _pauses.pause_credits(turn, facts, pause)
        if pause.get("invoicing_behavior") != "invoice" or not lines:
            raise _none(facts["customer"])
        return Preview(facts, lines, now, "upcoming", turn.created)
    if "resume_at" in details:
        return _of_resumption(turn, facts, details)
    if details.get("billing_cycle_anchor", {}).get("type") == "timestamp":
        raise ApiError(
            "A subscription that is there takes type now or unchanged.", param="subscription_details"
        )
    facts = copy.deepcopy(facts)
    change = changed(turn, facts, details)
    if change.bills:
        return Preview(change.after, change.lines + change.pending, change.period, "upcoming", turn.created)
    return _next(turn, change)


def _given_back(turn: Turn, facts: Facts, details: dict[str, Any]) -> list[Line]:
    """The last invoice of one that ends now: credits where it prorates."""
    if details.get("proration_behavior") == "none" or facts["status"] == "trialing":
        return []
    at = details.get("proration_date", turn.created)
    return [line for item in facts["items"] for line in credit(facts, item, at, less(turn, facts))]


def _of_resumption(turn: Turn, facts: Facts, details: dict[str, Any]) -> Preview:
    if facts["status"] != "paused":
        raise ApiError("You can only resume a paused subscription.", param="subscription_details[resume_at]")
    after, lines, bills = _pauses.going_on(turn, facts, details)
    if not bills:
        return _next(turn, Change(after, pending=lines))
    return Preview(after, lines, (turn.created, turn.created), "upcoming", turn.created)


def _next(turn: Turn, change: Change) -> Preview:
    """The renewal to come, with what the change adds to it."""
    facts = change.after
    end = period_end(facts)
    if facts["status"] in ("paused", "incomplete") or (ends_by(facts, end) and not change.pending):
        raise _none(facts["customer"])
    if ends_by(facts, end):
        return Preview(facts, change.pending, (turn.created, end), "upcoming", end)
    due = [item for item in facts["items"] if item["end"] <= end]
    period = min(item["start"] for item in due), end
    facts["status"] = "active"
    for item in due:
        put_into_period(facts, item, end)
    return Preview(facts, change.pending + owed(turn, facts, due), period, "upcoming", end)
