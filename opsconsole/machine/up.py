"""One command from nothing to a running console: `opsconsole up`."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opsconsole.machine import places
from opsconsole.machine.environment import SANDBOX_PATHS, compose, is_set, remember, secrets_of
from opsconsole.machine.postgres import Postgres
from opsconsole.machine.processes import CannotStart
from opsconsole.machine.supervisor import Program, Stopping, Supervisor
from opsconsole.machine.valkey import Valkey

READY_WITHIN = 120.0  # seconds
TOO_MANY_DEATHS = 3  # before a program was ready once
PORTS_FREE_WITHIN = 2.0  # seconds that a killed run may need to let go of its ports

SIGN_INS = "sam@example.test (support), lee@ (ops lead), ada@ (clinician), finn@ (finance), mo@ (auditor), root@ (admin)"


@dataclass(frozen=True)
class Wanted:
    """What `up` was asked for. `check` raises CannotStart when the composed environment makes no sense."""

    home: Path
    port: int
    sandbox_port: int
    customers: int
    demo: bool
    check: Callable[[Mapping[str, str]], object]
    command: tuple[str, ...] = (sys.executable, "-m", "opsconsole.cli")  # what runs `web`, `worker` …

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"


def up(wanted: Wanted, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Start everything, say when it is ready, and keep it running until asked to stop.

    Raises CannotStart with a sentence for people; nothing is left running then.
    """
    if environ.get("OPSCONSOLE_ENV", "sandbox") == "production":
        raise CannotStart(
            "`opsconsole up` runs a sandbox, and OPSCONSOLE_ENV is production: start `opsconsole web`, "
            "`opsconsole worker` and `opsconsole clock` instead (docs/operations.md)."
        )
    home = places.make_home(wanted.home)
    with _only_one(home, wanted.url), contextlib.suppress(Stopping), Supervisor(home, say) as supervisor:
        _check_ports(wanted)
        machine = _Machine(wanted, home, supervisor, environ, say)
        machine.start()
        say(machine.welcome())
        supervisor.watch()


@contextlib.contextmanager
def _only_one(home: Path, url: str) -> Iterator[None]:
    with open(home / "up.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"OpsConsole already runs in {home}: {lock.read() or 'it is starting'}"
            ) from None
        lock.truncate(0)
        lock.write(f"{url} (process {os.getpid()})")
        lock.flush()
        yield


def _check_ports(wanted: Wanted) -> None:
    if wanted.port == wanted.sandbox_port:
        raise CannotStart(
            f"The console and the sandbox cannot both use port {wanted.port}: change --sandbox-port."
        )
    deadline = time.monotonic() + PORTS_FREE_WITHIN
    for port, flag, variable in (
        (wanted.port, "--port", "PORT"),
        (wanted.sandbox_port, "--sandbox-port", "SANDBOX_PORT"),
    ):
        while not _free(port):
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Port {port} is taken by another program: choose another one with {flag} {port + 10} "
                    f"(or {variable}={port + 10} make run)."
                )
            time.sleep(0.1)


