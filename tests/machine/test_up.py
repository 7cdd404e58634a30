"""The launcher with real PostgreSQL, Valkey and processes; stand_in.py for what the console's commands do."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from opsconsole.machine import places

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for left-over processes in /proc")
STAND_IN = Path(__file__).with_name("stand_in.py")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], what: str, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.1)


class Launcher:
    """`opsconsole up` in a home, as a process."""

    def __init__(self, home: Path, said: str = "said.txt") -> None:
        self.home = home
        self.port, self.sandbox_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._said = home / said

    def start(self, **environment: str) -> Launcher:
        env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        env |= {"OPSCONSOLE_HOME": str(self.home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with open(self._said, "wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, str(STAND_IN), "up", str(self.port), str(self.sandbox_port)],
                env=env | environment,
                stdout=said,
                stderr=said,
            )
        return self

    def ready(self) -> Launcher:
        until(lambda: "is ready" in self.said() or self.ended(), "ready")
        assert not self.ended(), self.said()
        for last in ("worker", "clock"):
            until((self.home / "ran" / f"{last}.json").exists, f"the {last} runs")
        return self

    def said(self) -> str:
        return self._said.read_text()

    def ended(self) -> bool:
        assert self.process
        return self.process.poll() is not None

    def tell(self, sent: signal.Signals) -> int:
        assert self.process
        self.process.send_signal(sent)
        return self.process.wait(15)

    def ran(self, command: str) -> dict[str, object]:
        told: dict[str, object] = json.loads((self.home / "ran" / f"{command}.json").read_text())
        return told

    def pid(self, command: str) -> int:
        return int(str(self.ran(command)["pid"]))

    def names(self) -> list[str]:
        """The customers in the database, as the demo data's maker sees it."""
        env = self.ran("seed")["env"]
        assert isinstance(env, dict)
        with psycopg.connect(env["OPSCONSOLE_DATABASE_URL"].replace("+psycopg", "")) as connection:
            return [str(name) for (name,) in connection.execute("select name from customers order by name")]


@pytest.fixture
def launcher(home: Path) -> Iterator[Launcher]:
    made = Launcher(home)
    yield made
    if made.process and not made.ended():
        made.tell(signal.SIGTERM)
    until(lambda: not processes_of(home), "nothing of ours runs after the test")


def processes_of(home: Path) -> dict[int, str]:
    """Everything that runs for this home: by its environment, its command line, or the directory it is in."""
    places_of_ours = (home, Path("/tmp") / f"opsc-{places.tag(home)}")
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            here = (process / "cwd").readlink()
            if str(home).encode() in words or any(map(here.is_relative_to, places_of_ours)):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    found.pop(os.getpid(), None)
    return found


def test_from_nothing_to_ready_only_once_per_home_and_ctrl_c_leaves_nothing(
    launcher: Launcher, home: Path
) -> None:
    launcher.start().ready()
    assert f"OpsConsole is ready: http://localhost:{launcher.port}" in launcher.said()
    assert "sam@" in launcher.said() and "demo-password" in launcher.said()
    order = sorted((home / "ran").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    assert [file.stem for file in order[:4]] == ["sandbox", "migrate", "seed", "web"]
    assert {file.stem for file in order[4:]} == {"worker", "clock"}
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert launcher.names() == ["Jo", "Kim"]

    second = Launcher(home, said="said-second.txt").start()
    assert second.process and second.process.wait(10) == 1
    assert f"already runs in {home}: http://localhost:{launcher.port}" in second.said()

    running = processes_of(home)
    assert any("sleep 600" in command for command in running.values()), running

    assert launcher.tell(signal.SIGINT) == 0
    until(lambda: not processes_of(home), "nothing is left")


def test_the_environment_wins_and_what_it_gives_is_not_embedded(launcher: Launcher, home: Path) -> None:
    launcher.start(
        OPSCONSOLE_REDIS_URL="redis://elsewhere:6379/1",
        STRIPE_API_BASE="http://127.0.0.1:9",
        STRIPE_API_KEY="",
    ).ready()
    env = launcher.ran("worker")["env"]
    assert isinstance(env, dict)
    assert env["OPSCONSOLE_REDIS_URL"] == "redis://elsewhere:6379/1"
    assert env["STRIPE_API_BASE"] == "http://127.0.0.1:9"
    assert env["STRIPE_API_KEY"].startswith("sk_test_"), "set to nothing counts as not set"
    assert env["OPSCONSOLE_ENV"] == "sandbox"
    assert not any("valkey-server" in command for command in processes_of(home).values())


def killed(home: Path) -> bool:
    """Kill whatever runs, also what somebody who was killed had just begun. True once nothing does."""
    for pid in (alive := processes_of(home)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return not alive


@pytest.mark.chaos
def test_kill_9_leaves_nothing_running_and_nothing_to_repair(launcher: Launcher, home: Path) -> None:
    launcher.start().ready()
    launcher.tell(signal.SIGKILL)
    # The stand-in worker's own child cannot know; the console's worker starts none.
    until(lambda: not [c for c in processes_of(home).values() if "sleep 600" not in c], "nothing is left")
    until(lambda: killed(home), "that child is gone")

    launcher.start().ready()
    assert launcher.names() == ["Jo", "Kim"], "the rows are there, and made once"
    until(lambda: killed(home), "everything at once is gone, the database too")
    assert launcher.process
    launcher.process.wait()

    launcher.start().ready()
    assert launcher.names() == ["Jo", "Kim"]


@pytest.mark.chaos
def test_what_dies_is_started_again(launcher: Launcher, home: Path) -> None:
    launcher.start().ready()
    web = launcher.pid("web")
    postgres = next(pid for pid, command in processes_of(home).items() if "postgres -D" in command)
    valkey = next(pid for pid, command in processes_of(home).items() if "valkey-server" in command)
    for pid in (web, postgres, valkey):
        os.kill(pid, signal.SIGKILL)
    until(lambda: launcher.pid("web") != web, "another web")
    for name in ("web", "postgres", "valkey"):
        until(lambda name=name: f"{name} ended (killed by SIGKILL)" in launcher.said(), f"{name} is missed")

    def back() -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            return launcher.names() == ["Jo", "Kim"]
        return False

    until(back, "the rows are back")
    until(lambda: any("valkey-server" in c for c in processes_of(home).values()), "another Valkey")


def test_a_port_that_is_taken_is_named_with_its_flag(launcher: Launcher) -> None:
    with socket.create_server(("127.0.0.1", launcher.sandbox_port)):
        launcher.start()
        assert launcher.process and launcher.process.wait(10) == 1
    assert f"Port {launcher.sandbox_port} is taken" in launcher.said()
    assert "--sandbox-port" in launcher.said()


def test_seeding_cut_short_goes_on_as_it_began(launcher: Launcher, home: Path) -> None:
    (home / "seed-slowly").touch()
    (home / "demo-ends-on").write_text("2026-01-31")
    launcher.start()
    until((home / "ran" / "seed.json").exists, "it is seeding")
    launcher.tell(signal.SIGTERM)
    (home / "seed-slowly").unlink()
    (home / "ran" / "seed.json").unlink()
    launcher.start().ready()
    assert launcher.ran("seed")["arguments"] == ["--customers", "2", "--as-of", "2026-01-31"]
    assert launcher.names() == ["Jo", "Kim"]


def test_a_step_that_fails_says_why_and_leaves_nothing(launcher: Launcher, home: Path) -> None:
    launcher.start(OPSCONSOLE_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert launcher.process and launcher.process.wait(15) == 1
    assert "`migrate` failed" in launcher.said()
    until(lambda: not processes_of(home), "nothing is left")
