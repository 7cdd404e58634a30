"""The wire to any vendor: one whole deadline, a capped body, and the truth about what left this machine.

`requests` alone promises none of this: its time-outs start again with every byte, it reads bodies of
any size, and its exceptions do not say whether the request was sent.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import threading
import time
import zlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ._deadline import deadline as deadline
from ._deadline import ends_at as _deadline_ends_at

CONNECT_SECONDS = 3.0
DEADLINE_SECONDS = 20.0
BODY_LIMIT = 1024 * 1024

_flight: ContextVar[_Flight] = ContextVar("wire_flight")


class NoAnswer(Exception):
    """Nothing usable came back. `sent` says whether any byte of the request had left."""

    def __init__(self, words: str, *, sent: bool) -> None:
        super().__init__(words)
        self.sent = sent


class TooLarge(NoAnswer):
    """The answer is bigger than `BODY_LIMIT`, as sent or once unpacked."""


@dataclass(frozen=True)
class Answer:
    """A complete answer, unpacked. Header names are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_loopback(host: str | None) -> bool:
    if not host:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Exchange(Protocol):
    """The wire as adapters see it. Raises NoAnswer."""

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer: ...


class Wire:
    """HTTP over `requests`: no redirects, no retries, one session per thread and process.

    A proxy named in the environment is used, except for loopback; nothing else of it is believed (a
    ~/.netrc would replace the credentials).
    """

    def __init__(self, body_limit: int = BODY_LIMIT) -> None:
        self._mine = threading.local()
        self._body_limit = body_limit

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        """One request and its answer, whatever the status. Raises NoAnswer when none is complete in time."""
        ends_at = _deadline_ends_at.get() or time.monotonic() + DEADLINE_SECONDS
        flight = _Flight(ends_at)
        token = _flight.set(flight)
        try:
            with flight:
                return self._exchange(flight, method, url, headers, body)
        except NoAnswer:
            raise
        except Exception as error:
            late = flight.late or time.monotonic() >= ends_at
            words = "No answer in time." if late else f"The connection failed ({type(error).__name__})."
            raise NoAnswer(words, sent=flight.sent) from error
        finally:
            _flight.reset(token)

    def _exchange(
        self, flight: _Flight, method: str, url: str, headers: Mapping[str, str], body: Any
    ) -> Answer:
        left = flight.seconds_left()
        if left <= 0:
            raise NoAnswer("No time was left to ask.", sent=False)
        answer = self._session().request(
            method,
            url,
            headers={**headers, "Accept-Encoding": "gzip"},
            data=body,
            timeout=(min(CONNECT_SECONDS, left), left),
            stream=True,
            allow_redirects=False,
            proxies={} if is_loopback(urlsplit(url).hostname) else get_environ_proxies(url),
        )
        try:
            packed = _read(answer.raw, self._body_limit)
        finally:
            answer.raw.close()
        if flight.late:  # a body without a length ends silently when the wire is cut
            raise NoAnswer("No answer in time.", sent=True)
        unpacked = _unpacked(packed, answer.headers.get("Content-Encoding"), self._body_limit)
        return Answer(answer.status_code, CaseInsensitiveDict(answer.headers), unpacked)

    def _session(self) -> requests.Session:
        # a forked worker must not talk on its parent's connections
        if getattr(self._mine, "pid", None) != os.getpid():
            session = requests.Session()
            session.trust_env = False
            session.mount("http://", _WatchedAdapter())
            session.mount("https://", _WatchedAdapter())
            self._mine.session, self._mine.pid = session, os.getpid()
        mine: requests.Session = self._mine.session
        return mine

    def close(self) -> None:
        session = getattr(self._mine, "session", None)
        if session is not None:
            session.close()


def _read(raw: Any, limit: int) -> bytes:
    """All of the body, or one byte more than the limit. A body cut short shows in the last, empty read."""
    body = b""
    while len(body) <= limit and (part := raw.read(limit + 1 - len(body), decode_content=False)):
        body += part
    return body


def _unpacked(body: bytes, encoding: str | None, limit: int) -> bytes:
    """The body as its sender meant it, never more than the limit."""
    if encoding and encoding.lower() != "identity" and len(body) <= limit:
        if encoding.lower() != "gzip":
            raise NoAnswer("The answer is packed in a way that was not asked for.", sent=True)
        unzip = zlib.decompressobj(wbits=31)
        body = unzip.decompress(body, limit + 1)
        if not unzip.eof and len(body) <= limit:
            raise NoAnswer("The answer is cut short.", sent=True)
    if len(body) > limit:
        raise TooLarge("The answer is too large.", sent=True)
    return body


class _Flight:
    """One exchange on the wire: has it left, and a second handle of its socket to cut it when time is up.

    A read blocked in TLS or on a header that trickles in cannot be timed out from the thread that reads,
    so a timer shuts the connection down from outside.
    """

    def __init__(self, ends_at: float) -> None:
        self.sent = False
        self.late = False
        self._ends_at = ends_at
        self._wire: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(0.0, self.seconds_left()), self._cut)
        self._timer.daemon = True

    def seconds_left(self) -> float:
        return self._ends_at - time.monotonic()

    def watch(self, sock: socket.socket) -> None:
        with self._lock:
            if self._wire is not None:
                self._wire.close()
            self._wire = socket.socket(fileno=os.dup(sock.fileno()))
        if self.late:
            self._cut()

    def leave(self, sock: socket.socket) -> None:
        """Bytes of the request are about to go out on this connection."""
        self.sent = True
        if self._wire is None:
            self.watch(sock)

    def _cut(self) -> None:
        self.late = True
        with self._lock:
            if self._wire is not None:
                with contextlib.suppress(OSError):
                    self._wire.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._wire is not None:
                self._wire.close()
                self._wire = None


class _Watched(HTTPConnection):
    """A connection that tells its flight when it is made and when bytes leave."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        _flight.get().watch(sock)
        return sock

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _flight.get().leave(self.sock)
        super().send(data)


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _WatchedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class _WatchedAdapter(HTTPAdapter):
    _pools: ClassVar = {"http": _WatchedPool, "https": _WatchedTLSPool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager
