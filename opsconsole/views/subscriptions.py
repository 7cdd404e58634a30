"""Subscriptions: what Stripe holds of them, how they stand in effect, and what people change of them there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import DateField, Form, IntegerField, SelectField, TextAreaField
from wtforms.validators import AnyOf, Optional

from ..models import (
    Change,
    Customer,
    Dunning,
    Effective,
    Invoice,
    Notice,
    Product,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from ..services import audit, cases, customers, payments, subscriptions
from ..services.subscriptions import Intent, Quoted
from ..vendors.billing import Behavior, PauseKind
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import live
from ._page import now
from ._who import reads

pages = Blueprint("subscriptions", __name__)


def told(one: Subscription) -> dict[str, Any]:
    items = one.items()
    standing = _standing(one, items)
    return common(one, acts_of(one, items)) | {
        "effective": standing.effective.value,
        "because": [*standing.because],
        "external_id": one.external_id,
        "raw_status": one.raw_status,
        "customer": f"/customers/{one.customer_id}" if one.customer_id else None,
        "items": [_item(item) for item in items],
        "next_charge_at": at(one.next_charge_at),
        "next": [
            {
                "on": each.on.isoformat(),
                "charged": each.charged,
                "ships_by": each.ships_by and each.ships_by.isoformat(),
                "why_not": each.why_not,
            }
            for each in subscriptions.occasions(_terms(one, items))
        ],
        "ahead": [
            {"at": at(each.at), "says": each.says, "act": each.act, "url": each.url}
            for each in subscriptions.ahead(one, Change.of_subscription(one.id))
        ],
        "pause": _pause_told(one),
        "trial_end": at(one.trial_end),
        "cancel_at": at(subscriptions.ends_at(one)),
        "canceled_at": at(one.canceled_at),
        "ended_at": at(one.ended_at),
        "replaces": f"/subscriptions/{one.replaces_id}" if one.replaces_id else None,
        "fetched_at": at(one.fetched_at),
    }


def _item(item: SubscriptionItem) -> dict[str, Any]:
    total = item.total
    return {
        "id": item.id,
        "product": f"/products/{item.product_id}" if item.product_id else None,
        "price": item.price_key,
        "quantity": item.quantity,
        "total": total.as_json if total else None,
        "every": {"interval": item.interval, "count": item.interval_count},
    }


def _pause_told(one: Subscription) -> dict[str, Any] | None:
    kind = subscriptions.kind_of(one)
    if kind is None:
        return None
    return {
        "kind": kind.value,
        "behavior": one.pause_behavior,
        "resumes_at": at(one.pauses_until or back_at(one)),
    }


def back_at(one: Subscription) -> datetime | None:
    """When we resume one that Stripe has stopped whole, where that is agreed."""
    return next((change.starts_at for change in subscriptions.agreed(one.id)), None)


def _terms(one: Subscription, items: Sequence[SubscriptionItem]) -> subscriptions.Terms:
    stopped = subscriptions.kind_of(one) is PauseKind.PAUSED
    return subscriptions.Terms.of(one, items, back_at=back_at(one) if stopped else None)


def _standing(one: Subscription, items: Sequence[SubscriptionItem]) -> subscriptions.Standing:
    on = (one.next_charge_at or now()).date()
    why_not = None if one.next_charge_at is None else subscriptions.uncovered(one, items, on)
    return subscriptions.judge(one, why_not)


def acts_of(one: Subscription, items: Sequence[SubscriptionItem]) -> Acts:
    """What may be done with it, the likeliest first."""
    move = subscriptions.why_not_move(one)
    skipped = subscriptions.skipped(one)
    offered = [
        ("pause", "Pause", subscriptions.why_not_pause(one)),
        ("resume", "Resume", subscriptions.why_not_resume(one)),
        ("skip", "Skip next delivery", move),
        ("unskip", "Take the skip back", move if skipped else "No delivery of it is skipped."),
        ("reschedule", "Move the next charge", move),
        ("alter", "Change how often or how many", subscriptions.why_not_alter(one)),
        ("swap", "Swap for another product", subscriptions.why_not_swap(one)),
        ("cancel", "End it", subscriptions.why_not_cancel(one)),
        ("keep", "Keep it after all", subscriptions.why_not_keep(one)),
        ("reactivate", "Take it up again", subscriptions.why_not_reactivate(one, items)),
        ("refresh", "Read from Stripe", None),
    ]
    found = [
        act_on(one, f"subscriptions.{verb}", f"{one.url}/{verb}", label, why_not=why)
        for verb, label, why in sorted(offered, key=lambda each: each[2] is not None)
    ]
    return [*found, *_readdress(one)]


def _readdress(one: Subscription) -> Acts:
    """Where it ships is the customer's address: the healthcare system keeps it."""
    customer = Customer.get(one.customer_id) if one.customer_id else None
    if customer is None:
        return []
    why_not = customers.why_not_readdress(customer)
    url = f"{customer.url}/readdress"
    return [act_on(customer, "customers.readdress", url, "Change the address", why_not=why_not)]


