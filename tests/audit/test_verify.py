"""The audit proves itself: whatever a database administrator does to it is found, and named by row."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from opsconsole.machine.postgres import Postgres
from opsconsole.services import audit

from ..house import House
from ..scenes import WINDOW, issue

KEY = b"k" * 32
COLUMNS = ("act", "by", "by_id", "subject", "says", "trace_id", "address", "parent_id", "within")


@dataclass
class Sealed:
    """A console whose audit is sealed, and its database as its administrator sees it."""

    house: House
    hands: Connection
    root: psycopg.Connection[Any]
    heads: audit.Heads

    def seal(self) -> None:
        while audit.seal(self.hands, KEY, self.heads):
            pass

    def verdict(self) -> audit.Verdict:
        return audit.verify(self.hands, KEY, self.heads)

    def named(self) -> set[str]:
        return {touched.what for touched in self.verdict().touched}


@pytest.fixture
def sealed(house: House, fresh_database: str, cluster: Postgres, tmp_path: Path) -> Iterator[Sealed]:
    """Some dozens of acts, all sealed. `root` is a superuser for whom triggers do not fire."""
    order = house.order("60.00")
    for _ in range(6):
        issue(house, order, "1.00")
    house.later(WINDOW)
    hands = create_engine(fresh_database, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()
    name = make_url(fresh_database).database or ""
    with cluster._connect(name) as root, hands:
        root.execute("set session_replication_role = replica")
        found = Sealed(house, hands, root, audit.Heads(tmp_path / "heads"))
        found.seal()
        yield found


def entries(sealed: Sealed) -> list[str]:
    query = sealed.root.execute("select entry_id from audit_seals order by number")
    return [id for (id,) in query.fetchall()]


def test_every_act_is_sealed_once_and_in_one_chain(sealed: Sealed) -> None:
    verdict = sealed.verdict()
    [(written,)] = sealed.root.execute("select count(*) from audit_entries").fetchall()
    assert verdict.intact and not verdict.tail and verdict.sealed == written > 20
    numbers = [n for (n,) in sealed.root.execute("select number from audit_seals order by 1").fetchall()]
    assert numbers == list(range(1, written + 1))


def test_what_is_not_sealed_yet_is_the_named_tail_and_no_fault(sealed: Sealed) -> None:
    sealed.house.order("5.00", customer="cust-9")
    verdict = sealed.verdict()
    assert verdict.intact and verdict.tail and all(id.startswith("aud_") for id in verdict.tail)
    sealed.seal()
    assert sealed.verdict().tail == []


def test_the_console_itself_cannot_touch_entries_or_seals(sealed: Sealed) -> None:
    for statement in (
        "update audit_entries set says = 'x'", "delete from audit_entries", "truncate audit_entries cascade",
        "update audit_seals set number = 0", "delete from audit_seals", "drop table audit_seals",
        "alter table audit_entries disable trigger append_only",
    ):  # fmt: skip
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            sealed.hands.exec_driver_sql(statement)


def test_another_key_makes_no_seal_that_fits(sealed: Sealed) -> None:
    assert not audit.verify(sealed.hands, b"another key", sealed.heads).intact


def test_a_second_sealer_waits_its_turn(sealed: Sealed, fresh_database: str) -> None:
    sealed.house.order("5.00", customer="cust-9")
    with create_engine(fresh_database, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as second:
        assert audit.seal(second, KEY, sealed.heads) is None
    assert audit.seal(sealed.hands, KEY, sealed.heads)


# ------------------------------------------------------------------ a thousand tamperings


def changed(sealed: Sealed, chance: random.Random, id: str) -> str:
    column = chance.choice(COLUMNS)
    sealed.root.execute(
        f"update audit_entries set {column} = coalesce({column}, '') || 'x' where id = %s", (id,)
    )
    return id


def backdated(sealed: Sealed, chance: random.Random, id: str) -> str:
    sealed.root.execute(
        "update audit_entries set created_at = created_at - interval '1 us' where id = %s", (id,)
    )
    return id


def other_inputs(sealed: Sealed, chance: random.Random, id: str) -> str:
    column = chance.choice(("inputs", "changes"))
    more = '{"amount": 1}' if column == "inputs" else "[1]"
    sealed.root.execute(
        f"update audit_entries set {column} = {column} || %s::jsonb where id = %s", (more, id)
    )
    return id


def taken_away(sealed: Sealed, chance: random.Random, id: str) -> str:
    sealed.root.execute("delete from audit_entries where id = %s", (id,))
    return id


def without_seal(sealed: Sealed, chance: random.Random, id: str) -> str:
    sealed.root.execute("delete from audit_seals where entry_id = %s", (id,))
    return id


def sealed_otherwise(sealed: Sealed, chance: random.Random, id: str) -> str:
    column = chance.choice(("digest", "chain"))
    query = f"update audit_seals set {column} = sha256({column}) where entry_id = %s returning number"
    [(number,)] = sealed.root.execute(query, (id,)).fetchall()
    return f"seal {number}"


def put_in(sealed: Sealed, chance: random.Random, id: str) -> str:
    forged = f"aud_forged{chance.randrange(10**12)}"
    columns = "created_at, act, by, by_id, says, inputs, changes, promises, trace_id, about"
    sealed.root.execute(
        f"insert into audit_entries (id, {columns}) select %s, {columns} from audit_entries where id = %s",
        (forged, id),
    )
    return forged


TAMPERINGS: tuple[Callable[[Sealed, random.Random, str], str], ...] = (
    changed, backdated, other_inputs, taken_away, without_seal, sealed_otherwise, put_in,
)  # fmt: skip


@pytest.fixture
def keep(sealed: Sealed) -> Callable[[], None]:
    """Puts entries and seals back as they were."""
    written = {}  # its columns, without those that the database makes itself
    for table in ("audit_entries", "audit_seals"):
        sealed.root.execute(f"create table kept_{table} as table {table}")
        query = (
            "select string_agg(quote_ident(column_name), ', ') from information_schema.columns"
            " where table_schema = 'public' and table_name = %s and is_generated = 'NEVER'"
        )
        [(written[table],)] = sealed.root.execute(query, (table,)).fetchall()

    def restore() -> None:
        for table, columns in written.items():
            sealed.root.execute(f"delete from {table}")
            sealed.root.execute(f"insert into {table} ({columns}) select {columns} from kept_{table}")

    return restore


def test_a_thousand_random_tamperings_are_all_found_and_named(
    sealed: Sealed, keep: Callable[[], None]
) -> None:
    """Many at once, each on its own row, three rows apart: so each must be named for itself."""
    chance, ids, done = random.Random(20261121), entries(sealed), 0
    while done < 1000:
        rows = ids[chance.randrange(3) :: 3]
        expected = {chance.choice(TAMPERINGS)(sealed, chance, id): id for id in rows}
        named = sealed.named()
        assert expected.keys() <= named, (expected, named)
        done += len(expected)
        keep()
        if done % 100 < len(rows):
            assert sealed.named() == set()


def test_two_entries_that_changed_places_are_both_named(sealed: Sealed) -> None:
    one, other = entries(sealed)[3:5]
    sealed.root.execute(
        "update audit_entries e set says = o.says, act = o.act, subject = o.subject, created_at = o.created_at "
        "from audit_entries o where (e.id, o.id) in ((%s, %s), (%s, %s))", (one, other, other, one),
    )  # fmt: skip
    assert {one, other} <= sealed.named()


def test_an_end_that_was_cut_off_is_known_from_the_head_outside(sealed: Sealed) -> None:
    ids = entries(sealed)
    for table, column in (("audit_entries", "id"), ("audit_seals", "entry_id")):
        sealed.root.execute(f"delete from {table} where {column} = any(%s)", (ids[-4:],))
    assert sealed.named() == {f"seals {len(ids) - 3} to {len(ids)}"}


def test_an_old_copy_put_back_and_sealed_on_is_known_from_the_head_outside(sealed: Sealed) -> None:
    """The history of heads tells: another seal stands where the old one stood."""
    ids = entries(sealed)
    for table, column in (("audit_entries", "id"), ("audit_seals", "entry_id")):
        sealed.root.execute(f"delete from {table} where {column} = any(%s)", (ids[-4:],))
    for n in range(5):
        sealed.house.order("5.00", customer=f"cust-{20 + n}")
    sealed.seal()
    assert any(what.startswith("seal ") for what in sealed.named())
