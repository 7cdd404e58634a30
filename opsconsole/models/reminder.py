"""Reminding a patient that we wait for their answers: neutral messages, planned ahead, each sent at most once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model, db
from ._classes import public
from ._record import Stateful, Status, one_of


class ReminderStatus(Status):
    PLANNED = "planned", "It is sent at its time, if the patient has not answered by then."
    DONE = "done", "Nobody answered: the visit was closed as abandoned."
    SENT = "sent", "The CRM was given it. Its message shows whether it arrived."
    SKIPPED = "skipped", "It could not be sent at its time; the reason stands beside it."
    CANCELED = "canceled", "Nobody had to be reminded any more before its time came."


_S = ReminderStatus


class Reminder(Stateful):
    """One step of the sequence that began when the visit began to wait for the patient (`began_at`). `step` counts from 1;
    the `last` one closes the visit as abandoned and sends nothing. `due_at` is outside of quiet hours in `zone`."""

    __tablename__ = "reminders"
    __table_args__ = (
        one_of("status", ReminderStatus),
        CheckConstraint("step > 0", name="step"),
        Index("reminders_step_key", "visit_id", "began_at", "step", unique=True),
        Index("reminders_due_idx", "due_at", "id", postgresql_where="status = 'planned'"),
        Index("reminders_created_idx", "created_at", "id"),
        Index("reminders_customer_idx", "customer_id", "created_at"),
        Index("reminders_message_idx", "message_id", postgresql_where="message_id is not null"),
    )
    PREFIX, PLURAL = "rmd", "reminders"
    TOLD = ("status", "why")
    BELONGS_TO = ("visit_id", "customer_id")
    STATUS = ReminderStatus
    MOVES = {
        _S.PLANNED: {_S.SENT, _S.DONE, _S.SKIPPED, _S.CANCELED},
        _S.SENT: {_S.CANCELED},  # its message was taken back before the CRM was asked
        _S.DONE: set(),
        _S.SKIPPED: set(),
        _S.CANCELED: set(),
    }

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    began_at: Mapped[datetime]
    step: Mapped[int]
    last: Mapped[bool] = mapped_column(default=False)
    zone: Mapped[str] = public(String(40))
    due_at: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    why: Mapped[str] = mapped_column(String(200), default="")

    @property
    def url(self) -> str:
        """It stands on its visit."""
        return f"/visits/{self.visit_id}"

    @classmethod
    def of_visit(cls, visit_id: str) -> Sequence[Reminder]:
        """Every sequence of a visit, the oldest first."""
        query = select(cls).where(cls.visit_id == visit_id)
        return db.session.scalars(query.order_by(cls.began_at, cls.step)).all()


class VisitPolicy(Model):
    """How long visits may take, one row. Patients are reminded `days` after the visit began to wait for them; on day
    `closes_on_day` it is closed as abandoned. Nobody is written to between `quiet_from` and `quiet_until` where they live.
    A clinician decides within `due_hours` of the answers, and looks at a bad reaction within `reaction_hours`."""

    __tablename__ = "visit_policy"
    __table_args__ = (
        CheckConstraint(
            "single and closes_on_day > 0 and quiet_from <> quiet_until and due_hours > 0 and reaction_hours > 0",
            name="sensible",
        ),
    )

    single: Mapped[bool] = mapped_column(primary_key=True, default=True, server_default="true")
    days: Mapped[list[int]] = public(JSONB)
    closes_on_day: Mapped[int]
    quiet_from: Mapped[time]
    quiet_until: Mapped[time]
    due_hours: Mapped[int]
    reaction_hours: Mapped[int]

    @classmethod
    def current(cls) -> VisitPolicy:
        return db.session.scalars(select(cls)).one()

    @property
    def steps(self) -> list[tuple[int, bool]]:
        """(day, is it the last) in order: the last one closes."""
        return [*((day, False) for day in self.days), (self.closes_on_day, True)]
