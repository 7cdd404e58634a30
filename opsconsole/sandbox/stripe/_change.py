"""What a change of a subscription leads to, before anything is done: its facts afterwards and what it bills.

`POST /v1/subscriptions/{id}` does what `weigh` finds, `create_preview` shows it: both to the same cent.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from . import _items, coupons
from ._errors import ApiError, Malformed
from ._periods import DAY, in_months
from ._proration import Line, compute, credit, debit
from ._subscription import amount_of, ends_by, less, owed, period_end, put_into_period
from ._turn import Facts, Turn

LONGEST_TRIAL = 730 * DAY


@dataclass
class Change:
    """`after` are the facts then. `lines` go on an invoice made at once, if `bills` says there is one; `pending` wait
    for the next one. `period` is what the invoice at once is for."""

    after: Facts
    bills: bool = False
    lines: list[Line] = field(default_factory=list)
    pending: list[Line] = field(default_factory=list)

    @property
    def period(self) -> tuple[int, int]:
        return min(i["start"] for i in self.after["items"]), period_end(self.after)


def weigh(turn: Turn, facts: Facts, values: dict[str, Any]) -> Change:
    """Items, trial, anchor, discounts and when it ends. Raises ApiError for what cannot be."""
    change = Change(copy.deepcopy(facts))
    after = change.after
    if "discounts" in values and values["discounts"] != []:
        after["discounts"] = coupons.redeem(
            turn,
            values["discounts"] or [],
            customer=facts["customer"],
            currency=facts["currency"],
            subscription=facts["id"],
        )
    if values.get("items"):
        after["items"] = _items.after(turn, facts, values["items"])
        after["items"] = [_placed(turn, after, item) for item in after["items"]]
    at = _proration_date(turn, facts, values)
    prorates = values.get("proration_behavior", "create_prorations") != "none" and facts["status"] != "paused"
    if facts["status"] == "paused":
        _only_while_paused(values)
    elif "trial_end" in values and (values["trial_end"] != "now" or facts["status"] == "trialing"):
        _move_trial(turn, facts, change, values["trial_end"], at, prorates)
    elif _starts_anew(facts, after, values):
        _start_anew(turn, facts, change, at, prorates)
    elif values.get("items"):
        _in_between(turn, facts, change, at, prorates, values.get("proration_behavior") == "always_invoice")
    _set_end(turn, facts, change, values, prorates)
    return change


def _placed(turn: Turn, after: Facts, item: Facts) -> Facts:
    """New ones, and ones that now bill at another interval, come into a period."""
    if "start" not in item or item["end"] <= turn.now:
        put_into_period(after, item, turn.created)
    return item


def _proration_date(turn: Turn, facts: Facts, values: dict[str, Any]) -> int:
    at = values.get("proration_date", turn.created)
    start = min(item["start"] for item in facts["items"])
    if not start <= at <= max(turn.created, period_end(facts)):
        raise ApiError(
            "The proration date must be within the current billing period.", param="proration_date"
        )
    return int(at)


def _only_while_paused(values: dict[str, Any]) -> None:
    for name in ("trial_end", "billing_cycle_anchor"):
        if name in values:
            raise ApiError(
                f"You cannot update `{name}` of a paused subscription. Resume it first.", param=name
            )


def _move_trial(turn: Turn, facts: Facts, change: Change, until: int | str, at: int, prorates: bool) -> None:
    """Nothing is owed until the new end, and what was paid beyond now is given back; `now` ends the trial."""
    after = change.after
    if until == "now":
        after.update(status="active", trial_end=turn.created, billing_cycle_anchor=turn.created)
    else:
        assert isinstance(until, int)
        if until <= turn.now:
            raise ApiError(
                "Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end"
            )
        if until > turn.now + LONGEST_TRIAL:
            raise ApiError("The trial_end can be at most two years from now.", param="trial_end")
        if facts["status"] != "trialing":
            after["trial_start"] = turn.created
        after.update(status="trialing", trial_end=until, billing_cycle_anchor=until)
    if prorates:
        change.lines += _given_back(turn, facts, at)
    for item in after["items"]:
        put_into_period(after, item, turn.created)
    change.bills = True
    change.lines += owed(turn, after, after["items"])


def _given_back(turn: Turn, facts: Facts, at: int) -> list[Line]:
    return [line for item in facts["items"] for line in credit(facts, item, at, less(turn, facts))]


def _starts_anew(facts: Facts, after: Facts, values: dict[str, Any]) -> bool:
    """A new cycle: asked for, another interval, or the end of being free."""
    if values.get("billing_cycle_anchor", {}).get("type") == "now":
        if facts["status"] == "trialing":
            raise ApiError(
                "You cannot reset the billing cycle anchor during a trial. End the trial instead.",
                param="billing_cycle_anchor",
            )
        return True
    if facts["status"] == "trialing":
        return False
    lengths = [{in_months(item["price"]["recurring"]) for item in each["items"]} for each in (facts, after)]
    return not lengths[0] & lengths[1] or (amount_of(facts) == 0 and amount_of(after) > 0)


def _start_anew(turn: Turn, facts: Facts, change: Change, at: int, prorates: bool) -> None:
    after = change.after
    after["billing_cycle_anchor"] = turn.created
    if prorates:
        change.lines += _given_back(turn, facts, at)
    for item in after["items"]:
        put_into_period(after, item, turn.created)
    change.bills = True
    change.lines += owed(turn, after, after["items"])


def _in_between(turn: Turn, facts: Facts, change: Change, at: int, prorates: bool, at_once: bool) -> None:
    """The period goes on. Who bills at another interval now comes into its own period from the anchor."""
    after = change.after
    had = {item["id"]: item for item in facts["items"]}
    moved = False
    for item in after["items"]:
        old = had.get(item["id"])
        if old and in_months(old["price"]["recurring"]) != in_months(item["price"]["recurring"]):
            put_into_period(after, item, turn.created)
            moved = True
    if facts["status"] == "trialing":
        return
    lines = compute(after, facts["items"], after["items"], at, less(turn, after)) if prorates else []
    charged = {
        line["subscription_item"]: line for line in lines if line["amount"] >= 0 and line["credited"] is None
    }
    for item in after["items"]:
        if line := charged.get(item["id"]):
            item["billed"] = {"amount": line["amount"], **line["period"]}
    change.bills = bool(lines) and (at_once or moved)
    if change.bills:
        change.lines += lines
    else:
        change.pending += lines


def _set_end(turn: Turn, facts: Facts, change: Change, values: dict[str, Any], prorates: bool) -> None:
    """cancel_at and cancel_at_period_end, which is its other name; what is paid beyond it is given back."""
    after = change.after
    check_one_end(values)
    if "cancel_at" in values:
        after["cancel_at"] = end_at(turn, after, values["cancel_at"])
        after["cancel_at_period_end"] = False
    if values.get("cancel_at_period_end") is False and after.get("cancel_at_period_end"):
        after.update(cancel_at_period_end=False, cancel_at=None)
    elif values.get("cancel_at_period_end") or after.get(
        "cancel_at_period_end"
    ):  # the period may have become another
        after.update(cancel_at_period_end=True, cancel_at=period_end(after))
    if after.get("cancel_at") == facts.get("cancel_at"):
        return
    after["canceled_at"] = turn.created if after["cancel_at"] else None
    details = {**facts.get("cancellation_details", {})}
    after["cancellation_details"] = details | {
        "reason": "cancellation_requested" if after["cancel_at"] else None
    }
    if prorates:
        change.pending += _cut_or_extended(turn, after)


def check_one_end(values: dict[str, Any]) -> None:
    if "cancel_at" in values and "cancel_at_period_end" in values:
        raise Malformed(
            "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
            param="cancel_at",
        )


def end_at(turn: Turn, facts: Facts, when: int | str | None) -> int | None:
    """When it is to end: a time to come, or the end of its first or last period (which classic ones cannot say)."""
    if isinstance(when, str):
        if facts["billing_mode"]["type"] == "classic":
            raise ApiError(f"`{when}` needs flexible billing mode.", param="cancel_at")
        ends = [item["end"] for item in facts["items"]]
        return int(min(ends) if when == "min_period_end" else max(ends))
    if when is not None and when <= turn.now:
        raise ApiError(
            "Invalid timestamp: must be an integer Unix timestamp in the future.", param="cancel_at"
        )
    if when is not None and when > turn.now + 5 * 366 * DAY:
        raise ApiError("cancel_at can be at most five years from now.", param="cancel_at")
    return when


def _cut_or_extended(turn: Turn, facts: Facts) -> list[Line]:
    """Each item's bill ends when the subscription does, or with the period again."""
    lines = []
    for item in facts["items"]:
        billed = item.get("billed")
        if not billed:
            continue
        until = facts["cancel_at"] if ends_by(facts, item["end"]) else item["end"]
        off = less(turn, facts)
        if until < billed["end"]:
            lines += credit(facts, item, until, off)
            item["billed"] = billed | {"amount": billed["amount"] + lines[-1]["amount"], "end": until}
        elif until > billed["end"]:
            more = debit(facts, item, billed["end"], off, until)
            lines += more
            amount = billed["amount"] + sum(line["amount"] for line in more)
            item["billed"] = {"amount": amount, "start": billed["start"], "end": until}
    return lines
