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
from typing import LiteralString

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
    ten times as long."""

    def __init__(self, cluster: Postgres, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self._shape: object = None
        self._restore = ""

    def ready(self) -> None:
        if self._shape is None:
            self._make()
            return
        with self.cluster._connect(self.name) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            if same := self._shape == self._look(connection):
                connection.execute(self._restore.encode())
        if not same:
            self._make()

    def drop(self) -> None:
        self.cluster.drop_database(self.name)

    def _make(self) -> None:
        self.drop()  # also that of a worker that crashed and was replaced
        self.cluster.create_database(self.name, template=TEMPLATE)
        with self.cluster._connect(self.name) as connection:
            script = ["begin", "set local session_replication_role = replica"]  # no triggers, no foreign keys
            tables = [
                row[0]
                for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")
            ]
            script += [f'delete from public."{table}"' for table in tables]
            connection.execute("create schema prepared")
            for table in tables:
                if connection.execute(f'select 1 from public."{table}" limit 1').fetchone():  # type: ignore[arg-type]
                    connection.execute(f'create table prepared."{table}" as table public."{table}"')  # type: ignore[arg-type]
                    columns = ", ".join(row[0] for row in connection.execute(_WRITTEN, (table,)))
                    script.append(
                        f'insert into public."{table}" ({columns}) overriding system value'
                        f' select {columns} from prepared."{table}"'
                    )
            script += [row[0] for row in connection.execute(_COUNTERS)]
            self._restore = "; ".join([*script, "commit"])
            self._shape = self._look(connection)

    def _look(self, connection: Connection[tuple[object, ...]]) -> object:
        return connection.execute(_SHAPE).fetchone()


_WRITTEN: LiteralString = """
    select quote_ident(column_name) from information_schema.columns
    where table_schema = 'public' and table_name = %s and is_generated = 'NEVER'
"""
_COUNTERS: LiteralString = """
    select format('select setval(%L, %s, %L)', schemaname || '.' || sequencename, coalesce(last_value, start_value),
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
