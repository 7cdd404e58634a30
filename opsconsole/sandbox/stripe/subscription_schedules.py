"""Subscription schedules: what a subscription is to be in the phases to come. Made from one that is there.

A schedule owns its subscription's end: `end_behavior` cancel sets cancel_at there. The phase in force is the one that
holds now; each phase begins where the one before it ends.
"""

from __future__ import annotations

from typing import Any

from . import _items
from ._billing import bill_change
from ._change import Change, weigh
from ._ends import end_it
from ._errors import ApiError, Malformed
from ._form import (
    Schema,
    boolean,
    hash_of,
    integer,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    text,
    time_range,
)
from ._pauses import PRORATION
from ._periods import after, in_months
from ._routes import LIST, route
from ._subscription import OVER, keep, period_end
from ._terms import or_word
from ._turn import Facts, Turn, new_id, page, shape_of, show
from .prices import INTERVALS

KIND = "subscription_schedule"
GOING = ("active", "not_started")
ITEM: Schema = {"metadata": metadata(), "price": text(), "quantity": integer(0)}
DURATION: Schema = {"interval": one_of(*INTERVALS), "interval_count": integer(1)}
PHASE: Schema = {
    "billing_cycle_anchor": one_of("automatic", "phase_start"),
    "collection_method": one_of("charge_automatically", "send_invoice"),
    "default_payment_method": text(),
    "description": text(500, clears=True),
    "duration": hash_of(DURATION, needs=("interval",)),
    "end_date": or_word("now"),
    "items": list_of(hash_of(ITEM, needs=("price",)), most=20),
    "metadata": metadata(),
    "proration_behavior": PRORATION,
    "start_date": or_word("now"),
    "trial_end": integer(0),
}
UPDATE: Schema = {
    "end_behavior": one_of("cancel", "release"),
    "metadata": metadata(),
    "phases": list_of(hash_of(PHASE, needs=("items",)), most=10),
    "proration_behavior": PRORATION,
}


@shape_of(KIND)
def subscription_schedule(facts: Facts) -> dict[str, Any]:
    current = facts["phases"][facts["current"]] if facts["status"] == "active" else None
    return {
        "id": facts["id"],
        "object": KIND,
        "application": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"} if facts["billing_mode"] == "flexible" else None,
            "type": facts["billing_mode"],
        },
        "canceled_at": facts.get("canceled_at"),
        "completed_at": facts.get("completed_at"),
        "created": facts["created"],
        "current_phase": current and {"end_date": current["end"], "start_date": current["start"]},
        "customer": facts["customer"],
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": "charge_automatically",
            "default_payment_method": facts.get("default_payment_method"),
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "days_until_due": None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": facts["end_behavior"],
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "pause_schedules": [],
        "phases": [_phase(facts, phase) for phase in facts["phases"]],
        "released_at": facts.get("released_at"),
        "released_subscription": facts.get("released_subscription"),
        "status": facts["status"],
        "subscription": facts.get("subscription"),
        "test_clock": None,
    }


def _phase(facts: Facts, phase: Facts) -> dict[str, Any]:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": phase.get("billing_cycle_anchor"),
        "billing_thresholds": None,
        "collection_method": phase.get("collection_method"),
        "currency": facts["currency"],
        "default_payment_method": phase.get("default_payment_method"),
        "default_tax_rates": [],
        "description": phase.get("description"),
        "discounts": [],
        "end_date": phase["end"],
        "invoice_settings": None,
        "items": [
            {
                "billing_thresholds": None,
                "discounts": [],
                "metadata": item.get("metadata", {}),
                "plan": item["price"],
                "price": item["price"],
                "quantity": item["quantity"],
                "tax_rates": [],
            }
            for item in phase["items"]
        ],
        "metadata": phase.get("metadata", {}),
        "on_behalf_of": None,
        "proration_behavior": phase.get("proration_behavior", "create_prorations"),
        "start_date": phase["start"],
        "transfer_data": None,
        "trial_end": phase.get("trial_end"),
    }


