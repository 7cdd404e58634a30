"""A whole console of real processes that tests may kill: database, Valkey, sandbox, web, workers, clock."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis
import requests

from opsconsole.machine.postgres import Postgres
from opsconsole.machine.processes import spawn, stop
from opsconsole.machine.valkey import Valkey

from ..conftest import _prepare
from ..house import KEY, SECRET, TOKENS

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Process:
    """One console process: how it is started, and its present incarnation."""

    name: str
    run: list[Any]
    pid: int = 0
    born_at: float = 0.0

    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return bool(self.pid)

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.born_at


class Machine:
    """Enter it to start everything. `restart` and the kill methods break it; `tend` starts what is dead."""

    def __init__(self, home: Path, *, workers: int = 2, durable: bool = False) -> None:
        self.home = home
        self.postgres = Postgres(home, durable=durable)
        self.valkey = Valkey(home)
        self.port, self.sandbox_port = _free_port(), _free_port()
        self.url, self.sandbox_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.sandbox_port}"
        self.web = Process("web", ["web", self.port])
        self.clock = Process("clock", ["clock"])
        self.workers = [Process(f"worker-{n}", ["worker"]) for n in range(1, workers + 1)]
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "HOME") if name in os.environ},
            "OPSCONSOLE_ENV": "sandbox",
            "OPSCONSOLE_HOME": str(home),
            "OPSCONSOLE_SECRET_KEY": "x" * 40,
            "OPSCONSOLE_DATABASE_URL": self.postgres.app_url,
            "OPSCONSOLE_REDIS_URL": self.valkey.url,
            "OPSCONSOLE_SANDBOX_URL": self.sandbox_url,
            "STRIPE_API_KEY": KEY,
            "STRIPE_API_BASE": self.sandbox_url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }
        self.api = Client(self.url, TOKENS["demo"])
        self.shop = Client(self.url, TOKENS["shop"])
        self.sandbox = Client(self.sandbox_url, "")
        self._nursery: subprocess.Popen[str] | None = None
        self._sandbox: subprocess.Popen[bytes] | None = None
        self._one = threading.Lock()

    # ------------------------------------------------------------ life

    def __enter__(self) -> Machine:
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.env, cwd=ROOT, process_group=0,
        )  # fmt: skip
        state = str(self.home / "sandbox.sqlite")
        self._sandbox = spawn(
            [sys.executable, "-m", "opsconsole.sandbox", "--port", str(self.sandbox_port), "--state", state,
             "--webhook-url", self.url],
            env=self.env, log=self.home / "log" / "sandbox.log",
        )  # fmt: skip
        try:
            self.postgres.start()
            self.valkey.start()
            _prepare(self.postgres.owner_url)
            for process in (self.web, self.clock, *self.workers):
                self.start(process)
            self.wait(lambda: self.sandbox.answers("/_sandbox/clock"), "the sandbox listens")
            self.wait(lambda: self.api.answers("/readyz"), "the console is ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._nursery and self._nursery.stdin:
            self._nursery.stdin.close()
            self._nursery.wait(10)
        if self._sandbox:
            stop(self._sandbox, signal.SIGTERM, 3)
        self.valkey.discard()
        self.postgres.discard()

    def start(self, process: Process, **env: str) -> None:
        """Start a console process, perhaps with something more in its environment."""
        assert self._nursery and self._nursery.stdin and self._nursery.stdout
        order = {"run": process.run, "env": env, "log": str(self.home / "log" / f"{process.name}.log")}
        with self._one:
            self._nursery.stdin.write(json.dumps(order) + "\n")
            self._nursery.stdin.flush()
            process.pid = int(self._nursery.stdout.readline())
        process.born_at = time.monotonic()

    def tend(self) -> list[str]:
        """Start again what is dead. Returns its names."""
        dead = [process for process in (self.web, self.clock, *self.workers) if not process.alive()]
        for process in dead:
            self.start(process)
        return [process.name for process in dead]

    # ------------------------------------------------------------ harm

    def kill(self, process: Process) -> tuple[int, float]:
        """kill -9. Returns the id it had and the moment of its death, in seconds since 1970."""
        pid = process.pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        at = time.time()
        self.wait(lambda: not process.alive(), f"{process.name} is gone", every=0.002)
        return pid, at

    def restart_postgres(self, *, down: float = 0.0) -> None:
        """An immediate shutdown, which cuts every connection, and a start `down` seconds later."""
        self.postgres.kill(signal.SIGQUIT)
        self.wait(lambda: not self.postgres.alive(), "PostgreSQL is down")
        time.sleep(down)
        self.postgres.start()

    def flush_valkey(self) -> None:
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()

    def restart_valkey(self, *, down: float = 0.0) -> None:
        self.valkey.kill(signal.SIGKILL)
        time.sleep(down)
        self.valkey.start()

    # ------------------------------------------------------------ looking and waiting

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the database holds, for what no door shows."""
        address = self.postgres.app_url.replace("+psycopg", "", 1)
        with psycopg.connect(address) as connection:
            return connection.execute(query, values).fetchall()

    def offset(self) -> float:
        """How far the sandbox is ahead of real time, in seconds."""
        return float(self.sandbox.get("/_sandbox/clock")["offset_seconds"])

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time, and wait until the console has followed."""
        ahead = self.sandbox.post("/_sandbox/clock/advance", {"seconds": seconds})["offset_seconds"]
        self.wait(lambda: abs(self._console_ahead() - ahead) < 1, "the console's clock follows", tend=True)

    def _console_ahead(self) -> float:
        with contextlib.suppress(psycopg.Error):
            return float(self.rows("select extract(epoch from instant() - now())")[0][0])
        return -1.0

    def fault(self, kind: str, method: str, **more: Any) -> str:
        return str(self.sandbox.post("/_sandbox/faults", {"kind": kind, "method": method, **more})["id"])

    def ledger(self) -> list[dict[str, Any]]:
        """The refunds that really happened."""
        return list(self.sandbox.get("/_sandbox/ledger?kind=refund")["entries"])

    def wait(
        self,
        holds: Callable[[], Any],
        what: str,
        *,
        seconds: float = 30,
        every: float = 0.05,
        tend: bool = False,
    ) -> Any:
        """Wait until something holds; what it returned. With `tend`, start again what dies meanwhile."""
        until = time.monotonic() + seconds
        while not (found := holds()):
            if tend:
                self.tend()
            assert time.monotonic() < until, f"not within {seconds} s: {what}\n{self.last_words()}"
            time.sleep(every)
        return found

    def last_words(self) -> str:
        """The end of every process's log."""
        logs = sorted((self.home / "log").glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)

    # ------------------------------------------------------------ scenes

    def paid_orders(self, count: int, amount: int = 100_00) -> list[dict[str, Any]]:
        """Orders that are paid, as the shop tells of them. Limits are lifted: what is tested here is not the brake."""
        self.rows("update limits set alone = 10000000000, at_most = null returning id")
        seen = int(self.rows("select count(*) from orders")[0][0])
        numbers = range(seen, seen + count)
        self.load_payments((f"pi_chaos{n}" for n in numbers), amount)
        self.shop.post("/customers", {"reference": "chaos", "name": "Jo Field", "email": "jo@example.test"})
        price = f"{amount / 100:.2f}"
        urls = []
        for n in numbers:
            told = {
                "reference": f"C{n}", "customer": "chaos", "currency": "usd", "total": price, "payment": f"pi_chaos{n}",
                "lines": [{"sku": "NC60", "name": "Night cream", "quantity": 1, "unit_price": price}],
            }  # fmt: skip
            urls.append(self.shop.post("/orders", told)["subject"])
        self.wait(
            lambda: (
                self.rows("select count(*) from payments where status = 'succeeded'")[0][0] == seen + count
            ),
            "all payments are read from the processor",
        )
        return [self.api.get(url) for url in urls]

    def load_payments(self, ids: Iterable[str], amount: int) -> None:
        """Payments at the processor, as checkouts have made them."""
        shape = {"object": "payment", "amount": amount, "currency": "usd", "created": int(time.time())}
        body = "\n".join(json.dumps({**shape, "id": id}) for id in ids)
        requests.post(f"{self.sandbox_url}/_sandbox/stripe/load", data=body, timeout=30).raise_for_status()

    def page(self) -> requests.Session:
        """A browser in which Sam of support is signed in."""
        from ..house import PASSWORD, PEOPLE

        browser = requests.Session()
        browser.headers["Accept"] = "text/html"
        form = browser.get(f"{self.url}/sign-in", timeout=10).text
        token = form.split('name="csrf_token" value="')[1].split('"')[0]
        fields = {"csrf_token": token, "email": PEOPLE["support"][0], "password": PASSWORD}
        browser.post(f"{self.url}/sign-in", data=fields, timeout=10).raise_for_status()
        return browser


class Client:
    """JSON with a bearer token. Raises for what is not a success; `ask` tells it instead."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {
            "Accept": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        self._local = threading.local()

    @property
    def session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.headers.update(self.headers)
        return self._local.session

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response | None:
        """The answer, None when nobody answered."""
        try:
            return self.session.request(method, self.url + path, json=body, headers=headers, timeout=30)
        except requests.RequestException:
            return None

    def get(self, path: str) -> Any:
        return self._success(self.ask("GET", path))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._success(self.ask("POST", path, body or {}, **headers))

    def answers(self, path: str) -> bool:
        answer = self.ask("GET", path)
        return answer is not None and answer.status_code == 200

    def _success(self, answer: requests.Response | None) -> Any:
        assert answer is not None, f"{self.url} does not answer"
        assert answer.ok, f"{answer.request.path_url}: {answer.status_code} {answer.text[:600]}"
        return answer.json()


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
