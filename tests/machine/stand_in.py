"""Stands in for the console's commands, so that the launcher is tested by itself: `python stand_in.py web …`.

Each command says what it was given in `<home>/ran/<command>.json` and then does as its namesake does:
serve, or run until told to stop, or work and end. `up` is the real one, with this file for its commands.
"""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HOME = Path(os.environ["OPSCONSOLE_HOME"])


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def serve(port: str) -> None:
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Ready).serve_forever()


def database(url: str) -> Any:
    import psycopg

    return psycopg.connect(os.environ[url].replace("+psycopg", ""), autocommit=True)


def migrate() -> None:
    with database("OPSCONSOLE_MIGRATION_DATABASE_URL") as connection:
        connection.execute(
            "create table if not exists customers (name text primary key);"
            "grant select, insert on customers to opsconsole"
        )


def seed() -> None:
    """As the real one: all or nothing, and what is there stays."""
    with database("OPSCONSOLE_DATABASE_URL") as connection, connection.transaction():
        connection.execute("insert into customers values ('Jo') on conflict do nothing")
        while (HOME / "seed-slowly").exists():
            time.sleep(0.05)
        connection.execute("insert into customers values ('Kim') on conflict do nothing")


def worker() -> None:
    """Like a worker with a job in hand: it has a child in a group of its own, and takes its time to end."""
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(1)


def run_up(port: str, sandbox_port: str) -> None:
    from opsconsole.machine.processes import CannotStart
    from opsconsole.machine.up import Wanted, up

    wanted = Wanted(
        HOME,
        int(port),
        int(sandbox_port),
        customers=2,
        demo=True,
        check=len,
        command=(sys.executable, __file__),
    )
    try:
        up(wanted, os.environ, lambda words: print(words, flush=True))
    except CannotStart as problem:
        sys.exit(str(problem))


def main() -> None:
    command, *arguments = sys.argv[1:]
    if command == "up":
        run_up(*arguments)
        return
    ran = HOME / "ran"
    ran.mkdir(exist_ok=True)
    told = {"pid": os.getpid(), "arguments": arguments, "env": dict(os.environ)}
    part = ran / f"{command}.{os.getpid()}.part"
    part.write_text(json.dumps(told))
    part.replace(ran / f"{command}.json")  # whoever reads it reads all of it
    if command in ("web", "sandbox"):
        serve(arguments[arguments.index("--port") + 1])
    elif command == "migrate":
        migrate()
    elif command == "seed":
        seed()
    elif command == "worker":
        worker()
    else:
        signal.pause()


if __name__ == "__main__":
    main()
