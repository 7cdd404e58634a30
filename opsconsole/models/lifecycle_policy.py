"""What follows when a renewal is not paid, and who is told of what beforehand: versions, of which one holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from ._classes import public
from ._record import Status, one_of
from ._versioned import Versioned, version_moves, version_table

ANYWHERE = "*"


class Ending(StrEnum):
    """What becomes of a subscription whose invoice was not paid in the end."""

    CANCEL = "cancel"
    PAUSE = "pause"
    LEAVE = "leave"

    @property
    def words(self) -> str:
        return {
            "cancel": "the subscription is canceled",
            "pause": "the subscription is paused",
            "leave": "nothing is changed, and nobody tries any more",
        }[self.value]


class NoticeKind(StrEnum):
    """What a customer is told of before it happens."""

    RENEWAL = "renewal"
    TRIAL = "trial"
    PRICE = "price"
    PAUSE = "pause"

    @property
    def words(self) -> str:
        return {
            "renewal": "a renewal",
            "trial": "the end of a trial",
            "price": "another price",
            "pause": "the end of a pause",
        }[self.value]


@dataclass(frozen=True)
class RetryStep:
    """What happens so many days after the first no: whether the console has the card tried, and what the customer is told
    when it is not paid then (a code of services/messages/templates.py)."""

    day: int
    tries: bool
    message: str | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        return cls(kept["day"], kept["tries"], kept["message"])

    @property
    def as_json(self) -> dict[str, Any]:
        return {"day": self.day, "tries": self.tries, "message": self.message}

    def says(self, labels: Mapping[str, str]) -> str:
        """As people read it. `labels` are what messages are called, by code."""
        day = "At once" if self.day == 0 else f"Day {self.day}"
        told = f"the customer reads “{labels.get(self.message, self.message)}”" if self.message else None
        if self.tries:
            return f"{day}: the card is tried" + (f"; if that is declined, {told}" if told else "")
        return f"{day}: {told or 'nothing'}"


@dataclass(frozen=True)
class NoticeRule:
    """How many days before something a customer is told of it: not before `earliest`, not after `latest`.

    It is about customers in `state` ("*": where no other row of the kind names the state) and about what comes round every
    `from_days` days or less often (of a trial: that lasts so long). `law` says that a law asks for it, and `source` which.
    """

    kind: NoticeKind
    state: str
    from_days: int
    earliest: int
    latest: int
    law: bool
    source: str

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        return cls(
            NoticeKind(kept["kind"]), kept["state"], kept["from_days"], kept["earliest"], kept["latest"],
            kept["law"], kept["source"],
        )  # fmt: skip

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value, "state": self.state, "from_days": self.from_days,
            "earliest": self.earliest, "latest": self.latest, "law": self.law, "source": self.source,
        }  # fmt: skip

    @property
    def aims(self) -> int:
        """How many days before it is sent: the middle, so that half of the window is left should sending fail."""
        return self.earliest - (self.earliest - self.latest) // 2

    @property
    def says(self) -> str:
        """As people read it: "CA, every 365 days or less often: a renewal, 45 to 15 days before"."""
        where = "Everywhere else" if self.state == ANYWHERE else self.state
        how = "lasting" if self.kind is NoticeKind.TRIAL else "every"
        long = {True: f", {how} {self.from_days} days or {'more' if how == 'lasting' else 'less often'}"}
        return f"{where}{long.get(self.from_days > 1, '')}: {self.kind.words}, {self.earliest} to {self.latest} days before"


class LifecyclePolicyStatus(Status):
    DRAFT = "draft", "Written down. It holds only once a second person agreed."
    ACTIVE = "active", "What fails, and what is to be told, goes by it."
    SUPERSEDED = (
        "superseded",
        "It held until a newer version took its place. What began under it goes on by it.",
    )
    WITHDRAWN = "withdrawn", "Taken back before it held."


class LifecyclePolicy(Versioned):
    """One version. `number` counts them from 1. `steps` are RetryStep.as_json by day; `hard` are decline codes after which
    no card is tried any more, and `hard_message` is then told in place of a step's own. On day `ends_on_day` it is over, and
    `ends_with` is done. `notices` are NoticeRule.as_json. Exactly one version is active."""

    __tablename__ = "lifecycle_policies"
    __table_args__ = (
        one_of("ends_with", Ending),
        *version_table("lifecycle_policies", LifecyclePolicyStatus, "number > 0 and ends_on_day > 0"),
    )
    PREFIX, PLURAL = "lcp", "lifecycle"
    TOLD = ("status", "steps", "hard", "hard_message", "ends_on_day", "ends_with", "notices", "why")
    STATUS = LifecyclePolicyStatus
    MOVES = version_moves(LifecyclePolicyStatus)

    steps: Mapped[list[dict[str, Any]]] = public(JSONB)
    hard: Mapped[list[str]] = public(JSONB)
    hard_message: Mapped[str | None] = public(String(40))
    ends_on_day: Mapped[int]
    ends_with: Mapped[str] = public(String(10))
    notices: Mapped[list[dict[str, Any]]] = public(JSONB)

    @property
    def ending(self) -> Ending:
        return Ending(self.ends_with)

    def in_order(self) -> list[RetryStep]:
        return [RetryStep.read(kept) for kept in self.steps]

    def rules(self) -> list[NoticeRule]:
        return [NoticeRule.read(kept) for kept in self.notices]

    def step_at(self, started_at: datetime, number: int) -> datetime:
        """When the step of that number (the one after the last is the end) is due, counted from the first no alone."""
        steps = self.in_order()
        day = steps[number].day if number < len(steps) else self.ends_on_day
        return started_at + timedelta(days=day)

    def tell(self, field: str, value: Any) -> Any:
        if value is not None and field == "steps":
            return "; ".join(RetryStep.read(kept).says({}) for kept in value) or "none"
        if value is not None and field == "hard":
            return ", ".join(value) or "none"
        if value is not None and field == "notices":
            return "; ".join(NoticeRule.read(kept).says for kept in value) or "none"
        return super().tell(field, value)