@route("POST", "/subscription_schedules", {"from_subscription": text()}, needs=("from_subscription",))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    subscription = turn.need("subscription", values["from_subscription"], "from_subscription")
    if subscription["status"] in (*OVER, "incomplete", "paused"):
        raise ApiError(
            f"You cannot migrate a subscription that is {subscription['status']} to a schedule.",
            param="from_subscription",
        )
    if subscription.get("schedule"):
        raise ApiError(
            f"You cannot migrate a subscription that is already attached to a schedule: {subscription['schedule']}.",
            param="from_subscription",
        )
    ends = subscription.get("cancel_at")
    phase: Facts = {
        "start": min(item["start"] for item in subscription["items"]),
        "end": ends or period_end(subscription),
        "items": _as_planned(subscription["items"]),
        "proration_behavior": "create_prorations",
    } | ({"trial_end": subscription["trial_end"]} if subscription["status"] == "trialing" else {})
    facts: Facts = {
        "id": new_id("sub_sched"),
        "created": turn.created,
        "customer": subscription["customer"],
        "subscription": subscription["id"],
        "currency": subscription["currency"],
        "billing_mode": subscription["billing_mode"]["type"],
        "default_payment_method": subscription.get("default_payment_method"),
        "status": "active",
        "current": 0,
        "phases": [phase],
        "end_behavior": "cancel" if ends else "release",
    }
    turn.add(KIND, facts)
    turn.record(KIND, facts)
    turn.emit("subscription_schedule.created", KIND, facts)
    _hold(turn, facts, subscription)
    return show(KIND, facts)


def _as_planned(items: list[Facts]) -> list[Facts]:
    return [
        {"price": item["price"]["id"], "quantity": item["quantity"], "metadata": item.get("metadata", {})}
        for item in items
    ]


def _hold(turn: Turn, facts: Facts, subscription: Facts) -> None:
    """The subscription knows its schedule, when its phase ends and when it ends itself."""
    before = show("subscription", subscription)
    subscription["schedule"] = facts["id"]
    subscription["phase_due"] = facts["phases"][facts["current"]]["end"]
    last = facts["phases"][-1]["end"]
    subscription["cancel_at"] = last if facts["end_behavior"] == "cancel" else None
    subscription["cancel_at_period_end"] = False
    keep(turn, subscription, before)


