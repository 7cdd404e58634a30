"""A Valkey (or Redis) server of our own. It keeps nothing: PostgreSQL remembers, this only wakes workers."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from opsconsole.machine import places
from opsconsole.machine.binaries import valkey_program
from opsconsole.machine.processes import CannotStart, spawn, stop

START_WITHIN = 15.0  # seconds


class Valkey:
    """The server of `home`, on a Unix socket. A running one is attached to, and not stopped."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path) -> None:
        home = places.make_home(home)
        self._log = places.logs(home) / "valkey.log"
        self._folder = places.sockets(home, "valkey")
        self._socket = self._folder / "s"
        self._process: subprocess.Popen[bytes] | None = None
        self._attached = False

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def alive(self) -> bool:
        return self._process.poll() is None if self._process else self._attached and self._answers()

    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    def start(self) -> None:
        """Start the server, or attach to the one that runs. Raises CannotStart with the end of its log."""
        self._process, self._attached = None, self._answers()
        if self._attached:
            return
        options = f"--port 0 --unixsocket {self._socket} --unixsocketperm 700 --dir {self._folder}"
        keeps_nothing = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
        self._process = spawn(
            [valkey_program(), *options.split(), *keeps_nothing],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            log=self._log,
            when_we_die=self.stop_signal,
            cwd="/",
        )
        deadline = time.monotonic() + START_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                stop(self._process, signal.SIGTERM, 1)
                said = self._log.read_text(errors="replace")
                raise CannotStart(f"Valkey does not start. Its log ({self._log}) ends with:\n{said[-1500:]}")
            time.sleep(0.01)

    def stop(self, grace: float = 10) -> None:
        """Stop the server if we started it."""
        process, self._process, self._attached = self._process, None, False
        if process:
            stop(process, self.stop_signal, grace)

    def kill(self, sent: signal.Signals) -> None:
        """Send the server a signal (a test of what happens then)."""
        if self._process:
            self._process.send_signal(sent)
            if sent == signal.SIGKILL:
                self._process.wait()

    def discard(self) -> None:
        """Stop, and remove the socket's directory: for test runs."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self._folder.parent.rmdir()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            try:
                line.connect(str(self._socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False
