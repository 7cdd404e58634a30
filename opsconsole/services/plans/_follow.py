"""A step of a plan has ended: what waited for it goes out or is held back, and what ended otherwise becomes a case."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import (
    UNDER_WAY,
    Case,
    Fill,
    FillStatus,
    Intercept,
    InterceptStatus,
    Message,
    Order,
    OrderStatus,
    Plan,
    PlanStep,
    PrescriptionRequest,
    Promise,
    Refund,
    RefundStatus,
    RequestStatus,
    StepKind,
    StepStatus,
)
from .. import cases, fills, messages, prescriptions, refunds, shipments
from .._act import concerns
from ._compensation import Failure, Follows, follows

_K = StepKind
_ANSWERED = (_K.CANCEL, _K.STOP_PRESCRIPTION)
_GIVEN = (*UNDER_WAY, RefundStatus.SUCCEEDED)


@fills.when_answered
def pharmacy_answered(order: Order, fill: Fill) -> None:
    """Stopped: what waited goes out. Would not, or had left: it is held back, or a case says that the money is gone."""
    for plan in Plan.of_order(order.id):
        steps = plan.steps()
        if plan.withdrawn_at or _K.CANCEL not in [step.kind for step in steps]:
            continue
        if fill.status == FillStatus.CANCELED:
            if order.status == OrderStatus.CANCELED:
                _let_go(steps)
        else:
            fails = Failure.DENIED if fill.status == FillStatus.CANCEL_DENIED else Failure.TOO_LATE
            _held_back(plan, order, steps, _K.CANCEL, fails)
        concerns(plan.id)


@prescriptions.when_answered
def prescription_answered(request: PrescriptionRequest) -> None:
    """Canceled: what waited goes out. Not canceled: it is held back, before any money."""
    query = select(Plan).join(PlanStep, PlanStep.plan_id == Plan.id).where(PlanStep.subject_id == request.id)
    for plan in db.session.scalars(query.where(Plan.withdrawn_at.is_(None))):
        if request.status == RequestStatus.CONFIRMED:
            _let_go(plan.steps())
        else:
            order = Order.require(plan.order_id)
            _held_back(plan, order, plan.steps(), _K.STOP_PRESCRIPTION, Failure.DENIED)
        concerns(plan.id)


@shipments.when_ended
def carrier_answered(one: Intercept) -> None:
    """A parcel that was to be stopped was not, and the money for it went back: somebody has to know."""
    fails = {InterceptStatus.REFUSED: Failure.REFUSED, InterceptStatus.DELIVERED: Failure.ARRIVED}
    if (failure := fails.get(InterceptStatus(one.status))) is None:
        return
    query = select(Plan).join(PlanStep, PlanStep.plan_id == Plan.id).where(PlanStep.subject_id == one.id)
    for plan in db.session.scalars(query.where(Plan.withdrawn_at.is_(None))):
        if _given(plan.steps()):
            _case(plan, Order.require(plan.order_id), follows(_K.STOP_PARCEL, failure))


def _let_go(steps: Sequence[PlanStep]) -> None:
    """The money first: a message about it goes out once that is kept. Not before every answer is there."""
    if any(step.state is not StepStatus.DONE for step in steps if step.kind in _ANSWERED):
        return
    made: dict[str, Promise] = {}
    for step in steps:
        if step.kind == _K.REFUND and (owed := refunds.let_go(step.subject_id)):
            made[step.subject_id] = owed
        elif step.kind == _K.TELL:
            about = Message.require(step.subject_id).refund_id
            messages.let_go(step.subject_id, after=made.get(about or ""))


def _held_back(plan: Plan, order: Order, steps: Sequence[PlanStep], kind: StepKind, fails: Failure) -> None:
    waited = any(step.kind == _K.REFUND and step.waits_for for step in steps)
    for step in steps:
        if step.kind == _K.REFUND:
            refunds.drop(step.subject_id)
        elif step.kind == _K.TELL:
            messages.drop(step.subject_id)
    if given := _given(steps):  # it went out before, or after the pharmacy had said that it stopped
        _case(plan, order, follows(kind, fails, waited=False))
    elif waited and not given:
        _case(plan, order, follows(kind, fails, waited=True))


def _given(steps: Sequence[PlanStep]) -> bool:
    """Did money go back, or is it on its way?"""
    of_refunds = [Refund.require(step.subject_id) for step in steps if step.kind == _K.REFUND]
    return any(one.status in _GIVEN for one in of_refunds)


def _case(plan: Plan, order: Order, row: Follows) -> None:
    """Once: whoever dismissed it is not asked again when the parcel moves on."""
    known = select(Case.id).where(Case.subject_id == plan.id)
    if db.session.scalar(known.limit(1)):
        return
    cases.open_case(
        row.case,
        plan.id,
        says=f"Order {order.reference}: {row.then}",
        suggests={"act": "shipments.intercept", "url": order.url, "label": "See the order and its parcel"},
        about=plan.related(),
    )
