"""What every record has: a prefixed id, a page of its own, and fields that people are told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

from sqlalchemy import BigInteger, CheckConstraint, Computed, Index, String, Text, select
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from ..db import Model, db, instant
from ..keyring import ring
from ..lib import canonical, ids
from ..lib.cause import current
from ..lib.money import Money
from ..lib.refusal import NotFound
from ._classes import PHI, data_class, pii
from .status_move import StatusMove

REGISTRY: dict[str, type[Record]] = {}


class Record(Model):
    """`PREFIX` starts its ids, `PLURAL` is its place in URLs, `TOLD` the fields that previews, answers
    and the audit speak of. `BELONGS_TO` names the foreign keys whose records' timelines show it too."""

    __abstract__ = True

    PREFIX: ClassVar[str]
    PLURAL: ClassVar[str]
    TOLD: ClassVar[tuple[str, ...]] = ()
    BELONGS_TO: ClassVar[tuple[str, ...]] = ()

    id: Mapped[str] = mapped_column(String(40, collation="C"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=instant())

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "PREFIX" in cls.__dict__:
            REGISTRY[cls.PREFIX] = cls

    def __init__(self, **values: Any) -> None:
        super().__init__(
            **{"id": ids.new(self.PREFIX), **values}
        )  # first: what is sealed is sealed for its row

    @property
    def url(self) -> str:
        return f"/{self.PLURAL}/{self.id}"

    @classmethod
    def get(cls, id: str) -> Self | None:
        return db.session.get(cls, id) if possible(id) else None

    @classmethod
    def require(cls, id: str) -> Self:
        """The record, or NotFound."""
        found = cls.get(id)
        if found is None:
            raise NotFound(f"There is no {cls.noun()} {id[:60]}.")
        return found

    @classmethod
    def each(cls, ids: Iterable[str | None]) -> dict[str, Self]:
        """The records of many ids in one query, by id; ids that are None or unknown are left out."""
        wanted = {id for id in ids if id}
        found = db.session.scalars(select(cls).where(cls.id.in_(wanted))) if wanted else ()
        return {record.id: record for record in found}

    @classmethod
    def lock(cls, id: str) -> Self:
        """The record as it is now, locked until the transaction ends, or NotFound."""
        query = select(cls).where(cls.id == id).with_for_update().execution_options(populate_existing=True)
        found = db.session.scalar(query) if possible(id) else None
        if found is None:
            raise NotFound(f"There is no {cls.noun()} {id[:60]}.")
        return found

    @classmethod
    def noun(cls) -> str:
        """What people call it: OrderLine is an "order line"."""
        return re.sub(r"(?<!^)(?=[A-Z])", " ", cls.__name__).lower()

    @property
    def called(self) -> str:
        """What a preview calls it while it is new and has no id that would last."""
        return self.noun()

    def add(self) -> Self:
        """Put it into the session and into the database, so that later checks see it."""
        db.session.add(self)
        db.session.flush()
        return self

    def tell(self, field: str, value: Any) -> Any:
        """A field's value as previews, the audit and people know it: of what tells of somebody's health only that it
        is there, and a digest that differs when it does."""
        if value is not None and data_class(type(self).__table__.c[field]) == PHI:
            return f"hidden, {ring().digest(str(value).encode())}"
        if value is not None and type(self).__table__.c[field].info.get("money"):
            return str(Money(value, self.currency))  # type: ignore[attr-defined]
        return canonical.plain(value) if isinstance(value, date | Decimal) else value

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        """How a change of a TOLD field is told: as (field, before, after), or as several for one that has parts."""
        yield field, self.tell(field, before), self.tell(field, after)

    def related(self) -> set[str]:
        """The ids of the records on whose timelines this one appears."""
        return {self.id} | {key for name in self.BELONGS_TO if (key := getattr(self, name))}


def possible(id: str) -> bool:
    """Whether any id of ours could be this."""
    return len(id) <= 40 and id.isascii() and "\x00" not in id


def locate(id: str) -> str:
    """The URL of any of our ids, by its prefix."""
    return f"/{REGISTRY[id.partition('_')[0]].PLURAL}/{id}"


def minor_units() -> MappedColumn[Any]:
    """A column of integer minor units in the record's currency."""
    return mapped_column(BigInteger, info={"money": True})


def searched(expression: str) -> MappedColumn[Any]:
    """A column of lower-cased text in which fragments are looked for. The database makes and keeps it; records do
    not carry it along."""
    return pii(Text, Computed(expression, persisted=True), nullable=False, deferred=True)


def search_index(table: str) -> Index:
    """The trigram index of the table's search column."""
    return Index(
        f"{table}_search_idx", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}
    )


class IllegalMove(Exception):
    """A status may not go there from where it is: a bug in the act that asked for it."""


class Status(StrEnum):
    """A state with the sentence that explains it to staff."""

    help: str

    def __new__(cls, value: str, help: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = help
        return member


class Stateful(Record):
    """A record with a status. `move_to` is the only way from one status to another; each move is kept."""

    __abstract__ = True

    STATUS: ClassVar[type[Status]]
    MOVES: ClassVar[dict[Any, set[Any]]]  # from each of its statuses to those it may go to

    status: Mapped[str] = mapped_column(String(24))
    status_since: Mapped[datetime] = mapped_column(server_default=instant())

    @classmethod
    def nouns(cls) -> list[type[Stateful]]:
        """Every noun that has a status, by what people call it."""
        found = [noun for noun in REGISTRY.values() if issubclass(noun, cls) and "STATUS" in noun.__dict__]
        return sorted(found, key=lambda noun: noun.noun())

    @property
    def state(self) -> Status:
        return self.STATUS(self.status)

    @property
    def final(self) -> bool:
        """True when nothing moves from here by itself."""
        return not self.MOVES[self.state]

    def move_to(self, status: Status) -> bool:
        """Go to `status`; False when it is there already. Raises IllegalMove for a way not in MOVES."""
        if self.status == status:
            return False
        if status not in self.MOVES[self.state]:
            raise IllegalMove(f"{self.id} cannot go from {self.status} to {status}.")
        cause = current()
        db.session.add(
            StatusMove(
                record_id=self.id,
                before=self.status,
                after=status,
                by=cause.by if cause else "console",
                cause=cause.name if cause else "",
                trace_id=cause.trace if cause else None,
            )
        )
        self.status = status
        self.status_since = instant()
        return True


def anywhere(statuses: type[Status]) -> dict[Any, set[Any]]:
    """The moves of a mirror: whoever keeps the original may move it from any status to any other."""
    return {status: set(statuses) - {status} for status in statuses}


def one_of(column: str, allowed: type[StrEnum]) -> CheckConstraint:
    """The CHECK constraint that stands beside a state table."""
    words = ", ".join(f"'{member.value}'" for member in allowed)
    return CheckConstraint(f"{column} in ({words})", name=column)
