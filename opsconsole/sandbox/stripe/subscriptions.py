"""Subscriptions: create, retrieve, list, update, cancel. Pausing is in `_pauses`, what time brings in `_cycle`."""

from __future__ import annotations

from typing import Any

from . import _billing, _cycle, _items, _pauses, coupons  # noqa: F401  (_pauses registers its routes)
from ._change import LONGEST_TRIAL, Change, weigh
from ._ends import end_it
from ._errors import ApiError, Malformed, no_such
from ._form import (
    Raw,
    Reader,
    Schema,
    boolean,
    hash_of,
    integer,
    merge_metadata,
    metadata,
    one_of,
    text,
    time_range,
)
from ._periods import DAY, after
from ._proration import Line, line_of, share, total
from ._routes import LIST, route
from ._subscription import OVER, keep, less, method_of, owed, period_end, put_into_period
from ._turn import Facts, Turn, new_id, page, show

invoice_settled = invoice_paid = _billing.settled
invoice_failed = _billing.failed
STATUSES = ("active", "past_due", "unpaid", "canceled", "incomplete", "incomplete_expired", "trialing", "paused")
FEEDBACK = (
    *("customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex"),
    *("too_expensive", "unused"),
)
BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
MOST_ACTIVE = 500


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


DETAILS: Schema = {
    "comment": text(clears=True),
    "feedback": clearing(one_of(*FEEDBACK)),
}
ENDING: Schema = {"missing_payment_method": one_of("cancel", "create_invoice", "pause")}
COMMON: Schema = {
    "cancel_at": cancel_at(),
    "cancel_at_period_end": boolean(),
    "collection_method": one_of("charge_automatically", "send_invoice"),
    "days_until_due": integer(0, 3650),
    "default_payment_method": text(clears=True),
    "description": text(500, clears=True),
    "discounts": coupons.discounts(),
    "metadata": metadata(),
    "off_session": boolean(),
    "payment_behavior": one_of(*BEHAVIORS),
    "payment_settings": hash_of({"save_default_payment_method": one_of("off", "on_subscription")}),
    "proration_behavior": _pauses.PRORATION,
    "trial_end": or_word("now"),
    "trial_settings": hash_of(
        {"end_behavior": hash_of(ENDING, needs=("missing_payment_method",))}, needs=("end_behavior",)
    ),
}
CREATE: Schema = {
    **COMMON,
    "billing_cycle_anchor": integer(0),
    "billing_mode": hash_of(
        {"flexible": hash_of({"proration_discounts": one_of("included")}), "type": one_of("classic", "flexible")},
        needs=("type",),
    ),
    "currency": text(3),
    "customer": text(),
    "items": _items.of(_items.NEW),
    "trial_period_days": integer(1, 730),
}
UPDATE: Schema = {
    **COMMON,
    "billing_cycle_anchor": _pauses.ANCHOR,
    "cancellation_details": hash_of(DETAILS),
    "items": _items.of(_items.CHANGED),
    "pause_collection": hash_of(
        {"behavior": one_of("keep_as_draft", "mark_uncollectible", "void"), "resumes_at": integer(0)},
        needs=("behavior",),
        clears=True,
    ),
    "proration_date": integer(0),
}
#: What is left to edit when it is over, and what a first payment that is still to come leaves.
AFTER_THE_END = ("cancellation_details", "metadata")
WHILE_INCOMPLETE = (
    *AFTER_THE_END,
    *("default_payment_method", "description", "payment_settings", "off_session", "payment_behavior"),
)
#: A schedule decides when its subscription ends and what it is paused for.
BY_SCHEDULE = ("cancel_at", "cancel_at_period_end")
CAN_BE_PENDING = (
    *("items", "trial_end", "billing_cycle_anchor", "discounts", "proration_behavior", "proration_date"),
    *("payment_behavior", "off_session", "cancel_at_period_end", "metadata"),
)


@route("POST", "/subscriptions", CREATE, needs=("customer", "items"))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """The first invoice is finalised and paid within the call; unpaid, it is incomplete for 23 hours."""
    _check_create(turn, values)
    facts = draw_up(turn, values)
    lines = begin(turn, facts, values)
    behavior = values.get("payment_behavior", "allow_incomplete")
    _check_can_pay(turn, facts, lines, behavior)
    turn.add("subscription", facts | {"unborn": True})
    facts["unborn"] = True
    invoice = _billing.draft(
        turn, facts, lines, "subscription_create", (turn.created, turn.created), advances=False
    )
    keep(turn, facts)
    _billing.finish(turn, facts, invoice, behavior)
    facts = turn.need("subscription", facts["id"])
    del facts["unborn"]
    turn.record("subscription", facts)
    keep(turn, facts, None, "created")
    return show("subscription", facts)


