from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from opsconsole.machine import supervisor as subject
from opsconsole.machine.processes import CannotStart, Started, end_stranded
from opsconsole.machine.supervisor import Supervisor


class Mayfly:
    """A service that dies when the test says so."""

    name = "mayfly"
    stop_signal = signal.SIGTERM
    pid = None

    def __init__(self) -> None:
        self.living = False
        self.starts = 0
        self.refuses = False

    def start(self) -> None:
        if self.refuses:
            raise CannotStart("Not today.")
        self.living = True
        self.starts += 1

    def alive(self) -> bool:
        return self.living

    def exit_code(self) -> int:
        return -9

    def stop(self, grace: float) -> None:
        self.living = False


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The supervisor's time, moved by the test."""
    moment = [1000.0]
    monkeypatch.setattr(subject.time, "monotonic", lambda: moment[0])
    return moment


def test_pauses_double_up_to_five_seconds_and_a_settled_service_starts_over(
    tmp_path: Path, now: list[float]
) -> None:
    said: list[str] = []
    supervisor, mayfly = Supervisor(tmp_path, said.append), Mayfly()
    supervisor.start(mayfly)
    pauses = []
    for _ in range(8):
        mayfly.living = False
        supervisor.tend()
        died_at, starts = now[0], mayfly.starts
        while mayfly.starts == starts:
            now[0] += 0.1
            supervisor.tend()
        pauses.append(round(now[0] - died_at, 1))
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert said[0] == "mayfly ended (killed by SIGKILL); starting it again in 0.1 s"
    assert supervisor.deaths(mayfly) == 8

    now[0] += 11
    supervisor.tend()
    mayfly.living = False
    supervisor.tend()
    assert said[-1].endswith("in 0.1 s")


def test_a_service_that_cannot_start_again_is_tried_later(tmp_path: Path, now: list[float]) -> None:
    said: list[str] = []
    supervisor, mayfly = Supervisor(tmp_path, said.append), Mayfly()
    supervisor.start(mayfly)
    mayfly.living, mayfly.refuses = False, True
    supervisor.tend()
    now[0] += 1
    supervisor.tend()
    assert "Not today." in said
    mayfly.refuses = False
    now[0] += 1
    supervisor.tend()
    assert mayfly.living


def test_a_process_with_a_recorded_id_that_is_not_the_recorded_one_is_left_alone() -> None:
    innocent = subprocess.Popen(["sleep", "60"])
    try:
        really = Started.of(innocent.pid)
        assert really and really.alive()
        end_stranded([(Started(innocent.pid, "another boot/1"), signal.SIGKILL)], grace=0.1)
        assert innocent.poll() is None
        end_stranded([(really, signal.SIGTERM)], grace=0.2)
        assert innocent.wait(5) == -signal.SIGTERM
    finally:
        innocent.kill()
        innocent.wait()
