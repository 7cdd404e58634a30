"""Subscriptions: create, retrieve, list, update, cancel. Pausing is in `_pauses`, what time brings in `_cycle`."""

from __future__ import annotations

from typing import Any

from . import _billing, _cycle, _items, _pauses, coupons  # noqa: F401  (_pauses registers its routes)
from ._ends import end_it
from ._errors import ApiError, Malformed, no_such
from ._form import Schema, boolean, hash_of, integer, metadata, one_of, text, time_range
from ._preview import DETAILS as PREVIEW_DETAILS
from ._preview import preview
from ._routes import LIST, route
from ._subscription import OVER, keep, method_of
from ._terms import begin, cancel_at, changed, check_collection, clearing, draw_up, or_word
from ._turn import Facts, Turn, page, show

invoice_settled = invoice_paid = _billing.settled
invoice_failed, invoice_overdue = _billing.failed, _billing.overdue
STATUSES = (
    "active",
    "past_due",
    "unpaid",
    "canceled",
    "incomplete",
    "incomplete_expired",
    "trialing",
    "paused",
)
FEEDBACK = (
    *("customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex"),
    *("too_expensive", "unused"),
)
BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
MOST_ACTIVE = 500


DETAILS: Schema = {
    "comment": text(clears=True),
    "feedback": clearing(one_of(*FEEDBACK)),
}
ENDING: Schema = {"missing_payment_method": one_of("cancel", "create_invoice", "pause")}
COMMON: Schema = {
    "automatic_tax": hash_of({"enabled": boolean()}, needs=("enabled",)),
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
        {
            "flexible": hash_of({"proration_discounts": one_of("included")}),
            "type": one_of("classic", "flexible"),
        },
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
#: What a change may be billed for. Of these a schedule decides alone: when its subscription ends.
BILLED = ("items", "trial_end", "billing_cycle_anchor")
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
    _check_can_pay(turn, facts, behavior)
    facts["unborn"] = True
    turn.add("subscription", facts)
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
    check_collection(values, values)
    going = (
        one for one in turn.all("subscription", customer=values["customer"]) if one["status"] not in OVER
    )
    if sum(1 for _ in going) >= MOST_ACTIVE:
        raise ApiError(
            f"Customer {values['customer']} already has the maximum {MOST_ACTIVE} current subscriptions."
        )


def _check_can_pay(turn: Turn, facts: Facts, behavior: str) -> None:
    by_themselves = behavior == "default_incomplete" or facts.get("collection_method") == "send_invoice"
    due = sum((item["billed"] or {"amount": 0})["amount"] for item in facts["items"])
    if due > 0 and not by_themselves and method_of(turn, facts) is None:
        raise ApiError(
            "This customer has no attached payment source or default payment method. Please consider adding a "
            "default payment method. For more information, visit "
            "https://docs.stripe.com/billing/subscriptions/payment-methods-setting#payment-method-priority.",
            code="resource_missing",
        )


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
        conditions.append(
            "EXISTS (SELECT 1 FROM json_each(facts, '$.items') WHERE value -> 'price' ->> 'id' = ?)"
        )
        arguments.append(values["price"])
    for name, which in (("current_period_end", "min"), ("current_period_start", "max")):
        field = name.removeprefix("current_period_")
        for bound, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
            if bound in values.get(name, {}):
                conditions.append(
                    f"(SELECT {which}(value ->> '{field}') FROM json_each(facts, '$.items')) {sign} ?"
                )
                arguments.append(values[name][bound])
    condition = " AND ".join(conditions or ["1"]), tuple(arguments)
    where = {"customer": values.get("customer")}
    return page(turn, "subscription", values, "/v1/subscriptions", where=where, also=condition)


def of_customer(turn: Turn, customer: dict[str, Any]) -> dict[str, Any]:
    """`subscriptions`, which stands in a customer only when it is asked for."""
    answer = find(turn, {"customer": customer["id"]})
    return answer | {"url": f"/v1/customers/{customer['id']}/subscriptions"}


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


def _check_update(facts: Facts, values: dict[str, Any]) -> None:
    """Raises ApiError for what cannot be changed as things stand."""

    def beyond(*allowed: str) -> str | None:
        return next((name for name in values if name not in allowed), None)

    status, strange = facts["status"], None
    if status in OVER and (strange := beyond(*AFTER_THE_END)):
        message = "A canceled subscription can only update its cancellation_details and metadata."
    elif status == "incomplete" and (strange := beyond(*WHILE_INCOMPLETE)):
        message = f"You cannot update `{strange}` of a subscription whose first invoice is not paid yet."
    elif facts.get("schedule") and (strange := next((name for name in BY_SCHEDULE if name in values), None)):
        message = (
            f"The subscription is managed by the subscription schedule `{facts['schedule']}`, and updating any "
            "cancellation behavior directly is not allowed. Please update the schedule instead."
        )
    elif status == "paused" and values.get("pause_collection"):
        strange, message = "pause_collection", "You cannot pause the collection of a paused subscription."
    elif values.get("payment_behavior") == "pending_if_incomplete" and (strange := beyond(*CAN_BE_PENDING)):
        message = f"`{strange}` cannot be updated when `payment_behavior` is `pending_if_incomplete`."
    elif facts.get("pending_update") and (strange := next((name for name in BILLED if name in values), None)):
        message = "The subscription has a pending update. Pay or void its invoice first."
    if strange:
        raise ApiError(message, param=strange)


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


__all__ = [
    "PREVIEW_DETAILS",
    "invoice_failed",
    "invoice_overdue",
    "invoice_paid",
    "invoice_settled",
    "preview",
]
