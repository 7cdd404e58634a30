"""Child processes that never outlive us, and proof that a process is the one we once started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# Looked up before any fork: the child of a fork must not load libraries.
_prctl = ctypes.CDLL(None).prctl if LINUX else None


class CannotStart(Exception):
    """A part of the machine does not start; the message says which, why and what to do."""


@dataclass(frozen=True)
class Account:
    """The account a server runs as when we are root and it refuses to be."""

    name: str
    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        """The arguments of subprocess that make the child run as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Started:
    """A process beyond doubt: its id and the moment it began, since ids are used again."""

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> Started | None:
        """The process with this id, or None when there is none (or only a zombie)."""
        began = _began_linux(pid) if LINUX else _began_ps(pid)
        return cls(pid, began) if began else None

    def alive(self) -> bool:
        return Started.of(self.pid) == self


def _began_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces
    state, ticks = fields[0], fields[19]
    if state in "ZX":
        return None
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{ticks}"


def _began_ps(pid: int) -> str | None:
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "stat=,lstart="], capture_output=True, text=True
    ).stdout
    state, _, began = shown.strip().partition(" ")
    return began.strip() if state and not state.startswith("Z") else None


def command_of(pid: int) -> str:
    """The command line of a process, or an empty string."""
    if LINUX:
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    return subprocess.run(["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True).stdout


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    account: Account | None = None,
    when_we_die: signal.Signals = signal.SIGKILL,
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in its own process group, its output appended to `log`.

    The own group keeps a Ctrl-C of the terminal from reaching it: we stop children in order. On Linux the
    kernel sends it `when_we_die` when this thread ends, however it ends: call from the main thread.
    """
    as_account = account.popen() if account else {}
    with open(log, "ab") as out:
        return subprocess.Popen(
            [str(word) for word in argv],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            process_group=0,
            preexec_fn=_tie(os.getpid(), when_we_die),
            **as_account,
        )


def _tie(parent: int, when_we_die: signal.Signals) -> Callable[[], None]:
    def in_child() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(when_we_die), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return in_child


def adopt_orphans() -> None:
    """Grandchildren whose parent dies become our children, so that we can end them too. Linux only."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> list[int]:
    """Ids of our children, zombies included. Empty where there is no /proc."""
    ours = []
    for stat in Path("/proc").glob("[0-9]*/stat") if LINUX else ():
        with contextlib.suppress(OSError, IndexError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                ours.append(int(stat.parent.name))
    return ours


def stop(process: subprocess.Popen[bytes], ask: signal.Signals, grace: float) -> None:
    """Ask a child to end; after `grace` seconds, end it."""
    if process.poll() is not None:
        return
    process.send_signal(ask)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_stranded(stranded: Sequence[tuple[Started, signal.Signals]], grace: float = 10) -> None:
    """End what an earlier run of ours left behind, no longer our children; touches no other process."""
    _send_all([(one, ask) for one, ask in stranded])
    deadline = time.monotonic() + grace
    while any(one.alive() for one, _ in stranded) and time.monotonic() < deadline:
        time.sleep(0.05)
    _send_all([(one, signal.SIGKILL) for one, _ in stranded])


def _send_all(wanted: Sequence[tuple[Started, signal.Signals]]) -> None:
    for one, sent in wanted:
        if one.alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one.pid, sent)
