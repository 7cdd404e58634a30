"""What is measured: the real processes on a database that keeps what it is told, with demo data."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from opsconsole.machine import places
from opsconsole.machine.postgres import Postgres
from opsconsole.machine.processes import spawn, stop
from opsconsole.machine.valkey import Valkey

SECRET = "whsec_of_the_benchmarks"
TOKEN = "token_of_the_benchmarks"


class Parts:
    """Enter it to have a database with demo data, Valkey and the sandbox; `running` adds other processes.

    The data stays in a directory of its own and is found there by the next run that wants as much."""

    def __init__(self, customers: int) -> None:
        self.customers = customers
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Parts:
        above = Path(tempfile.gettempdir()) / f"opsc-bench-{self.customers}"
        places.private_directory(above, passable=True)
        self.home = places.make_home(above / "home")
        self.postgres = Postgres(self.home, durable=True)
        self.valkey = Valkey(self.home)
        self._stack.callback(self.postgres.stop)
        self._stack.callback(self.valkey.discard)
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        self.sandbox_port = free_port()
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.env = {
            **os.environ,
            "OPSCONSOLE_ENV": "sandbox",
            "OPSCONSOLE_HOME": str(self.home),
            "OPSCONSOLE_SECRET_KEY": "benchmark" * 5,
            "OPSCONSOLE_DATABASE_URL": self.postgres.app_url,
            "OPSCONSOLE_MIGRATION_DATABASE_URL": self.postgres.owner_url,
            "OPSCONSOLE_REDIS_URL": self.valkey.url,
            "OPSCONSOLE_SANDBOX_URL": self.sandbox_url,
            "OPSCONSOLE_DEMO_TOKEN": TOKEN,
            "STRIPE_API_KEY": "sk_test_of_the_benchmarks",
            "STRIPE_API_BASE": self.sandbox_url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }
        self._stack.enter_context(
            self.running("opsconsole.sandbox", self.sandbox_port, "--state", self.home / "sandbox")
        )
        self._command("migrate")
        self._seed()

    def _seed(self) -> None:
        """All of it, once: what is there, `seed` leaves as it is. How fast it went is printed."""
        day = self.home / "seeded-as-of"
        if not day.exists():
            day.write_text(dt.datetime.now(dt.UTC).date().isoformat())
        self._command("seed", "--customers", str(self.customers), "--as-of", day.read_text())

    def size(self) -> str:
        """How much there is to find."""
        tables = ("customers", "orders", "order_lines", "payments", "refunds", "audit_entries")
        with psycopg.connect(self.address()) as connection:
            found = [connection.execute(f"select count(*) from {one}".encode()).fetchone() for one in tables]
        return ", ".join(f"{row[0]:,} {one}" for one, row in zip(tables, found, strict=True) if row)

    def _command(self, *words: str) -> None:
        subprocess.run([sys.executable, "-m", "opsconsole.cli", *words], env=self.env, check=True)

    def address(self, *, owner: bool = False) -> str:
        """The database for psycopg."""
        url = self.postgres.owner_url if owner else self.postgres.app_url
        return url.replace("+psycopg", "", 1)

    @contextlib.contextmanager
    def running(self, module: str, port: int | None, *words: object) -> Iterator[int]:
        """A process of `python -m module`, once it listens on `port` (given to it as --port). Yields its id."""
        command = [sys.executable, "-m", module, *map(str, words)]
        if port is not None:
            command += ["--port", str(port)]
        log = places.logs(self.home) / "benchmarks.log"
        process = spawn(command, env=self.env, log=log)
        try:
            wait_for(lambda: port is None or _listens(port), f"{module} listens:\n{log.read_text()[-2000:]}")
            yield process.pid
        finally:
            stop(process, signal.SIGTERM, 5)

    def console(self, command: str, port: int | None = None) -> contextlib.AbstractContextManager[int]:
        """One of the console's processes: web, worker or clock."""
        return self.running("opsconsole.cli", port, command)


def wait_for(holds: Callable[[], object], what: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"Not within {seconds:.0f} s: {what}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def cpu_of(process: int) -> float:
    """Milliseconds of CPU that the threads of a process have used so far, as Linux tells them."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
