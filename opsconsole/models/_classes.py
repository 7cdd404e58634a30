"""What kind of data a column holds: phi, pii, secret or public. Masking, logs, the audit and tests ask for it.

- **phi** tells of somebody's health: drug, answers, photos, notes, what vendors sent of it. Masked for all, shown for a
  purpose, each view written down.
- **pii** tells who somebody is: name, e-mail, phone, address.
- **secret** opens doors: hashes of passwords and tokens, wrapped keys.
- **public** is what a colleague may see who may see the record: ids, statuses, instants, money, codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar, overload

from sqlalchemy import ARRAY, Column, ColumnElement, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import MappedColumn, mapped_column

from .. import keyring
from ..db import Model, Root

PHI, PII, SECRET, PUBLIC = "phi", "pii", "secret", "public"

# The rights that show a masked field without asking. Without them it is masked, on pages, in JSON and in the audit.
NAMES, CONTACTS = (
    "customers.read_names",
    "customers.read_contacts",
)  # how people are called; where to reach them
PRODUCTS, BIRTH_DATES = "orders.read_phi", "customers.read_phi"

# Texts by these names are codes of ours or of a vendor, numbers people quote, or sentences that acts write without PHI.
CODES = frozenset((
    "about", "act", "after", "asked_by", "before", "by", "card_brand", "card_exp", "card_last4", "cause",
    "chain", "code", "currency", "day", "decided_by", "digest", "dispute", "failure_reason", "field", "form",
    "fraud_warning", "hash", "key", "kind", "lane", "lanes", "last_words", "lowered_by", "master", "measure",
    "method", "needs", "object_kind", "outcome", "payment_status", "pending_reason", "permission", "places",
    "port", "promises", "purpose", "raw_status", "ref", "reference", "reference_number", "reviewed_by", "says",
    "set_aside_by", "settled_by", "sku", "source", "status", "strength", "subject", "subject_noun",
    "suggests", "system", "template", "url", "via", "what", "why", "within", "words", "worker",
))  # fmt: skip


def phi(*arguments: Any, shown_by: str | None = None, **more: Any) -> MappedColumn[Any]:
    """A column that tells of somebody's health. `shown_by` is the right that shows it unmasked."""
    return _classed(PHI, arguments, more | {"info": {"shown_by": shown_by}})


def pii(*arguments: Any, shown_by: str | None = None, **more: Any) -> MappedColumn[Any]:
    """A column that tells who somebody is. `shown_by` is the right that shows it unmasked; None goes with the record."""
    return _classed(PII, arguments, more | {"info": {"shown_by": shown_by}})


def secret(*arguments: Any, **more: Any) -> MappedColumn[Any]:
    """A column that opens doors."""
    return _classed(SECRET, arguments, more)


def public(*arguments: Any, **more: Any) -> MappedColumn[Any]:
    """A column of words, looked at and found to be about nobody."""
    return _classed(PUBLIC, arguments, more)


def sealed(name: str, *, shown_by: str | None = None, nullable: bool = False) -> MappedColumn[Any]:
    """The PHI column `name` as the database holds it: only the keyring opens it (see keyring.py)."""
    info = {"class": PHI, "sealed": True, "shown_by": shown_by}
    return mapped_column(name, LargeBinary, nullable=nullable, info=info)


def _classed(kind: str, arguments: tuple[Any, ...], more: dict[str, Any]) -> MappedColumn[Any]:
    return mapped_column(*arguments, info={"class": kind, **more.pop("info", {})}, **more)


def data_class(column: ColumnElement[Any]) -> str | None:
    """A column's class; None for one of words that says nothing of it, which no column may be."""
    assert isinstance(column, Column)
    if "class" in column.info:
        return str(column.info["class"])
    wordless = not isinstance(column.type, String | LargeBinary | JSONB | ARRAY)
    named = column.name in CODES or column.name == "id" or column.name.endswith("_id")
    return PUBLIC if wordless or named or column.foreign_keys else None


def blind_index(of: str) -> MappedColumn[Any]:
    """What finds the equal values of the sealed column `of` of its table, and nobody can read: `Sealed.find_by`."""
    return mapped_column(LargeBinary, nullable=True, info={"class": PHI, "index_of": of})


def indexed_by(noun: type[Model], sealed: str) -> str | None:
    """The column that is the blind index of a sealed one."""
    return next((c.name for c in noun.__table__.columns if c.info.get("index_of") == sealed), None)


def shown_by(noun: type[Model], field: str) -> str | None:
    """The right that shows this field unmasked; None when it goes with its record."""
    column = noun.__table__.columns.get(field)
    return None if column is None else column.info.get("shown_by")


def sealed_columns() -> Iterator[tuple[type[Model], str]]:
    """Every model with the name of a column of it that is kept sealed."""
    for mapper in Root.registry.mappers:
        for column in mapper.local_table.columns:
            if column.info.get("sealed"):
                yield mapper.class_, column.name


T = TypeVar("T", str, bytes)


class Sealed(Generic[T]):
    """An attribute whose value is kept sealed in the column beside it: opened when read, sealed when written."""

    def __init__(self, beside: str, kind: type[T]) -> None:
        self.beside = beside  # the attribute that holds the sealed bytes
        self._of: type[T] = kind

    def __set_name__(self, owner: Any, name: str) -> None:
        self._table, self._column = owner.__tablename__, name

    @overload
    def __get__(self, record: None, owner: type) -> Sealed[T]: ...
    @overload
    def __get__(self, record: Any, owner: type) -> T: ...
    def __get__(self, record: Any, owner: type) -> Sealed[T] | T:
        return self if record is None else self.open(getattr(record, self.beside), record.id)

    def __set__(self, record: Any, value: T) -> None:
        setattr(record, self.beside, self.seal(value, record.id))

    def open(self, kept: bytes, id: str) -> T:
        """What was sealed for the row of that id. Raises CannotOpen."""
        plain = keyring.ring().open(bytes(kept), self._place(id))
        return self._of(plain.decode() if self._of is str else plain)  # type: ignore[arg-type]

    def seal(self, value: T, id: str) -> bytes:
        """What the row of that id is to hold."""
        plain = value.encode() if isinstance(value, str) else value
        return keyring.ring().seal(plain, self._place(id))

    def _place(self, id: str) -> str:
        return keyring.place(self._table, self._column, id)


class SealedOrNone(Sealed[T]):
    """As `Sealed`, for a column that may hold nothing. With `index`, the attribute of its blind index, equal values
    can be found."""

    def __init__(self, beside: str, kind: Any, *, index: str | None = None) -> None:
        super().__init__(beside, kind)
        self.index = index

    @overload  # type: ignore[override]
    def __get__(self, record: None, owner: type) -> SealedOrNone[T]: ...
    @overload
    def __get__(self, record: Any, owner: type) -> T | None: ...
    def __get__(self, record: Any, owner: type) -> SealedOrNone[T] | T | None:
        if record is None:
            return self
        kept = getattr(record, self.beside)
        return None if kept is None else self.open(kept, record.id)

    def __set__(self, record: Any, value: T | None) -> None:
        setattr(record, self.beside, None if value is None else self.seal(value, record.id))
        if self.index:
            column = keyring.place(self._table, self._column, "")
            found = None if value is None else keyring.ring().index(str(value).encode(), column)
            setattr(record, self.index, found)

    def findable_as(self, value: str) -> list[bytes]:
        """What the blind index of a row with that value may hold: one for each key that is in use."""
        column = keyring.place(self._table, self._column, "")
        return keyring.ring().indexes(value.encode(), column)
