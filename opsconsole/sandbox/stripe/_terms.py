"""What a subscription is asked to be: new ones drawn up, and what an update asks of one that is there.

Both the acts and their previews start here; nothing in here stores a subscription or bills it.
"""

from __future__ import annotations

from typing import Any

from . import _items, coupons
from ._change import LONGEST_TRIAL, Change, check_one_end, end_at, weigh
from ._errors import ApiError, no_such
from ._form import Raw, Reader, integer, merge_metadata
from ._periods import DAY, after
from ._proration import Line, line_of, share, total
from ._subscription import OVER, less, owed, period_end, put_into_period
from ._turn import Facts, Turn, new_id


def or_word(*words: str) -> Reader:
    """Unix seconds, or one of these words; '' reads as None."""

    def read(name: str, raw: Raw) -> int | str | None:
        if isinstance(raw, str) and raw in words:
            return raw
        return None if raw == "" and "" in words else integer(0)(name, raw)

    return read


def clearing(read: Reader) -> Reader:
    """'' reads as None."""
    return lambda name, raw: None if raw == "" else read(name, raw)


def cancel_at() -> Reader:
    at = or_word("min_period_end", "max_period_end")
    return clearing(at)


def check_collection(values: dict[str, Any], has: Facts) -> None:
    if "days_until_due" in values and has.get("collection_method") != "send_invoice":
        raise ApiError(
            "`days_until_due` is only for subscriptions with `collection_method` set to `send_invoice`.",
            param="days_until_due",
        )
    if values.get("collection_method") == "send_invoice" and has.get("days_until_due") is None:
        raise ApiError(
            "You must set `days_until_due` when `collection_method` is `send_invoice`.",
            param="days_until_due",
        )


def draw_up(turn: Turn, values: dict[str, Any]) -> Facts:
    """The facts of a new subscription, its items included; nothing is stored."""
    facts: Facts = {
        "id": new_id("sub"),
        "created": turn.created,
        "start_date": turn.created,
        "customer": values["customer"],
        "status": "incomplete",
        "billing_cycle_anchor": turn.created,
        "billing_mode": values.get("billing_mode", {"type": "flexible"}) | {},
        "metadata": {},
        "items": [],
    }
    facts["items"] = _items.after(turn, facts, values["items"])
    facts["currency"] = facts["items"][0]["price"]["currency"]
    if "currency" in values and values["currency"].lower() != facts["currency"]:
        raise ApiError(
            f"The price specified doesn't support {values['currency']}, only {facts['currency']}.",
            param="currency",
        )
    set_plainly(turn, facts, values)
    if values.get("discounts"):
        facts["discounts"] = coupons.redeem(
            turn,
            values["discounts"],
            customer=facts["customer"],
            currency=facts["currency"],
            subscription=facts["id"],
        )
    return facts


def begin(turn: Turn, facts: Facts, values: dict[str, Any]) -> list[Line]:
    """Trial, anchor and first periods of a new subscription; returns what its first invoice is for."""
    trial_end = values.get("trial_end")
    if "trial_period_days" in values:
        trial_end = turn.created + values["trial_period_days"] * DAY
    if isinstance(trial_end, int):
        if not turn.now < trial_end <= turn.now + LONGEST_TRIAL + DAY:
            raise ApiError(
                "Invalid timestamp: trial_end must be in the future, at most two years from now.",
                param="trial_end",
            )
        facts.update(status="trialing", trial_start=turn.created, trial_end=trial_end)
        facts["billing_cycle_anchor"] = trial_end
    elif facts.get("collection_method") == "send_invoice":  # whoever pays by themselves has it meanwhile
        facts["status"] = "active"
    if "billing_cycle_anchor" in values:
        _anchor(turn, facts, values["billing_cycle_anchor"])
    for item in facts["items"]:
        put_into_period(facts, item, turn.created)
    _end_some_time(turn, facts, values)
    if facts["status"] == "trialing" or facts["billing_cycle_anchor"] <= turn.created:
        return owed(turn, facts, facts["items"])
    free = values.get("proration_behavior") == "none"
    return [_until_anchor(turn, facts, item, free) for item in facts["items"]]


def _anchor(turn: Turn, facts: Facts, anchor: int) -> None:
    if facts["status"] == "trialing":
        raise ApiError(
            "The sandbox takes either a trial or a billing_cycle_anchor.", param="billing_cycle_anchor"
        )
    if anchor < turn.created:
        raise ApiError(
            "billing_cycle_anchor must be a timestamp in the future.", param="billing_cycle_anchor"
        )
    natural = min(after(turn.created, item["price"]["recurring"], 1) for item in facts["items"])
    if anchor > natural:
        raise ApiError(
            f"billing_cycle_anchor cannot be later than next natural billing date ({natural}) for plan.",
            param="billing_cycle_anchor",
        )
    facts["billing_cycle_anchor"] = anchor


def _until_anchor(turn: Turn, facts: Facts, item: Facts, free: bool) -> Line:
    """The days until the first full period: their share of the price."""
    whole = 0 if free else total(item["price"], item["quantity"])
    amount = share(whole, item["end"] - item["start"], item["whole"])
    line = line_of(facts, item, item["start"], item["end"], amount) | {"proration": True}
    item["billed"] = {"amount": less(turn, facts)(item, amount), **line["period"]}
    return line


def _end_some_time(turn: Turn, facts: Facts, values: dict[str, Any]) -> None:
    check_one_end(values)
    if values.get("cancel_at_period_end"):
        facts.update(cancel_at=period_end(facts), cancel_at_period_end=True)
    elif values.get("cancel_at") is not None:
        facts["cancel_at"] = end_at(turn, facts, values["cancel_at"])
    if facts.get("cancel_at"):
        facts["canceled_at"] = turn.created
        facts["cancellation_details"] = {"reason": "cancellation_requested"}


def set_plainly(turn: Turn, facts: Facts, values: dict[str, Any]) -> None:
    """What is simply kept."""
    method = values.get("default_payment_method")
    if method is not None:
        owner = turn.need("payment_method", method, "default_payment_method").get("customer")
        if owner != facts["customer"]:
            raise no_such("payment_method", method, "default_payment_method")
    for name in ("collection_method", "days_until_due", "default_payment_method", "description"):
        if name in values:
            facts[name] = values[name]
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    if "trial_settings" in values:
        facts["trial_settings"] = values["trial_settings"]["end_behavior"]
    if "automatic_tax" in values:
        facts["automatic_tax"] = values["automatic_tax"]["enabled"]
    facts.update(values.get("payment_settings", {}))


def changed(turn: Turn, facts: Facts, values: dict[str, Any]) -> Change:
    """What the parameters of an update lead to; of `facts` only plain fields are set. Nothing is billed yet."""
    set_plainly(turn, facts, values)
    check_collection(values, facts)
    if "cancellation_details" in values:
        facts["cancellation_details"] = {
            **facts.get("cancellation_details", {}),
            **values["cancellation_details"],
        }
    if "pause_collection" in values:
        _pause_collection(turn, facts, values["pause_collection"])
    if facts["status"] in (*OVER, "incomplete"):
        return Change(facts)
    return weigh(turn, facts, values)


def _pause_collection(turn: Turn, facts: Facts, pause: dict[str, Any] | None) -> None:
    if pause and pause.get("resumes_at", turn.now + 1) <= turn.now:
        raise ApiError(
            "`pause_collection[resumes_at]` must be in the future.", param="pause_collection[resumes_at]"
        )
    facts["pause_collection"] = pause
