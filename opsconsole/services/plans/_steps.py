"""A plan's steps as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...models import (
    Case,
    Change,
    Fill,
    Intercept,
    Message,
    Order,
    Plan,
    PlanStep,
    PrescriptionRequest,
    Promise,
    Refund,
    StepKind,
    StepStatus,
)
from ...models.plan import Subject
from .. import cases, messages, outbox
from ._compensation import TABLE, Follows


@dataclass(frozen=True)
class Seen:
    """A step, how it stands, what it is in words, what is owed for it, and the open cases of just this step. `follows` is
    what comes when it ends otherwise."""

    step: PlanStep
    status: StepStatus
    says: str
    url: str
    promises: Sequence[Promise]
    cases: Sequence[Case]
    follows: Sequence[Follows]


def seen(plan: Plan) -> list[Seen]:
    """The plan's steps, in the order in which they are taken."""
    steps = plan.steps()
    waited = any(step.kind == StepKind.REFUND and step.waits_for for step in steps)
    has = {step.kind for step in steps}
    return [_seen(plan, step, waited, has) for step in steps]


def _seen(plan: Plan, step: PlanStep, waited: bool, has: set[str]) -> Seen:
    subject = step.subject
    status = StepStatus.WITHDRAWN if plan.withdrawn_at else step.state
    owed, about = outbox.of(subject.id), [subject.id]
    if isinstance(subject, Order):
        about = [fill.id for fill in Fill.of_order(subject.id)]
        owed = [one for id in about for one in outbox.of(id) if one.kind == "fills.cancel"]
    open_cases = {one.id: one for id in about for one in cases.of(id)}
    rows = [row for row in TABLE if row.step == step.kind and _fits(row, waited, has)]
    return Seen(step, status, _says(step, subject), subject.url, owed, [*open_cases.values()], rows)


def _fits(row: Follows, waited: bool, has: set[str]) -> bool:
    """Can this come of the plan?"""
    if row.waited is not None and (StepKind.REFUND not in has or row.waited != waited):
        return False
    return row.on != "plan" or StepKind.REFUND in has


def _says(step: PlanStep, subject: Subject) -> str:
    after = f", after {step.waits_for}" if step.waits_for else ""
    if isinstance(subject, Refund):
        return f"Refund {subject.money}{after}"
    if isinstance(subject, Message):
        return f"Tell the customer: {messages.TEMPLATES[subject.template].label.lower()}{after}"
    if isinstance(subject, Change):
        return f"Subscription: {subject.says[0].lower()}{subject.says[1:]}"
    if isinstance(subject, PrescriptionRequest):
        return f"Cancel prescription {subject.prescription_external_id}"
    if isinstance(subject, Intercept):
        return f"Have {subject.carrier} stop the parcel"
    return f"Cancel order {subject.reference}"
