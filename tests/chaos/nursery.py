"""Makes console processes by forking one that has imported everything: a new worker takes 0.1 s, not 2 s.

`python -m tests.chaos.nursery` reads one JSON object a line, {"run": [command, arguments], "env": {}, "log":
path}, and answers with the id of the process it made. When its input ends, it ends them all.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

from opsconsole import cli, clock, create_app, worker, wsgi
from opsconsole.config import Settings
from opsconsole.lib import crash


def main() -> None:
    create_app(Settings.from_environment(os.environ))  # imports what is left, and connects to nothing
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    made: list[int] = []
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _live(order)
        made.append(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in made:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _live(order: dict[str, Any]) -> NoReturn:
    """Become the process that was ordered."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(order["env"])
    importlib.reload(crash)  # it reads the environment once, when it is imported
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    code = 1
    try:
        settings = Settings.from_environment(os.environ)
        match order["run"]:
            case ["web", port]:
                cli.end_when_asked()
                wsgi.serve(settings, port)
            case ["worker"]:
                worker.run(settings)
            case ["clock"]:
                clock.run(settings)
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
