"""What should come back from outside, and by when: written down when it begins to be awaited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ._classes import public
from ._record import Stateful, Status, one_of


class ExpectationStatus(Status):
    WAITING = "waiting", "It should come by itself, and its time is not over yet."
    MET = "met", "It came, or is not awaited any more."
    ASKED = "asked", "It did not come in time: we ask whoever should have told us, again and again."
    HEALED = "healed", "Nobody told us; we asked, and it had happened. Nothing is left to do."
    MISSED = "missed", "It did not come, and asking shows that it has not happened. We go on asking."


_S = ExpectationStatus
#: It may still come.
EXPECTATION_OPEN = (_S.WAITING, _S.ASKED, _S.MISSED)
_OPEN = "status in ('waiting', 'asked', 'missed')"


class Expectation(Stateful):
    """`kind` is a row of services/expectations/_kinds.py. `event` is what would tell of it, `object_id` the vendor's object
    that it is about, known when we ask at the latest. It should come by `due_at`; it is looked at again at `look_at`, was
    asked about `looks` times, and counts as missed from `missed_from` on.

    It points at nothing by foreign keys: whoever writes one down holds locks, and must not wait for others'.
    """

    __tablename__ = "expectations"
    __table_args__ = (
        one_of("status", ExpectationStatus),
        Index("expectations_look_idx", "port", "look_at", postgresql_where="look_at is not null"),
        Index("expectations_subject_idx", "subject_id", "status"),
        Index("expectations_open_idx", "kind", postgresql_where=_OPEN),
        Index("expectations_due_idx", "due_at", postgresql_where=_OPEN),
        Index("expectations_asked_idx", "port", "asked_at", postgresql_where="asked_at is not null"),
        Index("expectations_trace_idx", "trace_id", postgresql_where=_OPEN),
        Index("expectations_created_idx", "created_at", "id"),
        Index("expectations_status_created_idx", "status", "created_at", "id"),
        Index("expectations_kind_created_idx", "kind", "created_at", "id"),
        Index("expectations_port_created_idx", "port", "created_at", "id"),
    )
    PREFIX, PLURAL = "exp", "expectations"
    STATUS = ExpectationStatus
    MOVES = {
        _S.WAITING: {_S.MET, _S.ASKED},
        _S.ASKED: {_S.MET, _S.HEALED, _S.MISSED},
        _S.MISSED: {_S.MET, _S.HEALED},
        _S.MET: set(),
        _S.HEALED: set(),
    }

    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40, collation="C"))  # as the ids that it is joined with
    customer_id: Mapped[str | None] = mapped_column(String(40))
    order_id: Mapped[str | None] = mapped_column(String(40))
    promise_id: Mapped[str | None] = mapped_column(String(40))
    port: Mapped[str] = mapped_column(String(30))
    source: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = public(String(200))
    object_id: Mapped[str | None] = mapped_column(String(255))
    due_at: Mapped[datetime]
    missed_from: Mapped[datetime]
    look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    trace_id: Mapped[str | None] = mapped_column(String(40))
    words: Mapped[str | None] = mapped_column(Text)

    @property
    def open(self) -> bool:
        return self.status in EXPECTATION_OPEN

    @property
    def question(self) -> str:
        """The id of the inbox event by which it was asked about last."""
        return f"expected:{self.id}:{self.looks}"