def _free(port: int) -> bool:
    if _listening("127.0.0.1", port) or _listening("::1", port):  # a browser's localhost may mean either
        return False
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _listening(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


class _Machine:
    """The parts of one machine, in the order they need each other."""

    def __init__(
        self,
        wanted: Wanted,
        home: Path,
        supervisor: Supervisor,
        environ: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        self.wanted = wanted
        self.home = home
        self.supervisor = supervisor
        self.say = say
        self.postgres = None if is_set(environ, "OPSCONSOLE_DATABASE_URL") else Postgres(home)
        self.valkey = None if is_set(environ, "OPSCONSOLE_REDIS_URL") else Valkey(home)
        self.mail_port: int | None = None  # the sandbox's, where no other mail server is set
        ours = self._ours(environ)
        self.env = compose(environ, ours)
        remember(home, {name: self.env[name] for name in ours})

    def _ours(self, environ: Mapping[str, str]) -> dict[str, str]:
        if self.postgres and is_set(environ, "OPSCONSOLE_MIGRATION_DATABASE_URL"):
            raise CannotStart(
                "OPSCONSOLE_MIGRATION_DATABASE_URL is set and OPSCONSOLE_DATABASE_URL is not: "
                "set both, or neither."
            )
        ours = secrets_of(self.home) | {
            "OPSCONSOLE_ENV": "sandbox",
            "OPSCONSOLE_HOME": str(self.home),
            "OPSCONSOLE_SANDBOX_URL": self.wanted.sandbox_url,
            "OPSCONSOLE_BASE_URL": self.wanted.url,
            "OPSCONSOLE_SUBMIT_FILLS": "on" if self.wanted.demo else "off",
            "PYTHONUNBUFFERED": "1",
        }
        if not self.wanted.demo:
            del ours["OPSCONSOLE_DEMO_TOKEN"]
        if self.postgres:
            ours["OPSCONSOLE_DATABASE_URL"] = self.postgres.app_url
            ours["OPSCONSOLE_MIGRATION_DATABASE_URL"] = self.postgres.owner_url
        if self.valkey:
            ours["OPSCONSOLE_REDIS_URL"] = self.valkey.url
        if not is_set(environ, "SMTP_URL"):
            self.mail_port = _any_port()
            ours |= {
                "SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
                "SMTP_FROM": "OpsConsole <ops@example.test>",
            }
        return ours | {name: self.wanted.sandbox_url + path for name, path in SANDBOX_PATHS.items()}

    def start(self) -> None:
        self.wanted.check(self.env)
        if self.postgres:
            if self.postgres.elsewhere:
                self.say(
                    f"PostgreSQL's account cannot reach {self.home}: its data is in {self.postgres.data}"
                )
            self.supervisor.start(self.postgres)
        if self.valkey:
            self.supervisor.start(self.valkey)
        mail = ("--mail-port", str(self.mail_port)) if self.mail_port else ()
        sandbox = self._program("sandbox", "--port", str(self.wanted.sandbox_port), *mail)
        self._start_and_await(sandbox, lambda: _listening("127.0.0.1", self.wanted.sandbox_port))
        self.supervisor.run_once(self._program("migrate"))
        if self.wanted.demo:
            self._seed()
        web = self._program("web", "--port", str(self.wanted.port))
        self._start_and_await(web, lambda: _says_ready(self.wanted.port))
        self.supervisor.start(self._program("worker"))
        self.supervisor.start(self._program("clock"))

    def _program(self, command: str, *arguments: str) -> Program:
        env = self.env | {"PORT": str(self.wanted.port), "SANDBOX_PORT": str(self.wanted.sandbox_port)}
        return Program(command, [*self.wanted.command, command, *arguments], env, places.logs(self.home))

    def _start_and_await(self, program: Program, ready: Callable[[], bool]) -> None:
        self.supervisor.start(program)
        deadline = time.monotonic() + READY_WITHIN
        while not ready():
            self.supervisor.tend()
            if self.supervisor.deaths(program) >= TOO_MANY_DEATHS:
                raise CannotStart(f"`{program.name}` does not stay up:\n{program.last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"`{program.name}` is not ready after {READY_WITHIN:.0f} s:\n{program.last_words()}"
                )
            time.sleep(0.05)

    def _seed(self) -> None:
        """Makes what is missing. The day is chosen once, so that one cut short goes on as it began."""
        ends_on = self.home / "demo-ends-on"
        if not ends_on.exists():
            ends_on.write_text(dt.datetime.now(dt.UTC).date().isoformat())
        self.say(f"Demo data: {self.wanted.customers} customers, unless there are some already …")
        count = str(self.wanted.customers)
        self.supervisor.run_once(self._program("seed", "--customers", count, "--as-of", ends_on.read_text()))

    def welcome(self) -> str:
        lines = [
            f"OpsConsole is ready: {self.wanted.url}",
            f"The sandbox (every vendor, and what staff are mailed): {self.wanted.sandbox_url}",
        ]
        if self.wanted.demo:
            lines += [
                f"Sign in as {SIGN_INS}",
                "Password: demo-password",
                f"Token for scripts: {self.env['OPSCONSOLE_DEMO_TOKEN']} (see {self.home / 'secrets.json'})",
            ]
        return "\n".join([*lines, f"Logs: {self.home / 'log'}. Ctrl-C stops everything."])


def _says_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return answer.status == 200