def _check_create(turn: Turn, values: dict[str, Any]) -> None:
    turn.need("customer", values["customer"], "customer")
    if "trial_end" in values and "trial_period_days" in values:
        raise Malformed(
            "You may only specify one of these parameters: trial_end, trial_period_days.", param="trial_end"
        )
    if values.get("payment_behavior") == "pending_if_incomplete":
        raise ApiError(
            "`pending_if_incomplete` is only for updates of a subscription.", param="payment_behavior"
        )
    _check_collection(values, values)
    going = (one for one in turn.all("subscription", customer=values["customer"]) if one["status"] not in OVER)
    if sum(1 for _ in going) >= MOST_ACTIVE:
        raise ApiError(f"Customer {values['customer']} already has the maximum {MOST_ACTIVE} current subscriptions.")


def _check_collection(values: dict[str, Any], has: Facts) -> None:
    if "days_until_due" in values and has.get("collection_method") != "send_invoice":
        raise ApiError(
            "`days_until_due` is only for subscriptions with `collection_method` set to `send_invoice`.",
            param="days_until_due",
        )
    if values.get("collection_method") == "send_invoice" and has.get("days_until_due") is None:
        raise ApiError(
            "You must set `days_until_due` when `collection_method` is `send_invoice`.", param="days_until_due"
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
    if values.get("currency", facts["currency"]).lower() != facts["currency"]:
        raise ApiError(
            f"The price specified doesn't support {values['currency']}, only {facts['currency']}.", param="currency"
        )
    _set_plainly(turn, facts, values)
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
                "Invalid timestamp: trial_end must be in the future, at most two years from now.", param="trial_end"
            )
        facts.update(status="trialing", trial_start=turn.created, trial_end=trial_end)
        facts["billing_cycle_anchor"] = trial_end
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
        raise ApiError("The sandbox takes either a trial or a billing_cycle_anchor.", param="billing_cycle_anchor")
    if anchor < turn.created:
        raise ApiError("billing_cycle_anchor must be a timestamp in the future.", param="billing_cycle_anchor")
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
    if values.get("cancel_at") is not None and values.get("cancel_at_period_end"):
        raise Malformed(
            "You may only specify one of these parameters: cancel_at, cancel_at_period_end.", param="cancel_at"
        )
    when = values.get("cancel_at")
    if values.get("cancel_at_period_end"):
        facts.update(cancel_at=period_end(facts), cancel_at_period_end=True)
    elif isinstance(when, str):
        ends = [item["end"] for item in facts["items"]]
        facts["cancel_at"] = min(ends) if when == "min_period_end" else max(ends)
    elif when is not None:
        if when <= turn.now:
            raise ApiError("Invalid timestamp: must be an integer Unix timestamp in the future.", param="cancel_at")
        facts["cancel_at"] = when
    if facts.get("cancel_at"):
        facts["canceled_at"] = turn.created
        facts["cancellation_details"] = {"reason": "cancellation_requested"}


def _check_can_pay(turn: Turn, facts: Facts, lines: list[Line], behavior: str) -> None:
    if facts.get("collection_method") == "send_invoice":
        if facts["status"] == "incomplete":
            facts["status"] = "active"
        return
    needed = behavior != "default_incomplete" and sum(line["amount"] for line in lines) > 0
    if needed and method_of(turn, facts) is None:
        raise ApiError(
            "This customer has no attached payment source or default payment method. Please consider adding a "
            "default payment method. For more information, visit "
            "https://docs.stripe.com/billing/subscriptions/payment-methods-setting#payment-method-priority.",
            code="resource_missing",
        )


def _set_plainly(turn: Turn, facts: Facts, values: dict[str, Any]) -> None:
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
    facts.update(values.get("payment_settings", {}))


