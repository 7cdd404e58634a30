"""Real parts for tests: one PostgreSQL for the whole run, a database and a Valkey for each of its processes.

`conftest.py` imports the fixtures and calls `prepare_with` to say what makes an empty database ready (the
migrations). That runs once; each process works on a copy (0.05 s), and so does a test with `fresh_database`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, Protocol

import pytest
from psycopg import Connection

from opsconsole.machine.postgres import OWNER, RUNNER, Postgres
from opsconsole.machine.valkey import Valkey

TEMPLATE = "prepared"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

_prepare: list[Callable[[str], None]] = []


def prepare_with(prepare: Callable[[str], None]) -> None:
    """`prepare` gets the URL of an empty database, as its owner, and makes it ready for tests."""
    _prepare[:] = [prepare]


class Connections(Protocol):
    """Connections to the database of this process's tests that outlive a test."""

    def pids(self) -> list[int]:
        """The server's processes at their other ends."""

    def close(self) -> None: ...


_kept: list[Connections] = []


def kept_with(connections: Connections) -> None:
    """Whoever keeps connections from one test to the next says so. Those that a test left in a state that the next one
    could notice are closed, all of them."""
    _kept[:] = [connections]


def _directory_of_the_run(factory: pytest.TempPathFactory) -> Path:
    own = factory.getbasetemp()
    return own if WORKER == "main" else own.parent


@contextlib.contextmanager
def _locked(file: Path, how: int) -> Iterator[None]:
    with open(file, "a") as held:
        fcntl.flock(held, how)
        yield


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The run's PostgreSQL. The first process that asks starts it, and stops it when nobody uses it."""
    home = _directory_of_the_run(tmp_path_factory) / "cluster"
    home.mkdir(exist_ok=True)
    starting, using = home / "starting.lock", home / "using.lock"
    postgres = Postgres(home, durable=False)
    with contextlib.ExitStack() as use:
        with _locked(starting, fcntl.LOCK_EX):
            postgres.start()
            use.enter_context(_locked(using, fcntl.LOCK_SH))
            if not postgres.has_database(TEMPLATE):
                _make_template(postgres)
        yield postgres
    if not postgres.attached:
        with _locked(starting, fcntl.LOCK_EX), _locked(using, fcntl.LOCK_EX):
            postgres.discard()


def _make_template(postgres: Postgres) -> None:
    postgres.create_database(TEMPLATE)
    try:
        for prepare in _prepare:
            prepare(postgres.url(TEMPLATE, OWNER))
    except BaseException:
        postgres.drop_database(TEMPLATE)
        raise


@pytest.fixture(scope="session")
def database_owner_url(cluster: Postgres) -> Iterator[str]:
    """This process's copy of the prepared database, as the owner: migrations, and setting scenes."""
    name = f"tests_{WORKER}"
    cluster.drop_database(name)  # of a worker that crashed and was replaced
    cluster.create_database(name, template=TEMPLATE)
    yield cluster.url(name, OWNER)
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def database_url(database_owner_url: str) -> str:
    """The same copy, as the role the console runs as."""
    return database_owner_url.replace(f"//{OWNER}@", f"//{RUNNER}@", 1)


@dataclass(frozen=True)
class Rows:
    """What tables hold, as COPY tells it, and SQL that sets the counters."""

    tables: dict[str, bytes]
    counters: str


