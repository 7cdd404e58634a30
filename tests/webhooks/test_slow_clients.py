"""Slow clients: hundreds of connections that send a byte a second keep nobody else from being served."""

from __future__ import annotations

import http.client
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from ..web import PATIENCE, ask
from .stripe_deliveries import an_event, body_of, signature

SLOW = 300
PROBES = 40


def test_slow_senders_starve_nobody(web: int) -> None:
    """A third of them dawdles in the headers, a third in a webhook's body, a third says nothing at all."""
    body = body_of(an_event())
    with slow_clients(web, [b"GET /healthz HT", headers(body) + body[:20], b""]) as trickle:
        statuses = []
        for _ in range(PROBES):
            trickle()
            statuses.append(ask(web, "GET", "/healthz"))
        assert statuses == [200] * PROBES
        assert ask(web, "GET", "/readyz") == 200
        fresh = body_of(an_event())
        assert ask(web, "POST", "/webhooks/stripe", fresh, {"Stripe-Signature": signature(fresh)}) == 200


def test_a_slow_delivery_that_ends_is_recorded(web: int) -> None:
    body = body_of(an_event())
    with slow_clients(web, [b""]), socket.create_connection(("127.0.0.1", web), timeout=PATIENCE) as line:
        letter = headers(body) + body
        for at in range(0, len(letter), 60):
            line.sendall(letter[at : at + 60])
            time.sleep(0.02)
        assert b" 200 " in line.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
def test_too_large_in_chunks_is_413(web: int, size: int) -> None:
    """No length is told beforehand: counted while it comes, by us up to 2 MiB, by the server beyond."""
    line = http.client.HTTPConnection("127.0.0.1", web, timeout=30)
    parts = (b" " * 65_536 for _ in range(size // 65_536 + 1))
    line.request("POST", "/webhooks/stripe", parts, {"Stripe-Signature": "t=1,v1=0"}, encode_chunked=True)
    assert line.getresponse().status == 413
    line.close()
    assert ask(web, "GET", "/healthz") == 200


def test_chunks_of_a_genuine_delivery_are_put_together(web: int) -> None:
    body = body_of(an_event(padding="x" * 200_000))
    parts = (body[at : at + 1000] for at in range(0, len(body), 1000))
    line = http.client.HTTPConnection("127.0.0.1", web, timeout=30)
    line.request(
        "POST", "/webhooks/stripe", parts, {"Stripe-Signature": signature(body)}, encode_chunked=True
    )
    assert line.getresponse().status == 200
    line.close()


def headers(body: bytes) -> bytes:
    lines = f"POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    return f"{lines}Stripe-Signature: {signature(body)}\r\n\r\n".encode()


@contextmanager
def slow_clients(port: int, beginnings: list[bytes]) -> Iterator[Callable[[], None]]:
    """SLOW connections that have sent one of these beginnings. Gives what sends one more byte on each."""
    with ExitStack() as open_lines:
        lines = []
        for number in range(SLOW):
            line = open_lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            line.sendall(beginnings[number % len(beginnings)])
            lines.append(line)
        last = [time.monotonic()]

        def trickle() -> None:
            if time.monotonic() - last[0] >= 1:
                last[0] = time.monotonic()
                for number, line in enumerate(lines):
                    if beginnings[number % len(beginnings)]:
                        line.sendall(b"x")

        yield trickle
        still_there(lines)


def still_there(lines: list[socket.socket]) -> None:
    """None was cut off or answered meanwhile: they did occupy the server."""
    with selectors.DefaultSelector() as looks:
        for line in lines:
            looks.register(line, selectors.EVENT_READ)
        assert looks.select(timeout=0) == []
