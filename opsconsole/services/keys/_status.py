"""Which keys there are, and how much each of them still seals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import LargeBinary, cast, func, select

from ... import keyring
from ...db import db
from ...models import DataKey, KeyRotation, indexed_by, sealed_columns


@dataclass(frozen=True)
class KeyStands:
    """One data key: what for, which master key wraps it, how many values it seals."""

    number: int
    purpose: str
    master: str
    made_at: datetime
    retired_at: datetime | None
    values: int
    newest: bool


@dataclass(frozen=True)
class MasterStands:
    """A master key: how many data keys it wraps, and how many values those seal. `here`: this process has it."""

    id: str
    data_keys: int
    values: int
    here: bool


@dataclass(frozen=True)
class Standing:
    keys: list[KeyStands]
    rotation: KeyRotation | None  # the one that is not finished

    @property
    def masters(self) -> list[MasterStands]:
        """Those that are here, the newest first; then those that wrap something and are missing."""
        here = keyring.ring().masters
        missing = sorted({key.master for key in self.keys} - {*here})
        return [self._master(id, id in here) for id in (*here, *missing)]

    def _master(self, id: str, here: bool) -> MasterStands:
        wrapped = [key for key in self.keys if key.master == id]
        return MasterStands(id, len(wrapped), sum(key.values for key in wrapped), here)


def status() -> Standing:
    """Counts every sealed value: seconds in a large database."""
    sealed = values_by_key()
    keys = list(db.session.scalars(select(DataKey).order_by(DataKey.number)))
    newest = {key.purpose: key.number for key in keys}
    return Standing(
        [
            KeyStands(
                key.number, key.purpose, key.master, key.created_at, key.retired_at, sealed.get(key.number, 0),
                newest[key.purpose] == key.number,
            )
            for key in keys
        ],
        open_rotation(),
    )  # fmt: skip


def open_rotation() -> KeyRotation | None:
    return db.session.scalar(select(KeyRotation).where(KeyRotation.ended_at.is_(None)).limit(1))


def values_by_key() -> dict[int, int]:
    """How many values each key seals or indexes, by its number."""
    found: dict[int, int] = {}
    marks = [(model, mark) for model, column in sealed_columns() if (mark := indexed_by(model, column))]
    for model, name in (*sealed_columns(), *marks):
        column = model.__table__.c[name]
        start = func.substring(cast(column, LargeBinary), 1, keyring.HEADER)
        query = select(start, func.count()).where(column.is_not(None)).group_by(start)
        for begins, count in db.session.execute(query).tuples():
            number = int.from_bytes(bytes(begins)[1:], "big")
            found[number] = found.get(number, 0) + count
    return found