@route("GET", "/subscriptions/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("subscription", turn.need("subscription", id))


@route(
    "GET",
    "/subscriptions",
    {
        **LIST,
        "collection_method": one_of("charge_automatically", "send_invoice"),
        "current_period_end": time_range(),
        "current_period_start": time_range(),
        "customer": text(),
        "price": text(),
        "status": one_of(*STATUSES, "all", "ended"),
    },
)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """Canceled ones only where they are asked for."""
    if "customer" in values and not turn.find("deleted_customer", values["customer"]):
        turn.need("customer", values["customer"], "customer")
    conditions, arguments = list[str](), list[Any]()
    status = values.get("status")
    if status == "ended":
        conditions.append("facts ->> 'status' IN ('canceled', 'incomplete_expired')")
    elif status != "all":
        conditions.append(f"facts ->> 'status' {'<>' if status is None else '='} ?")
        arguments.append(status or "canceled")
    if "collection_method" in values:
        conditions.append("coalesce(facts ->> 'collection_method', 'charge_automatically') = ?")
        arguments.append(values["collection_method"])
    if "price" in values:
        conditions.append("EXISTS (SELECT 1 FROM json_each(facts, '$.items') WHERE value -> 'price' ->> 'id' = ?)")
        arguments.append(values["price"])
    for name, which in (("current_period_end", "min"), ("current_period_start", "max")):
        field = name.removeprefix("current_period_")
        for bound, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
            if bound in values.get(name, {}):
                conditions.append(f"(SELECT {which}(value ->> '{field}') FROM json_each(facts, '$.items')) {sign} ?")
                arguments.append(values[name][bound])
    condition = " AND ".join(conditions or ["1"]), tuple(arguments)
    where = {"customer": values.get("customer")}
    return page(turn, "subscription", values, "/v1/subscriptions", where=where, also=condition)


@route("POST", "/subscriptions/<id>", UPDATE)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("subscription", id)
    values.pop("expand", None)
    _check_update(facts, values)
    before = show("subscription", facts)
    change = changed(turn, facts, values)
    behavior = values.get("payment_behavior", "allow_incomplete")
    _billing.bill_change(turn, facts, change, behavior, before)
    facts = turn.need("subscription", id)
    if facts.get("schedule") and values.get("items"):
        from . import subscription_schedules  # schedules change subscriptions, and are changed by this

        subscription_schedules.follow(turn, facts)
    if show("subscription", facts) != before:
        turn.record("subscription.updated", facts)
    return show("subscription", facts)


def changed(turn: Turn, facts: Facts, values: dict[str, Any]) -> Change:
    """What the parameters of an update lead to; of `facts` only plain fields are set. Nothing is billed yet."""
    _set_plainly(turn, facts, values)
    _check_collection(values, facts)
    if "cancellation_details" in values:
        facts["cancellation_details"] = {**facts.get("cancellation_details", {}), **values["cancellation_details"]}
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


def _check_update(facts: Facts, values: dict[str, Any]) -> None:
    """Raises ApiError for what cannot be changed as things stand."""
    status = facts["status"]
    if status in OVER:
        if strange := next((name for name in values if name not in AFTER_THE_END), None):
            raise ApiError(
                "A canceled subscription can only update its cancellation_details and metadata.", param=strange
            )
    if status == "incomplete":
        if strange := next((name for name in values if name not in WHILE_INCOMPLETE), None):
            raise ApiError(
                f"You cannot update `{strange}` of a subscription whose first invoice is not paid yet.", param=strange
            )
    if facts.get("schedule"):
        if name := next((name for name in BY_SCHEDULE if name in values), None):
            raise ApiError(
                f"The subscription is managed by the subscription schedule `{facts['schedule']}`, and updating any "
                "cancellation behavior directly is not allowed. Please update the schedule instead.",
                param=name,
            )
    if status == "paused" and values.get("pause_collection"):
        raise ApiError("You cannot pause the collection of a paused subscription.", param="pause_collection")
    if values.get("payment_behavior") == "pending_if_incomplete":
        if strange := next((name for name in values if name not in CAN_BE_PENDING), None):
            raise ApiError(
                f"`{strange}` cannot be updated when `payment_behavior` is `pending_if_incomplete`.", param=strange
            )
    if facts.get("pending_update") and any(name in values for name in ("items", "trial_end", "billing_cycle_anchor")):
        raise ApiError("The subscription has a pending update. Pay or void its invoice first.", param="items")


CANCEL: Schema = {"cancellation_details": hash_of(DETAILS), "invoice_now": boolean(), "prorate": boolean()}


@route("DELETE", "/subscriptions/<id>", CANCEL)
def cancel(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """At once and for good."""
    facts = turn.need("subscription", id)
    if facts["status"] in OVER:
        raise no_such("subscription", id)
    end_it(
        turn,
        facts,
        reason="cancellation_requested",
        said=values.get("cancellation_details"),
        prorate=values.get("prorate", False),
        invoice_now=values.get("invoice_now", False),
    )
    return show("subscription", turn.need("subscription", id))
