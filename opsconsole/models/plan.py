"""Several acts about an order that somebody decided on together, and how far each has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Record, Status, one_of
from .change import Change, ChangeStatus
from .fill import Fill, FillStatus
from .intercept import Intercept, InterceptStatus
from .message import Message, MessageStatus
from .order import Order, OrderStatus
from .prescription_request import PrescriptionRequest, RequestStatus
from .refund import Refund, RefundStatus


class StepKind(StrEnum):
    """What a step does, in the order in which steps are taken."""

    STOP_PARCEL = "stop_parcel"
    CANCEL = "cancel"
    STOP_PRESCRIPTION = "stop_prescription"
    PAUSE = "pause"
    REFUND = "refund"
    TELL = "tell"


class StepStatus(Status):
    """How a step stands, read from what it is about."""

    WAITING = "waiting", "It waits for another step of its plan."
    UNDER_WAY = "under_way", "It was begun and has not ended."
    DONE = "done", "It came to what was meant."
    FAILED = "failed", "It ended otherwise. A case says what to do."
    WITHDRAWN = "withdrawn", "It was taken back before anything left."


class PlanStatus(Status):
    """How a plan stands, from its steps."""

    UNDER_WAY = "under_way", "Some of its steps have not ended."
    DONE = "done", "All of its steps came to what was meant."
    FAILED = "failed", "One of its steps ended otherwise. Its page says what follows, and who has to act."
    WITHDRAWN = "withdrawn", "It was undone before anything left."


_W = StepStatus
_REFUND = {
    RefundStatus.SUCCEEDED: _W.DONE,
    RefundStatus.FAILED: _W.FAILED,
    RefundStatus.WITHDRAWN: _W.WITHDRAWN,
}
_MESSAGE = {
    MessageStatus.SENT: _W.DONE,
    MessageStatus.DELIVERED: _W.DONE,
    MessageStatus.BOUNCED: _W.FAILED,
    MessageStatus.FAILED: _W.FAILED,
    MessageStatus.WITHDRAWN: _W.WITHDRAWN,
}
_INTERCEPT = {
    InterceptStatus.STOPPED: _W.DONE,
    InterceptStatus.REFUSED: _W.FAILED,
    InterceptStatus.DELIVERED: _W.FAILED,
    InterceptStatus.WITHDRAWN: _W.WITHDRAWN,
}
_CHANGE = {
    ChangeStatus.DONE: _W.DONE,
    ChangeStatus.FAILED: _W.FAILED,
    ChangeStatus.WITHDRAWN: _W.WITHDRAWN,
}
_REQUEST = {
    RequestStatus.CONFIRMED: _W.DONE,
    RequestStatus.DENIED: _W.FAILED,
    RequestStatus.FAILED: _W.FAILED,
    RequestStatus.DECLINED: _W.FAILED,
    RequestStatus.WITHDRAWN: _W.WITHDRAWN,
}
Subject = Refund | Order | Intercept | Change | Message | PrescriptionRequest
_LEFT = (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CLOSED, OrderStatus.RETURNED)


class Plan(Record):
    """Its status is that of its steps: nothing of it is kept twice."""

    __tablename__ = "plans"
    __table_args__ = (Index("plans_order_idx", "order_id", "created_at"),)
    PREFIX, PLURAL = "pln", "plans"
    BELONGS_TO = ("order_id", "customer_id")

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))
    withdrawn_at: Mapped[datetime | None]

    def steps(self) -> list[PlanStep]:
        query = select(PlanStep).where(PlanStep.plan_id == self.id).order_by(PlanStep.position)
        return list(db.session.scalars(query))

    @property
    def status(self) -> str:
        return self.state.value

    @property
    def state(self) -> PlanStatus:
        return self.stands([step.state for step in self.steps()])

    def stands(self, of_steps: Sequence[StepStatus]) -> PlanStatus:
        """The plan's status, when its steps stand so."""
        if self.withdrawn_at:
            return PlanStatus.WITHDRAWN
        if any(one in (_W.FAILED, _W.WITHDRAWN) for one in of_steps):
            return PlanStatus.FAILED
        return PlanStatus.DONE if all(one is _W.DONE for one in of_steps) else PlanStatus.UNDER_WAY

    @property
    def final(self) -> bool:
        return self.state in (PlanStatus.DONE, PlanStatus.WITHDRAWN)

    @classmethod
    def of_order(cls, order_id: str) -> list[Plan]:
        """An order's, the newest first."""
        query = select(cls).where(cls.order_id == order_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc())))


class PlanStep(Record):
    """`subject_id` is the refund, the order that is canceled, the intercept, the change of its subscription, the message, or
    what was asked about a prescription. `waits_for` is what it was made to wait for."""

    __tablename__ = "plan_steps"
    __table_args__ = (
        one_of("kind", StepKind),
        Index("plan_steps_plan_key", "plan_id", "position", unique=True),
        Index("plan_steps_subject_idx", "subject_id"),
    )
    PREFIX, PLURAL = "pls", "plan-steps"
    BELONGS_TO = ("plan_id",)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(40))
    waits_for: Mapped[str | None] = public(String(60))

    @property
    def subject(self) -> Subject:
        nouns: dict[str, type[Subject]] = {
            StepKind.REFUND: Refund,
            StepKind.CANCEL: Order,
            StepKind.STOP_PARCEL: Intercept,
            StepKind.STOP_PRESCRIPTION: PrescriptionRequest,
            StepKind.PAUSE: Change,
            StepKind.TELL: Message,
        }
        return nouns[self.kind].require(self.subject_id)

    @property
    def state(self) -> StepStatus:
        subject = self.subject
        if isinstance(subject, Order):
            return _canceled(subject)
        if isinstance(subject, Intercept):
            return _INTERCEPT.get(InterceptStatus(subject.status), _W.UNDER_WAY)
        if isinstance(subject, Change):
            return _CHANGE.get(ChangeStatus(subject.status), _W.UNDER_WAY)
        if isinstance(subject, PrescriptionRequest):
            return _REQUEST.get(RequestStatus(subject.status), _W.UNDER_WAY)
        if subject.waits_for:
            return _W.WAITING
        if isinstance(subject, Refund):
            return _REFUND.get(RefundStatus(subject.status), _W.UNDER_WAY)
        return _MESSAGE.get(MessageStatus(subject.status), _W.UNDER_WAY)


def _canceled(order: Order) -> StepStatus:
    """How far its cancelation has come. What left all the same was not stopped, whatever the order says."""
    fills = [FillStatus(fill.status) for fill in Fill.of_order(order.id)]
    if FillStatus.SHIPPED in fills or order.status in _LEFT or FillStatus.CANCEL_DENIED in fills:
        return _W.FAILED
    return _W.DONE if order.status == OrderStatus.CANCELED else _W.UNDER_WAY
