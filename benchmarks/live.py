"""Two hundred screens that stay open all day: what their polling costs the web process while little moves."""

from __future__ import annotations

import heapq
import http.client
import os
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psycopg

from .pages import signed_in
from .parts import Parts, cpu_of, free_port
from .table import Row, percentile

VIEWERS = 200
REFUNDS = 20  # of them look at a refund that is under way, the others at the board
BOARD_EVERY, REFUND_EVERY = (
    15.0,
    2.0,
)  # seconds between two looks: the quickest that static/live.js goes on these pages
SECONDS = 30.0
LINES = 16  # connections that the screens share
GOAL = 5.0  # per cent of the box

Screen = tuple[str, float]  # path, seconds between two looks


@dataclass
class Seen:
    """`cpu` is what the process used, in seconds."""

    cpu: float = 0.0
    took: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def of_one_core(self) -> float:
        return self.cpu / self.took * 100

    @property
    def of_the_box(self) -> float:
        return self.of_one_core / (os.cpu_count() or 1)

    @property
    def per_poll(self) -> float:
        return self.cpu / len(self.times) * 1000


def measure(parts: Parts, seconds: float) -> list[Row]:
    web, bare = free_port(), free_port()
    seconds = max(SECONDS, seconds)
    board: list[Screen] = [("/", BOARD_EVERY)] * (VIEWERS - REFUNDS)
    with (
        parts.console("web", web) as ours,
        parts.running("benchmarks.floor", bare, parts.address(), "-") as floor,
    ):
        cookie = signed_in(web)
        screens = board + [(_under_way(parts), REFUND_EVERY)] * REFUNDS
        mine = _watch(ours, web, cookie, screens, seconds)
        theirs = _watch(floor, bare, "", [("/unchanged", every) for _, every in screens], seconds)
    return _rows(mine, theirs)


def _rows(mine: Seen, theirs: Seen) -> list[Row]:
    unchanged = mine.statuses[304] / len(mine.times) * 100
    return [
        Row(f"{VIEWERS} viewers, {len(mine.times) / mine.took:.0f} polls/s: CPU of the box", f"{mine.of_the_box:.1f} %",
            f"{theirs.of_the_box:.1f} %", mine.of_the_box / max(theirs.of_the_box, 0.01), f"< {GOAL:.0f} %",
            mine.of_the_box < GOAL),
        Row("  CPU per poll", f"{mine.per_poll:.2f} ms", f"{theirs.per_poll:.2f} ms"),
        Row("  p50 / p95", f"{percentile(mine.times, 0.5):.1f} / {percentile(mine.times, 0.95):.1f} ms",
            f"{percentile(theirs.times, 0.5):.1f} / {percentile(theirs.times, 0.95):.1f} ms"),
        Row("  answered with 304", f"{unchanged:.0f} %", "100 %"),
    ]  # fmt: skip


def _watch(process: int, port: int, cookie: str, screens: list[Screen], seconds: float) -> Seen:
    """Let all screens poll for so long, each from another moment on."""
    seen = Seen()
    known = {path: _version(port, cookie, path) for path, _ in screens}
    shares = [screens[nth::LINES] for nth in range(LINES)]
    threads = [
        threading.Thread(target=_line, args=(port, cookie, share, known, seconds, seen))
        for share in shares
        if share
    ]
    cpu, began = cpu_of(process) / 1000, time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen.cpu, seen.took = cpu_of(process) / 1000 - cpu, time.monotonic() - began
    return seen


def _version(port: int, cookie: str, path: str) -> str:
    """What a screen that has just been opened shows."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
    found = re.search(r'data-live="(\w+)"', line.getresponse().read().decode())
    line.close()
    return found[1] if found else ""


def _line(
    port: int, cookie: str, screens: list[Screen], known: dict[str, str], seconds: float, seen: Seen
) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    until = time.monotonic() + seconds
    due = [(time.monotonic() + random.random() * every, nth) for nth, (_, every) in enumerate(screens)]
    heapq.heapify(due)
    while due and due[0][0] < until:
        at, nth = due[0]
        path, every = screens[nth]
        time.sleep(max(0.0, at - time.monotonic()))
        headers = {
            "Cookie": cookie,
            "Accept": "text/html",
            "X-Poll": "1",
            "If-None-Match": f'"{known[path]}"',
        }
        began = time.perf_counter()
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        body = answer.read().decode()
        seen.times.append((time.perf_counter() - began) * 1000)
        seen.statuses[answer.status] += 1
        if answer.status == 200:
            version = re.search(r'data-live="(\w+)"', body)
            known[path] = version[1] if version else ""
        elif answer.status != 304:
            raise RuntimeError(f"{path}: {answer.status} {body[:300]}")
        heapq.heapreplace(due, (at + every, nth))
    line.close()


def _under_way(parts: Parts) -> str:
    """The page of a refund that is not at its end."""
    query = "select id from refunds where status in ('planned', 'submitted', 'pending', 'requires_action') limit 1"
    with psycopg.connect(parts.address()) as connection:
        row = connection.execute(query).fetchone()
    assert row, "the demo data has refunds under way"
    return f"/refunds/{row[0]}"
