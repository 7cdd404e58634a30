"""The pages that staff see all day: how long, how many statements, how many bytes."""

from __future__ import annotations

import http.client
import re
import time
from urllib.parse import urlencode

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event

from opsconsole import create_app
from opsconsole.config import Settings
from opsconsole.db import db

from .parts import SECRET, Parts, free_port
from .table import Row, percentile

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SIGN_IN = {"email": "lee@example.test", "password": "demo-password"}
REPEATS = 60
WITHIN = 2.0  # of the floor
BYTES = 40_000
ORDER_MS = 15.0


def measure(parts: Parts, seconds: float) -> list[Row]:
    order = _an_order(parts)
    pages = (
        ("orders list", "/orders", "/orders"),
        ("order page", f"/orders/{order}", f"/orders/{order}"),
        ("refund page", f"/orders/{order}/refund", f"/orders/{order}"),
    )
    web, bare = free_port(), free_port()
    statements = _statements(parts, [path for _, path, _ in pages])
    rows: list[Row] = []
    with (
        parts.console("web", web),
        parts.running("benchmarks.floor", bare, parts.address(), SECRET),
    ):
        cookie = signed_in(web)
        for name, path, floor_path in pages:
            rows += _compare(name, (web, path), (bare, floor_path), cookie, statements[path])
    return rows


def _compare(
    name: str, ours: tuple[int, str], floor: tuple[int, str], cookie: str, statements: int
) -> list[Row]:
    mine: list[float] = []
    theirs: list[float] = []
    size = floor_size = 0
    lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port, _ in (ours, floor)]
    for _ in range(REPEATS):  # in turns, so that a busy moment of the machine hits both
        took, size = _get(lines[0], ours[1], cookie)
        mine.append(took)
        took, floor_size = _get(lines[1], floor[1], "")
        theirs.append(took)
    for line in lines:
        line.close()
    mine, theirs = mine[5:], theirs[5:]
    p50, floor_p50 = percentile(mine, 0.5), percentile(theirs, 0.5)
    ratio = p50 / floor_p50
    is_list = name.endswith("list")
    goal, met = (
        (f"<= {WITHIN:.0f}x the floor", ratio <= WITHIN)
        if is_list
        else (f"<= {ORDER_MS:.0f} ms", p50 <= ORDER_MS)
    )
    return [
        Row(f"{name}, p50 / p95", f"{p50:.1f} / {percentile(mine, 0.95):.1f} ms",
            f"{floor_p50:.1f} / {percentile(theirs, 0.95):.1f} ms", ratio, goal, met),
        Row("  statements, bytes", f"{statements}, {size:,}", f"1, {floor_size:,}", goal=f"< {BYTES:,} bytes",
            met=size < BYTES),
    ]  # fmt: skip


def _get(line: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, int]:
    """Milliseconds and bytes of one page."""
    began = time.perf_counter()
    line.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
    answer = line.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
    return took, len(body)


def signed_in(port: int) -> str:
    """The session's cookie of the ops lead."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/sign-in", headers={"Accept": "text/html"})
    answer = line.getresponse()
    token = _csrf(answer.read().decode())
    cookie = (answer.headers["Set-Cookie"] or "").split(";")[0]
    fields = urlencode({**SIGN_IN, "csrf_token": token})
    line.request("POST", "/sign-in", fields, {**FORM, "Cookie": cookie})
    answer = line.getresponse()
    answer.read()
    if answer.status != 303:
        raise RuntimeError(f"cannot sign in: {answer.status}")
    return (answer.headers["Set-Cookie"] or "").split(";")[0]


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the sign-in page has a token"
    return found[1]


def _an_order(parts: Parts) -> str:
    """The order that has had the most refunds: a full page."""
    query = """
        select o.id from orders o join payments p on p.order_id = o.id left join refunds r on r.order_id = o.id
        where p.status = 'succeeded' group by o.id order by count(r.id) desc, o.id limit 1
    """
    with psycopg.connect(parts.address()) as connection:
        row = connection.execute(query).fetchone()
    assert row, "the demo data has paid orders"
    return str(row[0])


def _statements(parts: Parts, paths: list[str]) -> dict[str, int]:
    """How many statements each page sends, counted in this process."""
    app = create_app(Settings.from_environment(parts.env))
    counts: dict[str, int] = {}
    sent: list[str] = []
    with app.app_context():
        event.listen(
            db.engine, "before_cursor_execute", lambda *args: sent.append(args[2])
        )  # connection, cursor, statement, ...
    client: FlaskClient = app.test_client()
    token = _csrf(client.get("/sign-in").get_data(as_text=True))
    client.post("/sign-in", data={**SIGN_IN, "csrf_token": token})
    for path in paths:
        client.get(path)
        sent.clear()
        client.get(path)
        counts[path] = len(sent)
    with app.app_context():
        db.engine.dispose()
    return counts