@pages.get("/subscriptions")
@reads("subscriptions", subscriptions.LIST)
def list() -> ResponseReturnValue:
    return listed(
        found(), told, "subscriptions/list.html", statuses=Effective, stripe_statuses=SubscriptionStatus
    )


@pages.get("/subscriptions/<subscription_id>")
@reads("subscriptions")
def show(subscription_id: str) -> ResponseReturnValue:
    one = Subscription.require(subscription_id)
    looks = [one.status, one.effective, one.fetched_at, audit.movement(one.id)]
    return live(
        looks,
        lambda: shown(one, lambda: told(one), "subscriptions/show.html", lambda: _page(one)),
        final=one.final,
    )


def _page(one: Subscription) -> dict[str, Any]:
    items = one.items()
    return _about(one, items) | {
        "judged": _standing(one, items),
        "next": subscriptions.occasions(_terms(one, items)),
        "pause": subscriptions.kind_of(one),
        "back_at": back_at(one),
        "replaced_by": Subscription.replacing(one.id),
        "replaces": Subscription.get(one.replaces_id) if one.replaces_id else None,
        "changes": (known := Change.of_subscription(one.id)),
        "ahead": subscriptions.ahead(one, known),
        "invoices": Invoice.of_subscription(one.id, limit=6),
        "dunning": next(iter(Dunning.of_subscription(one.id, limit=1)), None),
        "notices": Notice.of_subscription(one.id, limit=4),
        "acts": acts_of(one, items),
        "cases": cases.of(one.id),
        "timeline": happened(one),
    }


def _about(one: Subscription, items: Sequence[SubscriptionItem]) -> dict[str, Any]:
    """What every page of one shows: what is in it, and whose it is."""
    return {
        "subscription": one,
        "items": items,
        "products": Product.each(item.product_id for item in items),
        "customer": Customer.get(one.customer_id) if one.customer_id else None,
    }


def asking(
    subscription_id: str, intend: Callable[[Subscription, Sequence[SubscriptionItem]], Intent]
) -> Quoted:
    """The quotes for an act, read before it."""
    return subscriptions.ask(subscription_id, intend)


def context_of(subscription_id: str, submit: str) -> dict[str, Any]:
    one = Subscription.require(subscription_id)
    return _about(one, one.items()) | {"submit": submit}


WHY = [SelectChoice("", "Choose why…"), *(SelectChoice(*each) for each in subscriptions.CHOICES)]


class PauseForm(Form):
    """Until a day, or for so many deliveries."""

    resume_on = DateField(
        "Resume on", [Optional()], description="The day on which it goes on. 180 days ahead at most."
    )
    deliveries = IntegerField("Or for so many deliveries", [Optional()])
    reason = SelectField(
        "Why",
        required("Choose why."),
        choices=[("", "Choose why…"), *subscriptions.CHOICES],
        validate_choice=False,
    )
    kind = SelectField(
        "How",
        [Optional(), AnyOf([*PauseKind], message="Write paused or collection.")],
        choices=[
            SelectChoice("", "As Stripe allows"),
            SelectChoice(PauseKind.PAUSED.value, "Stop it whole: no periods, no invoices"),
            SelectChoice(PauseKind.COLLECTION.value, "Only its collection: periods go on"),
        ],
        validate_choice=False,
    )
    behavior = SelectField(
        "Invoices meanwhile, if only its collection is paused",
        [Optional(), AnyOf([*Behavior], message=f"Write one of {', '.join(Behavior)}.")],
        choices=[
            SelectChoice("", "Void them (usual)"),
            *(
                SelectChoice(each.value, words[0].upper() + words[1:])
                for each, words in subscriptions.WHAT_HAPPENS.items()
            ),
        ],
        validate_choice=False,
    )
    note = TextAreaField(
        "Note for colleagues", text(2000), description="No health details: anybody in ops can read it."
    )


