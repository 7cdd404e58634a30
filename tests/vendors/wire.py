"""A vendor at the other end of a real socket: says exactly the bytes a test wants, keeps what it heard."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any


class Heard:
    """One request as it came in."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ", 2)
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}


Say = Callable[[Heard, socket.socket], None]


def http(body: bytes | str | Any, status: str = "200 OK", length: int | None = None, **headers: str) -> bytes:
    """An HTTP answer; what is neither bytes nor text is sent as JSON."""
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Wire:
    """Listens on 127.0.0.1. `say` answers each request; returning leaves the connection open for the next."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.connections = 0
        self.say: Say = lambda heard, conn: conn.sendall(http({}))
        self.over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, *answers: bytes) -> None:
        """Say these one after the other, the last one for ever."""
        queue = list(answers)

        def say(heard: Heard, conn: socket.socket) -> None:
            conn.sendall(queue.pop(0) if len(queue) > 1 else queue[0])

        self.say = say

    def heard_of(self, method: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.method == method]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                conn, _ = self._listener.accept()
                self.connections += 1
                self._open.append(conn)
                threading.Thread(target=self._talk, args=(conn,), daemon=True).start()

    def _talk(self, conn: socket.socket) -> None:
        with contextlib.suppress(OSError), conn:
            while raw := _request(conn):
                heard = Heard(raw)
                self.heard.append(heard)
                self.say(heard, conn)

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # or the accept that waits keeps it alive
        self._listener.close()
        for conn in self._open:
            conn.close()


def _request(conn: socket.socket) -> bytes:
    raw = b""
    while b"\r\n\r\n" not in raw:
        got = conn.recv(65536)
        if not got:
            return b""
        raw += got
    _, _, body = raw.partition(b"\r\n\r\n")
    length = int(Heard(raw).headers.get("content-length", 0))
    while len(body) < length:
        got = conn.recv(65536)
        if not got:
            break
        raw, body = raw + got, body + got
    return raw


@contextlib.contextmanager
def wire() -> Iterator[Wire]:
    server = Wire()
    try:
        yield server
    finally:
        server.close()
