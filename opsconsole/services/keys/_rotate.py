"""Changing keys while everybody works: begin -> seal everything anew, batch by batch -> finish.

How far it has come stands in the database, in the transaction of each batch: whoever is killed is followed by whoever
runs it next, from there on. Values are read by the key that they name, so nobody waits and nothing is unreadable.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, null, select, text, update

from ... import keyring
from ...db import db, instant, own_connection
from ...lib.refusal import Refused
from ...models import DataKey, KeyRotation, indexed_by, sealed_columns
from .._act import act, say
from .._actor import CONSOLE, Actor
from .._transaction import transaction
from ._status import open_rotation, values_by_key

BATCH = 500
_ONE_AT_A_TIME = 8302714  # the advisory lock of whoever rotates
# Until then every process has seen that there is a newer key, and what was sealed by the old one is committed.
_EVERYBODY_KNOWS = keyring.FRESH + 15.0

Progress = Callable[[str, int], None]


class AtIt(Refused):
    """Another process rotates the keys right now."""


class Nothing(Refused):
    """Nothing was begun."""


@act(robots=("console",))
def begin(*, by: Actor) -> None:
    """Make a data key that seals from now on, wrapped by the newest master key, which wraps the others too."""
    ring = keyring.ring()
    wrapped = ring.rewrap(db.session.connection())
    number = ring.add(db.session.connection(), keyring.SEALS)
    ring.add(db.session.connection(), keyring.INDEXES)
    db.session.add(KeyRotation(number=number, places={}, resealed=0))
    say(f"Began to seal with data key {number}; {wrapped} keys are wrapped by {ring.master} now")


@act(robots=("console",))
def finish(*, by: Actor) -> None:
    """Retire the keys that seal nothing any more. They stay wrapped where they are: a backup may need them.

    Raises Nothing when no rotation is under way."""
    rotation = open_rotation()
    if rotation is None:
        raise Nothing("No rotation is under way.")
    still = values_by_key()
    old = update(DataKey).where(
        DataKey.purpose.in_((keyring.SEALS, keyring.INDEXES)), DataKey.retired_at.is_(None),
        DataKey.number.not_in({*still, *_in_use()}),
    )  # fmt: skip
    retired = list(db.session.scalars(old.values(retired_at=instant()).returning(DataKey.number)))
    rotation.ended_at = instant()
    numbers = ", ".join(map(str, sorted(retired))) or "none"
    say(f"All is sealed by data key {rotation.number}; retired: {numbers}")


def rotate(
    *, batch: int = BATCH, progress: Progress = lambda place, count: None, patience: float = _EVERYBODY_KNOWS
) -> int:
    """Begin, or go on with what was begun, and seal everything by the newest key. Returns how many values were sealed
    anew, by this process and those before it. `patience`: seconds before it is believed that nobody uses the old key.

    Raises AtIt when somebody is at it.
    """
    with own_connection() as mine:
        if not mine.scalar(text("select pg_try_advisory_lock(:lock)"), {"lock": _ONE_AT_A_TIME}):
            raise AtIt("Another process rotates the keys right now: wait for it.")
        if open_rotation() is None:
            begin(by=CONSOLE)
        keyring.ring().forget()
        began = time.monotonic()
        _seal_anew(batch, progress)
        time.sleep(max(0.0, patience - (time.monotonic() - began)))
        while _left():
            _start_over()
            _seal_anew(batch, progress)
        resealed = _resealed()
        finish(by=CONSOLE)
        return resealed


def _seal_anew(batch: int, progress: Progress) -> None:
    for model, column in sorted(sealed_columns(), key=lambda one: one[0].__tablename__):
        while count := _one_batch(model, column, batch):
            progress(f"{model.__tablename__}.{column}", count)


def _one_batch(model: type[Any], column: str, batch: int) -> int:
    """Seal the next rows of a column anew; how many were looked at. Rows that an act holds come in a later round."""
    table, ring = model.__table__, keyring.ring()
    kept, mark = table.c[column], indexed_by(model, column)
    with transaction():
        rotation = db.session.scalar(
            select(KeyRotation).where(KeyRotation.ended_at.is_(None)).with_for_update()
        )
        if rotation is None:
            return 0
        here = f"{table.name}.{column}"
        key = ring.newest()
        rows = db.session.execute(
            select(table.c.id, kept.label("kept"), (table.c[mark] if mark else null()).label("mark"))
            .where(table.c.id > rotation.places.get(here, ""), kept.is_not(None))
            .order_by(table.c.id).limit(batch).with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        index = ring.newest(keyring.INDEXES) if mark else None
        old = [row for row in rows if not _by(row.kept, key) or (index and not _by(row.mark, index))]
        if old:
            change = update(table).where(table.c.id == bindparam("of")).values({column: bindparam("sealed")})
            if mark:
                change = change.values({mark: bindparam("index")})
            new = [_anew(row, table.name, column, key, index) for row in old]
            db.session.connection().execute(change, new)
        if rows:
            rotation.places = {**rotation.places, here: rows[-1].id}
            rotation.resealed += len(old)
    return len(rows)


def _by(kept: bytes | None, key: keyring.Key) -> bool:
    return kept is not None and bytes(kept[: keyring.HEADER]) == keyring.header(key.number)


def _anew(row: Any, table: str, column: str, key: keyring.Key, index: keyring.Key | None) -> dict[str, Any]:
    """A row as the newest keys seal it, and make its blind index."""
    place = keyring.place(table, column, row.id)
    plain = keyring.ring().open(row.kept, place)
    new: dict[str, Any] = {"of": row.id, "sealed": key.seal(plain, place)}
    return new | ({"index": index.index(plain, keyring.place(table, column, ""))} if index else {})


def _in_use() -> set[int]:
    """The numbers of the newest keys, of those that seal and of those that index."""
    return {keyring.ring().newest(purpose).number for purpose in (keyring.SEALS, keyring.INDEXES)}


def _left() -> int:
    """How many values an older key still seals or indexes."""
    newest = _in_use()
    db.session.rollback()
    return sum(count for number, count in values_by_key().items() if number not in newest)


def _start_over() -> None:
    """Look at every row again: some were held by an act, or written by a process that did not know yet."""
    with transaction():
        db.session.execute(update(KeyRotation).where(KeyRotation.ended_at.is_(None)).values(places={}))


def _resealed() -> int:
    rotation = open_rotation()
    db.session.rollback()
    return rotation.resealed if rotation else 0
