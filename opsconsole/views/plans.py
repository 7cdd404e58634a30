"""Plans: several acts about one order, decided on together, and how far each step has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, Form, FormField, SelectField
from wtforms.validators import Optional

from ..lib.refusal import Invalid
from ..models import Order, OrderStatus, Plan, Prescription, Shipment
from ..services import audit, cases, messages, orders, outbox, plans, prescriptions, refunds
from ._acting import Asked, NoInput, performs
from ._fields import MoneyField, SelectChoice, TrueUnlessSaid
from ._happened import happened
from ._listing import Acts, act_on, common, shown
from ._live import live
from ._who import reads

pages = Blueprint("plans", __name__)
_ASKED_ELSEWHERE = ("other", "fraud")  # they need a note or a second look: refund by itself


def told(plan: Plan) -> dict[str, Any]:
    steps = plans.seen(plan)
    return common(plan, acts_of(plan)) | {
        "status": plan.status,
        "final": plan.final,
        "order": f"/orders/{plan.order_id}",
        "customer": f"/customers/{plan.customer_id}",
        "by": plan.by,
        "trace": plan.trace_id,
        "steps": [
            {
                "kind": one.step.kind, "subject": one.url, "status": one.status.value, "says": one.says,
                "waits_for": one.step.waits_for, "cases": [case.url for case in one.cases],
                "otherwise": [{"fails": row.fails.value, "then": row.then, "case": row.case} for row in one.follows],
            }
            for one in steps
        ],
        "cases": [case.url for case in cases.of(plan.id)],
    }  # fmt: skip


def acts_of(plan: Plan) -> Acts:
    why_not = plans.may_withdraw(plan, plan.steps())
    return [act_on(plan, "plans.withdraw", f"{plan.url}/withdraw", "Undo all of it", why_not=why_not)]


def plan_on(order: Order) -> dict[str, Any]:
    """The act of planning, as the order's page offers it. Which steps can be taken, the form says."""
    return act_on(order, "plans.make", f"{order.url}/plan", f"{words_for(order)}…")


def words_for(order: Order) -> str:
    """What planning comes to: of what has arrived or ended only the money and a word are left."""
    if order.status == OrderStatus.SHIPPED:
        return "Stop and refund"
    return "Refund and write" if order.final or order.status == OrderStatus.DELIVERED else "Cancel and refund"


@pages.get("/plans/<plan_id>")
@reads("plans")
def show(plan_id: str) -> ResponseReturnValue:
    plan = Plan.require(plan_id)
    steps = plans.seen(plan)
    looks = [plan.withdrawn_at, audit.movement(plan.order_id), audit.movement(plan.id)]
    looks += [[one.status, [p.status for p in one.promises], [c.id for c in one.cases]] for one in steps]
    return live(
        looks,
        lambda: shown(plan, lambda: told(plan), "plans/show.html", lambda: _page(plan, steps)),
        final=plan.final,
    )


def _page(plan: Plan, steps: Sequence[plans.Seen]) -> dict[str, Any]:
    waiting = {
        (p.port, p.method) for one in steps for p in one.promises if p.status in ("waiting", "claimed")
    }
    order = Order.require(plan.order_id)
    return {
        "plan": plan,
        "steps": steps,
        "order": order,
        "customer": order.customer,
        "acts": acts_of(plan),
        "breakers": [one for one in outbox.health() if one.opened_at and (one.port, one.method) in waiting],
        "cases": cases.of(plan.id),
        "timeline": happened(plan),
    }


class RefundPart(Form):
    """All that is left, or an amount."""

    all = BooleanField("All that is left")
    amount = MoneyField("Or an amount")
    reason = SelectField("Why", validate_choice=False)
    currency = "usd"

    def asked(self) -> plans.RefundAsked | None:
        if not (self.all.data or self.amount.data or self.reason.data):
            return None
        _either(self)
        return plans.RefundAsked(None if self.all.data else self.amount.minor, self.reason.data)


def _either(part: RefundPart) -> None:
    if bool(part.all.data) == bool(part.amount.data):
        raise Invalid({"refund-amount": ["Either all that is left, or an amount."]})
    if not part.reason.data:
        raise Invalid({"refund-reason": ["Choose why the money goes back."]})


class MakeForm(Form):
    """Choices of all steps come from the order."""

    cancel = SelectField(
        "Cancel the order", validate_choice=False, description="Why, as code of the order's reasons."
    )
    refund = FormField(RefundPart, "Give money back")
    wait = TrueUnlessSaid("Refund only when the pharmacy has stopped it", default=True)
    stop_parcel = BooleanField("Have the carrier stop its parcel")
    prescription = SelectField(
        "Cancel a prescription at its pharmacy",
        validate_choice=False,
        description="Its id; the pharmacy decides.",
    )
    pause_until = DateField("Pause their subscription until", [Optional()])
    tell = SelectField("Tell the customer", validate_choice=False, description="The code of a template.")


@pages.route("/orders/<order_id>/plan", methods=["GET", "POST"])
@performs(plans.make, MakeForm)
def make(form: MakeForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    part: RefundPart = form.refund.form
    part.currency = order.currency
    part.reason.choices = _choices(
        "Choose why…",
        [(one.code, one.label) for one in refunds.REASONS.values() if one.code not in _ASKED_ELSEWHERE],
    )
    form.cancel.choices = _choices("Do not cancel it", orders.REASONS.items())
    about_order = [one for one in messages.BY_HAND.values() if one.code != "tracking_changed"]
    live = [rx for rx in Prescription.of_customer(order.customer_id) if not prescriptions.why_not_cancel(rx)]
    form.prescription.choices = _choices(
        "Leave prescriptions as they are",
        [(rx.id, f"{rx.sku or 'Unknown product'}, {rx.external_id}") for rx in live],
    )
    form.tell.choices = _choices("Say nothing", [(one.code, one.label) for one in about_order])
    return Asked(
        order_id,
        lambda: {
            "refund": part.asked(),
            "cancel": form.cancel.data or None,
            "stop_parcel": form.stop_parcel.data,
            "tell": form.tell.data or None,
            "wait": form.wait.data,
            "pause_until": form.pause_until.data,
            "prescription": form.prescription.data or None,
        },
        context={
            "order": order,
            "customer": order.customer,
            "paid": order.paid(),
            "at_pharmacy": order.status in (OrderStatus.SUBMITTED, OrderStatus.AT_PHARMACY),
            "why_not_parcel": plans.why_not_parcel(order),
            "subscription": plans.subscription_of(order),
            "prescriptions": live,
            "parcels": Shipment.of_order(order.id),
            "what": words_for(order),
            "submit": "Do all of it",
        },
        done="All of it is under way. This page says how far each step has come.",
    )


def _choices(nothing: str, options: Any) -> Sequence[SelectChoice]:
    return [SelectChoice("", nothing), *(SelectChoice(code, words) for code, words in options)]


@pages.route("/plans/<plan_id>/withdraw", methods=["GET", "POST"])
@performs(plans.withdraw)
def withdraw(form: NoInput, plan_id: str) -> Asked:
    plan = Plan.require(plan_id)
    context = {
        "plan": plan,
        "order": Order.require(plan.order_id),
        "steps": plans.seen(plan),
        "submit": "Undo all of it",
    }
    return Asked(plan_id, context=context, done="All of it was undone.")
