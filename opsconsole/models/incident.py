"""One vendor that is in trouble, from the first sign until what waited for it has gone out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, ScalarSelect, String, Text, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Stateful, Status, one_of


class IncidentStatus(Status):
    OPEN = (
        "open",
        "It does not work as it should. What is owed to it waits, in order, and nothing is given up.",
    )
    DRAINING = "draining", "It is back. What waited goes out, a few at first, each lane in its order."
    OVER = "over", "It is back, and what waited has gone out."


# Why there is an incident: each sign, as people read it after the vendor's name.
BECAUSE = {
    "breaker": "does not answer",
    "credentials": "refuses our key",
    "silent": "has stopped telling us things",
    "signature": "signs its messages in a way that we cannot accept",
    "declared": "told us that it is down",
}
_S = IncidentStatus


class Incident(Stateful):
    """At most one vendor's at a time is not over: whatever else goes wrong there makes its `because` and `methods` grow;
    `signs` are those reasons that hold now.

    `port` names the vendor, `ports` are all through which it is called, `source` is by which name it tells us things. While
    it `holds`, no call goes out at all: a person said that the vendor is down. `expected_back_at` and `expected_words` are
    what the vendor told somebody. `waited` calls and events were left when draining began, the last of which is due at
    `drained_by`. It is not over, and goes on as the same, when trouble comes back within ten minutes (`reopened`).
    """

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("status", IncidentStatus),
        CheckConstraint(
            "because <@ array['breaker', 'credentials', 'silent', 'signature', 'declared']::varchar[]"
            " and cardinality(because) > 0",
            name="because",
        ),
        Index("incidents_live_key", "port", unique=True, postgresql_where="status <> 'over'"),
        Index("incidents_created_idx", "created_at", "id"),
        Index("incidents_status_created_idx", "status", "created_at", "id"),
        Index("incidents_port_created_idx", "port", "created_at", "id"),
    )
    PREFIX, PLURAL = "inc", "incidents"
    TOLD = ("status", "port", "says", "expected_back_at", "expected_words")
    STATUS = IncidentStatus
    MOVES = {
        _S.OPEN: {_S.DRAINING, _S.OVER},
        _S.DRAINING: {_S.OPEN, _S.OVER},
        _S.OVER: {_S.OPEN},
    }

    port: Mapped[str] = mapped_column(String(40))
    ports: Mapped[list[str]] = public(ARRAY(String(40)))
    source: Mapped[str | None] = mapped_column(String(40))
    because: Mapped[list[str]] = public(ARRAY(String(16)))
    signs: Mapped[list[str]] = public(ARRAY(String(16)))
    methods: Mapped[list[str]] = public(ARRAY(String(40)))
    holds: Mapped[bool] = mapped_column(default=False)
    says: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    draining_at: Mapped[datetime | None]
    drained_by: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    expected_back_at: Mapped[datetime | None]
    expected_words: Mapped[str | None] = public(String(300))
    waited: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    trace_id: Mapped[str] = mapped_column(String(40))

    @property
    def final(self) -> bool:
        """Once over nothing is to be waited for, though it may come back."""
        return self.status == IncidentStatus.OVER

    @classmethod
    def live(cls, port: str) -> Incident | None:
        """The one of that vendor that is not over, by any port through which it is called."""
        return db.session.scalar(select(cls).where(cls.status != _S.OVER, cls.ports.contains([port])))

    @classmethod
    def standing(cls) -> ScalarSelect[Any]:
        """All that are not over, as JSON in one value: what every page asks beside who asks."""
        columns = (
            cls.id, cls.port, cls.ports, cls.status, cls.signs, cls.says, cls.opened_at, cls.expected_back_at,
        )  # fmt: skip
        fields = [part for column in columns for part in (column.key, column)]
        told = func.jsonb_agg(func.jsonb_build_object(*fields))
        return (
            select(told).where(text("incidents.status <> 'over'")).scalar_subquery()
        )  # as its index says it
