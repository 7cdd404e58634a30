"""Real parts for tests: one PostgreSQL for the whole run, a database and a Valkey for each of its processes.

`conftest.py` imports the fixtures and calls `prepare_with` to say what makes an empty database ready (the
migrations). That runs once; each process works on a copy (0.05 s), and so does a test with `fresh_database`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
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


class AsNew:
    """One database for all tests of a process, as new for each: what a test wrote is taken out, and what it changed or
    took out is put back from copies. One whose tables, triggers or rights a test has changed is made anew, which takes
    ten times as long. Tables that nobody wrote to are left alone, and so are the connections named by `kept_with`: what
    a server process has learned about a database is worth more than most tests take."""

    def __init__(self, cluster: Postgres, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self._shape: object = None
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
        steps = []
        for (table,) in own.execute("select tablename from pg_tables where schemaname = 'public'").fetchall():
            public, copy = f'public."{table}"', f'prepared."{table}"'
            emptied = f"if exists (select from {public}) then delete from {public};"
            if not own.execute(f"select 1 from {public} limit 1").fetchone():  # type: ignore[arg-type]
                steps.append(f"{emptied} end if")
                continue
            own.execute(f"create table {copy} as table {public}")  # type: ignore[arg-type]
            columns = ", ".join(str(row[0]) for row in own.execute(_WRITTEN, (table,)))
            # a row that was written has a transaction of its own, one that is gone is missing from the count
            stamp = f"(select concat(count(*), ' ', max(xmin::text::bigint)) from {public})"
            own.execute(f"insert into prepared.seen values ('{table}', {stamp})")  # type: ignore[arg-type]
            steps.append(
                f"if {stamp} <> (select stamp from prepared.seen where name = '{table}') then"
                f" delete from {public}; insert into {public} ({columns}) overriding system value"
                f" select {columns} from {copy}; update prepared.seen set stamp = {stamp} where name = '{table}'; end if"
            )
        steps += [str(row[0]) for row in own.execute(_COUNTERS)]
        body = "; ".join(["begin", *steps, "end"]).replace("begin;", "begin", 1)
        own.execute(f"create function prepared.put_back() returns void language plpgsql as $${body}$$")  # type: ignore[arg-type]
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