@pages.route("/subscriptions/<subscription_id>/pause", methods=["GET", "POST"])
@performs(subscriptions.pause, PauseForm)
def pause(form: PauseForm, subscription_id: str) -> Asked:
    context = context_of(subscription_id, "Pause it")
    one: Subscription = context["subscription"]
    return Asked(
        subscription_id,
        lambda: {
            "kind": form.kind.data or None,
            "behavior": form.behavior.data or None,
            "resume_on": form.resume_on.data,
            "deliveries": form.deliveries.data,
            "reason": form.reason.data,
            "note": form.note.data or "",
        },
        context=context | {"why_not_whole": subscriptions.why_not_whole(one), "behaviors": [*Behavior]},
        done="It is paused in a minute; until then you can undo it.",
    )


@pages.route("/subscriptions/<subscription_id>/resume", methods=["GET", "POST"])
@performs(subscriptions.resume)
def resume(form: NoInput, subscription_id: str) -> Asked:
    """Its card and what it will cost are asked for first, with no transaction open."""
    context = context_of(subscription_id, "Resume it")
    one: Subscription = context["subscription"]
    now_ = now()

    def inputs() -> dict[str, Any]:
        may = one.customer_id and subscriptions.kind_of(one)
        card = payments.ask_card(one.customer_id) if may and one.customer_id else None
        quoted = asking(subscription_id, lambda one, items: subscriptions.to_resume(one, items, now=now_))
        return {"card": card, "quoted": quoted}

    return Asked(
        subscription_id, inputs, context=context, done="It resumes in a minute; until then you can undo it."
    )


class WhyForm(Form):
    reason = SelectField(
        "Why",
        required("Choose why."),
        choices=[("", "Choose why…"), *subscriptions.CHOICES],
        validate_choice=False,
    )


@pages.route("/subscriptions/<subscription_id>/skip", methods=["GET", "POST"])
@performs(subscriptions.skip, WhyForm)
def skip(form: WhyForm, subscription_id: str) -> Asked:
    return Asked(
        subscription_id,
        lambda: {"reason": form.reason.data, "quoted": asking(subscription_id, subscriptions.to_skip)},
        context=context_of(subscription_id, "Skip it"),
        done="The delivery is skipped in a minute; until then you can undo it.",
    )


@pages.route("/subscriptions/<subscription_id>/unskip", methods=["GET", "POST"])
@performs(subscriptions.unskip)
def unskip(form: NoInput, subscription_id: str) -> Asked:
    now_ = now()
    return Asked(
        subscription_id,
        lambda: {
            "quoted": asking(
                subscription_id, lambda one, items: subscriptions.to_unskip(one, items, now=now_)
            )
        },
        context=context_of(subscription_id, "Take the skip back"),
        done="It is charged as before, from in a minute on; until then you can undo it.",
    )


class RescheduleForm(WhyForm):
    on = DateField("Charge next on", required("Choose the day."))


@pages.route("/subscriptions/<subscription_id>/reschedule", methods=["GET", "POST"])
@performs(subscriptions.reschedule, RescheduleForm)
def reschedule(form: RescheduleForm, subscription_id: str) -> Asked:
    now_ = now()

    def intend(one: Subscription, items: Sequence[SubscriptionItem]) -> Intent:
        return subscriptions.to_move(one, items, now=now_, on=form.on.data or now_.date())

    return Asked(
        subscription_id,
        lambda: {"on": form.on.data, "reason": form.reason.data, "quoted": asking(subscription_id, intend)},
        context=context_of(subscription_id, "Move it"),
        done="The next charge is moved in a minute; until then you can undo it.",
    )


@pages.route("/subscriptions/<subscription_id>/refresh", methods=["GET", "POST"])
@performs(subscriptions.refresh)
def refresh(form: NoInput, subscription_id: str) -> Asked:
    return Asked(
        subscription_id,
        context=context_of(subscription_id, "Read it from Stripe"),
        done="Stripe is being read.",
    )