class AsNew:
    """One database for all tests of a process, as new for each: what a test wrote is taken out, and what it changed or
    took out is put back from copies. One whose tables, triggers or rights a test has changed is made anew, which takes
    ten times as long. Tables that nobody wrote to are left alone, and so are the connections named by `kept_with`: what
    a server process has learned about a database is worth more than most tests take."""

    def __init__(self, cluster: Postgres, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self._shape: object = None
        self._filled: set[str] = set()  # tables that hold rows when new
        self._own: Connection[tuple[object, ...]] | None = None

    def ready(self) -> None:
        kept = [pid for connections in _kept for pid in connections.pids()]
        if self._own is not None and self._as_new(self._own, kept):
            return
        for connections in _kept:
            connections.close()
        self._make()

    def _as_new(self, own: Connection[tuple[object, ...]], kept: list[int]) -> bool:
        quiet = [pid for (pid,) in own.execute(_QUIET, (kept,))]
        if set(quiet) != set(kept):
            for connections in _kept:
                connections.close()
            quiet = []
        own.execute(_END_OTHERS, (quiet,))
        if self._shape != self._look(own):
            return False
        own.execute("select prepared.put_back()")
        for (table,) in own.execute(_LARGE).fetchall():  # what is left of many rows is not searched for ever
            own.execute(f'vacuum public."{table}"')  # type: ignore[arg-type]
        return True

    def stands(self) -> str:
        """Which tables are not as new, and how each stands: differs after every write, whoever made it."""
        assert self._own is not None
        [(told,)] = self._own.execute("select prepared.stands()")
        return str(told)

    def rows(self) -> Rows:
        """All rows of the tables that are not as new, to be `put` later."""
        assert self._own is not None
        tables: dict[str, bytes] = {}
        with self._own.cursor() as cursor:
            for table in re.findall(r"(\S+) .*\n", self.stands()):
                with cursor.copy(f'copy public."{table}" to stdout') as out:  # type: ignore[arg-type]
                    tables[table] = b"".join(map(bytes, out))
            counters = cursor.execute(_COUNTERS).fetchall()
        return Rows(tables, "; ".join(str(row[0]).replace("perform", "select", 1) for row in counters))

    def put(self, rows: Rows, *, ahead: float) -> None:
        """Hold these rows, and of all other tables those of a new database. `ahead` seconds stands the console's clock
        before the machine's."""
        assert self._own is not None
        with self._own.transaction(), self._own.cursor() as cursor:
            cursor.execute("select prepared.put_back()")
            for table, content in rows.tables.items():
                if table in self._filled:
                    cursor.execute(f'delete from public."{table}"')  # type: ignore[arg-type]
                with cursor.copy(f'copy public."{table}" from stdin') as into:  # type: ignore[arg-type]
                    into.write(content)
            if rows.counters:
                cursor.execute(rows.counters)  # type: ignore[arg-type]
            cursor.execute(_AHEAD, (ahead,))

    def drop(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None
        self.cluster.drop_database(self.name)

    def _make(self) -> None:
        self.drop()  # also that of a worker that crashed and was replaced
        self.cluster.create_database(self.name, template=TEMPLATE)
        self._own = own = self.cluster._connect(self.name)
        own.execute("set session_replication_role = replica")  # no triggers, no foreign keys
        own.execute("create schema prepared")
        own.execute("create table prepared.seen (name text primary key, stamp text)")
        steps, told = [], []
        self._filled.clear()
        for (table,) in own.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            public, copy = f'public."{table}"', f'prepared."{table}"'
            emptied = f"if exists (select from {public}) then delete from {public};"
            # a row that was written has a transaction of its own, one that is gone is missing from the count
            stamp = f"(select concat(count(*), ' ', max(xmin::text::bigint)) from {public})"
            if not own.execute(f"select 1 from {public} limit 1").fetchone():  # type: ignore[arg-type]
                steps.append(f"{emptied} end if")
                told.append(
                    f"if exists (select from {public}) then told := told || '{table} ' || {stamp} || E'\\n'; end if"
                )
                continue
            self._filled.add(str(table))
            own.execute(f"create table {copy} as table {public}")  # type: ignore[arg-type]
            columns = ", ".join(str(row[0]) for row in own.execute(_WRITTEN, (table,)))
            own.execute(f"insert into prepared.seen values ('{table}', {stamp})")  # type: ignore[arg-type]
            steps.append(
                f"if {stamp} <> (select stamp from prepared.seen where name = '{table}') then"
                f" delete from {public}; insert into {public} ({columns}) overriding system value"
                f" select {columns} from {copy}; update prepared.seen set stamp = {stamp} where name = '{table}'; end if"
            )
            told.append(
                f"if {stamp} <> (select stamp from prepared.seen where name = '{table}') then"
                f" told := told || '{table} ' || {stamp} || E'\\n'; end if"
            )
        steps += [str(row[0]) for row in own.execute(_COUNTERS)]
        body = "; ".join(["begin", *steps, "end"]).replace("begin;", "begin", 1)
        own.execute(f"create function prepared.put_back() returns void language plpgsql as $${body}$$")  # type: ignore[arg-type]
        tells = "; ".join([*told, "return told", "end"])
        own.execute(
            "create function prepared.stands() returns text language plpgsql as"
            f" $$declare told text := ''; begin {tells}$$"  # type: ignore[arg-type]
        )
        self._shape = self._look(own)

    def _look(self, connection: Connection[tuple[object, ...]]) -> object:
        return connection.execute(_SHAPE).fetchone()


# Of these, the ones that live and hold nothing: no transaction, no lock of their session.
_QUIET: LiteralString = """
    select pid from pg_stat_activity
    where pid = any(%s::int[]) and datname = current_database() and state = 'idle'
        and pid not in (select pid from pg_locks where locktype = 'advisory')
"""
_LARGE: LiteralString = """
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 128 * 1024
"""
_END_OTHERS: LiteralString = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and pid <> all(%s::int[])
"""
_WRITTEN: LiteralString = """
    select quote_ident(column_name) from information_schema.columns
    where table_schema = 'public' and table_name = %s and is_generated = 'NEVER'
"""
_COUNTERS: LiteralString = """
    select format('perform setval(%L, %s, %L)', schemaname || '.' || sequencename, coalesce(last_value, start_value),
        last_value is not null) from pg_sequences where schemaname = 'public'
"""
_AHEAD: LiteralString = """
    insert into sandbox_clock (single, ahead) values (true, make_interval(secs => %s))
    on conflict (single) do update set ahead = excluded.ahead
"""
_SHAPE: LiteralString = """
    select (select md5(string_agg(concat(oid, relname, relacl, relnatts), ' ' order by oid)) from pg_class
            where relnamespace in ('public'::regnamespace, 'prepared'::regnamespace)),
        (select md5(string_agg(concat(oid, tgenabled), ' ' order by oid)) from pg_trigger),
        (select md5(string_agg(concat(oid, conname, convalidated), ' ' order by oid)) from pg_constraint),
        (select md5(string_agg(concat(oid, prosrc), ' ' order by oid)) from pg_proc
            where pronamespace = 'public'::regnamespace)
"""


@pytest.fixture(scope="session")
def as_new(cluster: Postgres) -> Iterator[AsNew]:
    database = AsNew(cluster, f"fresh_{WORKER}")
    yield database
    database.drop()


@pytest.fixture
def fresh_database(as_new: AsNew) -> str:
    """A database for one test that really commits, as the role the console runs as. It has the same name in all tests
    of a process, so that what knows its address can be used by all of them."""
    as_new.ready()
    return as_new.cluster.url(as_new.name, RUNNER)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This process's own Valkey: queues have the same names everywhere."""
    valkey = Valkey(tmp_path_factory.getbasetemp() / "valkey")
    valkey.start()
    yield valkey.url
    valkey.discard()
