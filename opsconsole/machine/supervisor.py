"""Keeps services running: starts them in order, starts again what dies, stops them in reverse order."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from opsconsole.machine.processes import (
    CannotStart,
    Started,
    adopt_orphans,
    children,
    end_stranded,
    spawn,
    stop,
)

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before a dead service is started again: doubled each time
SETTLED = 10.0  # seconds of life after which a service has earned a short pause again
GRACE = 10.0  # seconds that all services together have to end when asked
LOG_KEPT = 10_000_000  # bytes: a longer log is put aside at the next start


class Stopping(BaseException):
    """Somebody asked us to stop. Not an Exception: nothing on the way may swallow it."""


class Service(Protocol):
    """Something that is started, may die, and is stopped: a program, PostgreSQL, Valkey."""

    @property
    def name(self) -> str: ...
    @property
    def stop_signal(self) -> signal.Signals: ...
    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def alive(self) -> bool: ...
    def exit_code(self) -> int | None: ...
    def stop(self, grace: float) -> None: ...


class Program:
    """One command as a service; its output goes to `<logs>/<name>.log`."""

    stop_signal = signal.SIGTERM

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._command = list(command)
        self._env = dict(env)
        self._process: subprocess.Popen[bytes] | None = None
        self._log_from = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._log_from = self.log.stat().st_size if self.log.exists() else 0
        self._process = spawn(self._command, env=self._env, log=self.log)

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    def stop(self, grace: float) -> None:
        if self._process:
            stop(self._process, self.stop_signal, grace)

    def last_words(self) -> str:
        """The end of what this run wrote to the log, for people."""
        said = self.log.read_bytes()[self._log_from :].decode(errors="replace")
        return "\n".join(said.strip().splitlines()[-20:])


@dataclass
class _Kept:
    service: Service
    pause: float = FIRST_PAUSE
    born_at: float = field(default_factory=time.monotonic)
    start_at: float | None = None  # set while it is dead
    deaths: int = 0


class Supervisor:
    """Use as a context: entering ends what an earlier run left behind, leaving stops everything.

    Ctrl-C, SIGTERM and SIGHUP raise Stopping in the main thread. If this process is killed outright, the
    kernel ends the children (Linux); elsewhere the next start does.
    """

    def __init__(self, home: Path, say: Callable[[str], None] = print) -> None:
        self._say = say
        self._record = home / "processes.json"
        self._kept: list[_Kept] = []
        self._stopping = False
        self._not_ours: set[int] = set()
        self._reaped_at = 0.0

    def __enter__(self) -> Supervisor:
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if (
                asked != signal.SIGHUP or signal.getsignal(asked) != signal.SIG_IGN
            ):  # nohup means what it says
                signal.signal(asked, self._on_signal)
        self._not_ours = set(children())
        adopt_orphans()
        end_stranded(list(self._left_behind()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        deadline = time.monotonic() + GRACE
        for kept in reversed(self._kept):
            kept.service.stop(max(deadline - time.monotonic(), 0.5))
        self._kept.clear()
        self._end_strays()
        self._record.unlink(missing_ok=True)

    def start(self, service: Service) -> None:
        """Start a service and keep it running from now on. Raises CannotStart."""
        kept = _Kept(service)
        self._kept.append(kept)  # first: whatever happens while it starts, it is stopped
        service.start()
        self._write_record()

    def run_once(self, program: Program) -> None:
        """Run a program to its end; the services are kept running. Raises CannotStart when it fails."""
        kept = _Kept(program)
        self._kept.append(kept)
        program.start()
        self._write_record()
        while program.alive():
            self.tend(but=program)
            time.sleep(0.02)
        self._kept.remove(kept)
        self._write_record()
        if program.exit_code():
            raise CannotStart(f"`{program.name}` failed ({_ended(program)}):\n{program.last_words()}")

    def watch(self) -> None:
        """Keep everything running until Stopping."""
        while True:
            self.tend()
            time.sleep(0.1)

    def deaths(self, service: Service) -> int:
        """How often this service has died under our eyes."""
        return sum(kept.deaths for kept in self._kept if kept.service is service)

    def tend(self, but: Service | None = None) -> None:
        """Start again what has died and has paused long enough."""
        if time.monotonic() - self._reaped_at > 1:
            self._reap_strays()
        for kept in self._kept:
            if kept.service is but:
                continue
            if kept.start_at is not None:
                if time.monotonic() >= kept.start_at:
                    self._revive(kept)
            elif not kept.service.alive():
                self._note_death(kept)
            elif time.monotonic() - kept.born_at > SETTLED:
                kept.pause = FIRST_PAUSE

    def _note_death(self, kept: _Kept) -> None:
        kept.deaths += 1
        kept.start_at = time.monotonic() + kept.pause
        self._say(
            f"{kept.service.name} ended ({_ended(kept.service)}); starting it again in {kept.pause:.1f} s"
        )
        kept.pause = min(kept.pause * 2, LONGEST_PAUSE)

    def _revive(self, kept: _Kept) -> None:
        try:
            kept.service.start()
        except CannotStart as problem:
            self._say(str(problem))
            self._note_death(kept)
            return
        kept.born_at, kept.start_at = time.monotonic(), None
        self._write_record()

    def _on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._stopping:  # asked again while we stop: we are at it, and it takes GRACE at most
            self._stopping = True
            raise Stopping

    # -- nothing of ours stays behind
    def _write_record(self) -> None:
        running = []
        for kept in self._kept:
            started = Started.of(kept.service.pid) if kept.service.pid else None
            if started:
                running.append([started.pid, started.began, int(kept.service.stop_signal)])
        part = self._record.with_suffix(".part")
        part.write_text(json.dumps(running))
        part.replace(self._record)

    def _left_behind(self) -> Iterator[tuple[Started, signal.Signals]]:
        with contextlib.suppress(OSError, ValueError):
            for pid, began, ask in json.loads(self._record.read_text()):
                yield Started(pid, began), signal.Signals(ask)

    def _strays(self) -> list[int]:
        known = {kept.service.pid for kept in self._kept} | self._not_ours
        return [pid for pid in children() if pid not in known]

    def _reap_strays(self) -> None:
        self._reaped_at = time.monotonic()
        for pid in self._strays():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)

    def _end_strays(self) -> None:
        """What our services started and left to us when they died."""
        deadline = time.monotonic() + 2
        while (strays := self._strays()) and time.monotonic() < deadline:
            for pid in strays:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)


def _ended(service: Service) -> str:
    code = service.exit_code()
    if code is None:
        return "its process is gone"
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
