"""Dunning: what is done about an invoice that was not paid, told on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from .. import vendors
from ..models import (
    Change,
    Customer,
    Dunning,
    DunningStatus,
    Ending,
    Invoice,
    LifecyclePolicy,
    Message,
    Order,
    Subscription,
)  # fmt: skip
from ..services import audit, cases, lifecycle, messages
from ..vendors.payments.declines import meaning
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import Reason
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import live
from ._masking import written
from ._who import reads

pages = Blueprint("dunnings", __name__)


def told(dunning: Dunning) -> dict[str, Any]:
    invoice = Invoice.require(dunning.invoice_id)
    return common(dunning, acts_of(dunning, invoice)) | {
        "invoice": invoice.url,
        "subscription": f"/subscriptions/{dunning.subscription_id}" if dunning.subscription_id else None,
        "customer": f"/customers/{dunning.customer_id}" if dunning.customer_id else None,
        "policy": f"/lifecycle/{dunning.policy_id}",
        "remaining": invoice.money("remaining").as_json,
        "decline_code": dunning.decline_code,
        "means": meaning(dunning.decline_code),
        "hard": dunning.hard,
        "attempts": [
            {
                "at": attempt["at"],
                "by": attempt["by"],
                "code": attempt["code"],
                "advice": attempt["advice"],
                "change": attempt["change"] and f"/changes/{attempt['change']}",
            }
            for attempt in dunning.attempts
        ],
        "started_at": at(dunning.started_at),
        "next_step_at": at(dunning.next_step_at),
        "stripe_tries_at": at(invoice.next_try_at),
        "ends_at": at(_ends_at(dunning)),
        "why": written(dunning.why),
        "trace": dunning.trace_id,
    }


def acts_of(dunning: Dunning, invoice: Invoice) -> Acts:
    """What may be done about it, the likeliest first."""
    customer = Customer.get(dunning.customer_id or "")
    offered = [
        act_on(dunning, "lifecycle.try_now", f"{dunning.url}/try_now", "Try the card now",
               why_not=lifecycle.why_not_try(invoice)),
        act_on(dunning, "lifecycle.stop", f"{dunning.url}/stop", "Stop this",
               why_not=lifecycle.why_not_running(dunning)),
    ]  # fmt: skip
    if customer:
        ask = f"{customer.url}/message?template=save_card"
        why_not = None if vendors.connected("crm") else "No CRM is connected."
        why_not = why_not or (None if customer.email else "We know no e-mail address of this customer.")
        offered.insert(1, act_on(customer, "messages.send", ask, "Ask for another card", why_not=why_not))
    return offered


def _ends_at(dunning: Dunning) -> datetime | None:
    """Its last day, while that is ahead."""
    policy = LifecyclePolicy.require(dunning.policy_id)
    return policy.step_at(dunning.started_at, len(policy.steps)) if dunning.running else None


@pages.get("/dunnings")
@reads("dunnings", lifecycle.DUNNINGS)
def list() -> ResponseReturnValue:
    return listed(found(), told, "dunnings/list.html", statuses=DunningStatus, meaning=meaning)


@pages.get("/dunnings/<dunning_id>")
@reads("dunnings")
def show(dunning_id: str) -> ResponseReturnValue:
    dunning = Dunning.require(dunning_id)
    invoice = Invoice.require(dunning.invoice_id)
    looks = [dunning.status, dunning.step, dunning.attempts, invoice.fetched_at, audit.movement(dunning.id)]
    return live(
        looks,
        lambda: shown(dunning, lambda: told(dunning), "dunnings/show.html", lambda: _page(dunning, invoice)),
        final=dunning.final,
    )


def _page(dunning: Dunning, invoice: Invoice) -> dict[str, Any]:
    policy = LifecyclePolicy.require(dunning.policy_id)
    return _about(dunning, invoice) | {
        "attempts": [_attempt(attempt) for attempt in reversed(dunning.attempts)],
        "plan": _plan(dunning, policy),
        "policy": policy,
        "meaning": meaning(dunning.decline_code),
        "messages": _written(dunning),
        "orders": _waiting(dunning, invoice),
        "under_way": Change.now_of(invoice_id=invoice.id),
        "acts": acts_of(dunning, invoice),
        "cases": cases.of(dunning.id),
        "timeline": happened(dunning),
    }


def _about(dunning: Dunning, invoice: Invoice) -> dict[str, Any]:
    return {
        "dunning": dunning,
        "invoice": invoice,
        "called": _first_big(invoice.called_as),
        "subscription": Subscription.get(dunning.subscription_id or ""),
        "customer": Customer.get(dunning.customer_id or ""),
    }


def _attempt(attempt: dict[str, Any]) -> dict[str, Any]:
    return attempt | {"at": datetime.fromisoformat(attempt["at"]), "means": meaning(attempt["code"])}


def _plan(dunning: Dunning, policy: LifecyclePolicy) -> Sequence[dict[str, Any]]:
    """Each step of the policy with its day, whether it has passed, and whether no card is, or was, tried on it."""
    ours = [datetime.fromisoformat(one["at"]) for one in dunning.attempts if one["by"] == lifecycle.WE]
    found = []
    for number, one in enumerate(policy.in_order()):
        begins, ends = (policy.step_at(dunning.started_at, number + more) for more in (0, 1))
        passed = number < dunning.step
        spared = one.tries and dunning.hard and not (passed and any(begins <= at < ends for at in ours))
        if spared:
            one = replace(one, tries=False, message=one.message and (policy.hard_message or one.message))
        says = one.says(lifecycle.labels()).partition(": ")[2]
        found.append({"at": begins, "says": _first_big(says), "passed": passed, "spared": spared})
    ending = policy.ending if dunning.subscription_id else Ending.LEAVE
    over = {
        "at": policy.step_at(dunning.started_at, len(policy.steps)),
        "says": f"Still not paid: {ending.words}",
        "passed": dunning.status == DunningStatus.ENDED,
        "spared": False,
    }
    return [*found, over]


def _first_big(words: str) -> str:
    return words[0].upper() + words[1:]


def _written(dunning: Dunning) -> Sequence[tuple[Message, str]]:
    """What the customer was told since it began, with its words, the newest first."""
    codes = {*lifecycle.TOLD, "save_card", "subscription_canceled", "subscription_paused"}
    found = messages.find(customer=dunning.customer_id).items if dunning.customer_id else ()
    return [
        (one, messages.text(one.template, one.data))
        for one in found
        if one.template in codes and one.created_at >= dunning.started_at
    ]


def _waiting(dunning: Dunning, invoice: Invoice) -> Sequence[Order]:
    """The parcels that do not leave before it is paid."""
    return lifecycle.waiting_for(dunning, invoice)


class StopForm(Reason):
    stripe_too = BooleanField(
        "Stop Stripe's own tries too",
        description="The customer still owes it; nobody tries the card by itself.",
    )


@pages.route("/dunnings/<dunning_id>/stop", methods=["GET", "POST"])
@performs(lifecycle.stop, StopForm)
def stop(form: StopForm, dunning_id: str) -> Asked:
    dunning = Dunning.require(dunning_id)
    invoice = Invoice.require(dunning.invoice_id)
    return Asked(
        dunning_id,
        lambda: {"reason": form.reason.data, "stripe_too": form.stripe_too.data},
        context=_about(dunning, invoice) | {"submit": "Stop it"},
        done="It was stopped. The customer still owes the invoice.",
    )


@pages.route("/dunnings/<dunning_id>/try_now", methods=["GET", "POST"])
@performs(lifecycle.try_now)
def try_now(form: NoInput, dunning_id: str) -> Asked:
    dunning = Dunning.require(dunning_id)
    invoice = Invoice.require(dunning.invoice_id)
    context = _about(dunning, invoice) | {"meaning": meaning(dunning.decline_code), "submit": "Try the card"}
    return Asked(
        dunning_id,
        context=context,
        done="The card is tried in a minute; until then you can undo it.",
    )
