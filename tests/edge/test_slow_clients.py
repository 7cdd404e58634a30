"""Slow clients leave the console usable: slow in the headers, in a form, in reading what they asked for."""

from __future__ import annotations

import http.client
import re
import resource
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlencode

import pytest

from ..house import PASSWORD, PEOPLE

ASVS = {"13.1.2": "connections", "15.1.3": "what is costly"}
PROBES = 40
SLOWEST = 0.25  # seconds for 19 pages in 20, on a machine that does nothing else; others' load is taken off
FORM = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nemail="  # noqa: E501
BEGINNINGS = (
    b"GET /orders HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",  # slow headers
    FORM,  # a slow body
    b"GET /static/vendor/htmx.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4,  # never reads
)


def signed_in(port: int) -> dict[str, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/sign-in")
    answer = line.getresponse()
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
    assert found
    form = urlencode({"csrf_token": found[1], "email": PEOPLE["support"][0], "password": PASSWORD})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/sign-in", form, headers)
    answer = line.getresponse()
    assert answer.status == 303, answer.read()
    cookies = [one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie")]
    line.close()
    return {"Cookie": "; ".join(cookies)}


def pages(port: int, headers: dict[str, str]) -> tuple[list[float], list[int]]:
    """How long each of PROBES pages took, on a new connection each, and its status."""
    took, statuses = [], []
    for _ in range(PROBES):
        began = time.perf_counter()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        line.request("GET", "/orders", headers=headers)
        answer = line.getresponse()
        answer.read()
        statuses.append(answer.status)
        line.close()
        took.append(time.perf_counter() - began)
    return took, statuses


def p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95) - 1]


def starve(port: int, many: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    headers = signed_in(port)
    alone, _ = pages(port, headers)
    with ExitStack() as lines:
        slow = []
        for number in range(many):
            line = lines.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            line.settimeout(10)
            line.connect(("127.0.0.1", port))
            line.sendall(BEGINNINGS[number % 3])
            slow.append(line)
        for number, line in enumerate(slow):
            if number % 3 < 2:
                line.sendall(b"x")
        time.sleep(0.5)
        took, statuses = pages(port, headers)
    assert statuses == [200] * PROBES
    assert p95(took) <= max(SLOWEST, 3 * p95(alone)), (p95(took), p95(alone))


def test_two_hundred_starve_nobody(web: int) -> None:
    starve(web, 200)


@pytest.mark.soak
def test_a_thousand_starve_nobody(web: int) -> None:
    starve(web, 1000)


def test_a_byte_now_and_then_is_no_request_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    from opsconsole.wsgi import WHOLE_REQUEST, Line

    line = Line.__new__(Line)
    line.begun, line.will_close = time.monotonic() - WHOLE_REQUEST - 1, False
    assert line.received(b"x") is False and line.will_close
