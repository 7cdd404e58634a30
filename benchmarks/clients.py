"""Clients that ask again as soon as they are answered, over connections that stay open."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

Request = tuple[str, str, bytes | None, dict[str, str]]  # method, path, body, headers


@dataclass(frozen=True)
class Measured:
    """`rate` in answers per second, `times` of each answer in milliseconds, `size` of the last in bytes."""

    rate: float
    times: list[float]
    size: int


def ask(port: int, make: Callable[[], Request], *, clients: int, seconds: float) -> Measured:
    """Ask for `seconds` with so many clients at once. Raises RuntimeError for an answer that is not 200."""
    times: list[list[float]] = [[] for _ in range(clients)]
    troubles: list[str] = []
    sizes: list[int] = [0]
    until = time.monotonic() + seconds

    def client(mine: list[float]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (began := time.monotonic()) < until and not troubles:
            line.request(*make())
            answer = line.getresponse()
            body = answer.read()
            mine.append((time.monotonic() - began) * 1000)
            sizes[0] = len(body)
            if answer.status != 200:
                troubles.append(f"{answer.status}: {body[:300]!r}")
        line.close()

    threads = [threading.Thread(target=client, args=(mine,)) for mine in times]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise RuntimeError(troubles[0])
    everything = [one for mine in times for one in mine]
    return Measured(len(everything) / (time.monotonic() - began), everything, sizes[0])
