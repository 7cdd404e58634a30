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

import pytest

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


@pytest.fixture
def fresh_database(cluster: Postgres) -> Iterator[str]:
    """A copy for one test that really commits, as the role the console runs as; dropped afterwards. It has the same
    name in all tests of a process, so that what knows its address can be used by all of them."""
    name = f"fresh_{WORKER}"
    cluster.drop_database(name)  # of a worker that crashed and was replaced
    cluster.create_database(name, template=TEMPLATE)
    yield cluster.url(name, RUNNER)
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """This process's own Valkey: queues have the same names everywhere."""
    valkey = Valkey(tmp_path_factory.getbasetemp() / "valkey")
    valkey.start()
    yield valkey.url
    valkey.discard()