@route("GET", "/subscription_schedules/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


MOMENTS = ("canceled_at", "completed_at", "released_at")


@route(
    "GET",
    "/subscription_schedules",
    {**LIST, "customer": text(), "scheduled": boolean(), **{name: time_range() for name in MOMENTS}},
)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    conditions, arguments = ["1"], list[Any]()
    for name in MOMENTS:
        for bound, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
            if bound in values.get(name, {}):
                conditions.append(f"facts ->> '{name}' {sign} ?")
                arguments.append(values[name][bound])
    if values.get("scheduled"):
        conditions.append("facts ->> 'status' = 'not_started'")
    condition = " AND ".join(conditions), tuple(arguments)
    return page(
        turn,
        KIND,
        values,
        "/v1/subscription_schedules",
        where={"customer": values.get("customer")},
        also=condition,
    )


@route("POST", "/subscription_schedules/<id>", UPDATE)
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """The phase in force can change too: its subscription does so at once."""
    facts = _going(turn, id, "update")
    before = show(KIND, facts)
    subscription = turn.need("subscription", facts["subscription"])
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    facts["end_behavior"] = values.get("end_behavior", facts["end_behavior"])
    was = facts["phases"][facts["current"]]
    if "phases" in values:
        _set_phases(turn, facts, subscription, values["phases"])
    turn.save(KIND, facts)
    if show(KIND, facts) != before:
        turn.record("subscription_schedule.updated", facts)
        turn.emit("subscription_schedule.updated", KIND, facts, before)
    current = facts["phases"][facts["current"]]
    if current["items"] != was["items"]:
        _apply(turn, subscription, current, values.get("proration_behavior", "create_prorations"))
        subscription = turn.need("subscription", subscription["id"])
    _hold(turn, facts, subscription)
    return show(KIND, facts)


def _going(turn: Turn, id: str, doing: str) -> Facts:
    facts = turn.need(KIND, id)
    if facts["status"] not in GOING:
        raise ApiError(
            f"You cannot {doing} a subscription schedule that is currently in the `{facts['status']}` status."
        )
    return facts


def _set_phases(turn: Turn, facts: Facts, subscription: Facts, given: list[dict[str, Any]]) -> None:
    """Past phases stay, whether given or not; the one in force keeps its start."""
    past, current = facts["phases"][: facts["current"]], facts["phases"][facts["current"]]
    starts = {phase["start"] for phase in past}
    given = [phase for phase in given if phase.get("start_date") not in starts]
    if not given:
        raise Malformed("You must pass the current phase.", param="phases")
    phases = list[Facts]()
    start = current["start"]
    for number, phase in enumerate(given):
        phases.append(_one(turn, subscription, phase, start, f"phases[{number}]"))
        start = phases[-1]["end"]
    if given[0].get("start_date", current["start"]) != current["start"]:
        raise ApiError(
            "You can not modify the start date of the current phase.", param="phases[0][start_date]"
        )
    if phases[0].get("trial_end") != current.get("trial_end"):
        raise ApiError("The sandbox does not move trials by a schedule.", param="phases[0][trial_end]")
    facts["phases"] = past + phases


def _one(turn: Turn, subscription: Facts, given: dict[str, Any], start: int, param: str) -> Facts:
    said = given.get("start_date", start)
    if said not in (start, "now"):
        raise ApiError(
            "The start date of a phase must be the end date of the phase before it.",
            param=f"{param}[start_date]",
        )
    if "end_date" in given and "duration" in given:
        raise Malformed(
            "You may only specify one of these parameters: duration, end_date.", param=f"{param}[duration]"
        )
    items = [{"quantity": 1, **item, "metadata": item.get("metadata") or {}} for item in given["items"]]
    if not items:
        raise Malformed("A phase needs items.", param=f"{param}[items]")
    pinned = _items.after(turn, {**subscription, "items": []}, [{"price": i["price"]} for i in items])
    if "end_date" in given:
        end = turn.created if given["end_date"] == "now" else given["end_date"]
    else:
        every = {"interval_count": 1, **given.get("duration", pinned[0]["price"]["recurring"])}
        end = after(start, every, 1)
    if end <= start or end < turn.created:
        raise ApiError(
            "The end date of a phase must be after its start, and not in the past.",
            param=f"{param}[end_date]",
        )
    kept = (
        "billing_cycle_anchor",
        "collection_method",
        "default_payment_method",
        "description",
        "metadata",
        "trial_end",
    )
    return {
        "start": start,
        "end": end,
        "items": items,
        "proration_behavior": given.get("proration_behavior", "create_prorations"),
        **{name: given[name] for name in kept if given.get(name) is not None},
    }


def turn_phase(turn: Turn, subscription: Facts) -> None:
    """The phase in force has ended: the next one begins, or the schedule is over."""
    facts = turn.need(KIND, subscription["schedule"])
    before = show(KIND, facts)
    if facts["current"] + 1 == len(facts["phases"]):
        return _let_go(turn, facts, subscription)
    facts["current"] += 1
    phase = facts["phases"][facts["current"]]
    turn.save(KIND, facts)
    _apply(turn, subscription, phase, phase["proration_behavior"])
    _hold(turn, facts, turn.need("subscription", subscription["id"]))
    turn.emit("subscription_schedule.updated", KIND, facts, before)


def _apply(turn: Turn, subscription: Facts, phase: Facts, proration: str) -> None:
    """Make the subscription what its phase says; between two periods the bill to come is for that already."""
    before = show("subscription", subscription)
    for name in ("collection_method", "default_payment_method", "description"):
        if name in phase:
            subscription[name] = phase[name]
    subscription["metadata"] = merge_metadata(subscription.get("metadata", {}), phase.get("metadata", {}))
    given = _differences(subscription["items"], phase["items"])
    values: dict[str, Any] = {"items": given, "proration_behavior": proration}
    if period_end(subscription) <= turn.now:
        return keep(turn, _swapped(turn, subscription, phase, given), before)
    anew = phase.get("billing_cycle_anchor") == "phase_start" and phase["start"] <= turn.now
    if anew and subscription["status"] != "trialing":
        values["billing_cycle_anchor"] = {"type": "now"}
    change: Change = weigh(turn, subscription, values)
    bill_change(turn, subscription, change, "allow_incomplete", before)


def _differences(has: list[Facts], wanted: list[Facts]) -> list[dict[str, Any]]:
    """The items of an update: same prices keep their item, the others take the places that become free."""
    by_price = {item["price"]["id"]: item["id"] for item in has}
    prices = {item["price"] for item in wanted}
    free = [item["id"] for item in has if item["price"]["id"] not in prices]
    given = []
    for item in wanted:
        id = by_price.get(item["price"]) or (free.pop(0) if free else None)
        given.append({**item} | ({"id": id} if id else {}))
    return given + [{"id": id, "deleted": True} for id in free]


def _swapped(turn: Turn, subscription: Facts, phase: Facts, given: list[dict[str, Any]]) -> Facts:
    had = {in_months(item["price"]["recurring"]) for item in subscription["items"]}
    end = period_end(subscription)
    start = min(item["start"] for item in subscription["items"])
    items = _items.after(turn, subscription, given)
    for item in items:
        item.setdefault("start", start)
        item.setdefault("end", end)
    has = {in_months(item["price"]["recurring"]) for item in items}
    if not had & has or phase.get("billing_cycle_anchor") == "phase_start":
        subscription["billing_cycle_anchor"] = end
    return {**subscription, "items": items}


def follow(turn: Turn, subscription: Facts) -> None:
    """The subscription was changed directly: its phase in force is that now."""
    facts = turn.need(KIND, subscription["schedule"])
    before = show(KIND, facts)
    facts["phases"][facts["current"]]["items"] = _as_planned(subscription["items"])
    if show(KIND, facts) != before:
        turn.save(KIND, facts)
        turn.emit("subscription_schedule.updated", KIND, facts, before)


@route("POST", "/subscription_schedules/<id>/release", {"preserve_cancel_date": boolean()})
def release(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """The subscription goes on as it is, without a schedule."""
    facts = _going(turn, id, "release")
    subscription = turn.need("subscription", facts["subscription"])
    _let_go(turn, facts, subscription, keeps_end=values.get("preserve_cancel_date", False))
    turn.record("subscription_schedule.released", facts)
    return show(KIND, facts)


def _let_go(turn: Turn, facts: Facts, subscription: Facts, *, keeps_end: bool = False) -> None:
    before = show(KIND, facts)
    facts.update(
        status="released",
        released_at=turn.created,
        released_subscription=subscription["id"],
        subscription=None,
    )
    turn.save(KIND, facts)
    looked = show("subscription", subscription)
    subscription.update(schedule=None, phase_due=None)
    if not keeps_end:
        subscription["cancel_at"] = None
    keep(turn, subscription, looked)
    turn.emit("subscription_schedule.released", KIND, facts, before)


@route("POST", "/subscription_schedules/<id>/cancel", {"invoice_now": boolean(), "prorate": boolean()})
def cancel(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """The subscription ends at once, with it."""
    facts = _going(turn, id, "cancel")
    end_it(
        turn,
        turn.need("subscription", facts["subscription"]),
        reason="cancellation_requested",
        prorate=values.get("prorate", True),
        invoice_now=values.get("invoice_now", True),
    )
    turn.record("subscription_schedule.canceled", facts)
    return show(KIND, turn.need(KIND, id))
