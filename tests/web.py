"""The real web process, one for all tests of a process that knock at it over a socket."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconsole.machine.postgres import RUNNER, Postgres

from .conftest_parts import TEMPLATE, WORKER
from .house import KEY, SECRET

PATIENCE = 5.0  # seconds; a starved server does not answer at all
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def web(cluster: Postgres) -> Iterator[int]:
    """It has a database of its own. Gives its port."""
    name = f"web_{WORKER}"
    cluster.drop_database(name)  # of a worker that crashed and was replaced
    cluster.create_database(name, template=TEMPLATE)
    port = free_port()
    env = {
        **os.environ,
        "OPSCONSOLE_ENV": "sandbox",
        "OPSCONSOLE_DATABASE_URL": cluster.url(name, RUNNER),
        "OPSCONSOLE_SECRET_KEY": "x" * 40,
        "STRIPE_API_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "opsconsole.cli", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=env, cwd=ROOT)
    try:
        until = time.monotonic() + 30
        while ask(port, "GET", "/healthz") != 200:
            assert process.poll() is None and time.monotonic() < until, "the web process does not come up"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)
        cluster.drop_database(name)


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> int | None:
    """The answer's status, None when there is none in time."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request(method, path, body, headers or {})
        return line.getresponse().status
    except OSError:
        return None
    finally:
        line.close()


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
