"""Undoing a plan: all of it, while nothing has left."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db, instant
from ...models import Customer, Fill, FillStatus, Intercept, InterceptStatus, Order, Plan, PlanStep, StepKind
from .. import changes, messages, orders, outbox, prescriptions, refunds, shipments
from .._act import act, performing, say
from .._actor import Actor
from ._make import make

_K = StepKind
_SENT = (_K.REFUND, _K.TELL, _K.PAUSE, _K.STOP_PRESCRIPTION)  # a vendor is asked for these later


@act
def withdraw(plan_id: str, *, by: Actor) -> Plan:
    """Take all of a plan back: its order goes on from where it was.

    Raises AlreadyWithdrawn, and NotWithdrawable once a vendor may have been asked for one of its steps, or the pharmacy to
    stop. A plan that asks no vendor can be undone for as long as others.
    """
    known = Plan.require(plan_id)
    Customer.lock(known.customer_id)
    order = Order.lock(known.order_id)
    plan = Plan.lock(plan_id)
    if plan.withdrawn_at:
        raise outbox.AlreadyWithdrawn("This plan was undone already.")
    steps = plan.steps()
    if why_not := _why_not(plan, order, steps):
        raise outbox.NotWithdrawable(why_not)
    for step in reversed(steps):
        _take_back(step, order, by)
    plan.withdrawn_at = performing().now
    say(f"Undid the plan for order {order.reference}")
    return plan


def _take_back(step: PlanStep, order: Order, by: Actor) -> None:
    if step.kind == _K.TELL:
        messages.withdraw(step.subject_id, by=by)
    elif step.kind == _K.REFUND:
        refunds.withdraw(step.subject_id, by=by)
    elif step.kind == _K.STOP_PRESCRIPTION:
        prescriptions.withdraw(step.subject_id, by=by)
    elif step.kind == _K.PAUSE:
        changes.withdraw(step.subject_id, by=by)
    elif step.kind == _K.CANCEL:
        orders.restore(order)
    else:
        shipments.take_back(step.subject_id)


def may_withdraw(plan: Plan, steps: list[PlanStep]) -> str | None:
    """Why a plan cannot be undone now, for pages; None when it can."""
    if plan.withdrawn_at:
        return "It was undone."
    return _why_not(plan, Order.require(plan.order_id), steps)


def _why_not(plan: Plan, order: Order, steps: list[PlanStep]) -> str | None:
    kinds = {step.kind for step in steps}
    if _K.CANCEL in kinds and any(fill.status != FillStatus.WITHDRAWN for fill in Fill.of_order(order.id)):
        return "The pharmacy was asked to stop: that cannot be taken back."
    sent = [outbox.of(step.subject_id) for step in steps if step.kind in _SENT]
    waits = [step for step in steps if getattr(step.subject, "waits_for", None)]
    if any(promises and not outbox.may_withdraw(promises) for promises in sent):
        return "It is too late to undo this: a vendor has been asked already."
    for step in steps:
        subject = step.subject
        if isinstance(subject, Intercept) and subject.status != InterceptStatus.ASKED:
            return "The carrier has answered already."
    if not any(sent) and not waits and db.session.scalar(select(instant() > plan.created_at + make.undo)):
        return "It is too late to undo this."
    return None
