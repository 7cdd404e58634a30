"""What a page asks the database: counted and timed in this process, the slowest explained."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import event

from opsconsole import create_app
from opsconsole.config import Settings
from opsconsole.db import db

from .parts import Parts

WORST = 3


@dataclass(frozen=True)
class Sent:
    """One statement with its values, and the milliseconds until its rows began to come."""

    query: str
    values: Any
    took: float


def statements_of(parts: Parts, paths: Iterable[str], sign_in: Mapping[str, str]) -> dict[str, list[Sent]]:
    """The statements of each page, asked for once before so that caches are warm."""
    app = create_app(Settings.from_environment(parts.env))
    found: dict[str, list[Sent]] = {}
    sent: list[Sent] = []
    with app.app_context():
        _listen(sent)
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token, "the sign-in page has a token"
    client.post("/sign-in", data={**sign_in, "csrf_token": token[1]})
    for path in paths:
        client.get(path)
        sent.clear()
        client.get(path)
        found[path] = list(sent)
    with app.app_context():
        db.engine.dispose()
    return found


def _listen(sent: list[Sent]) -> None:
    began: list[float] = []

    def before(*_: Any) -> None:
        began.append(time.perf_counter())

    def after(_connection: Any, _cursor: Any, query: str, values: Any, *_: Any) -> None:
        sent.append(Sent(query, values, (time.perf_counter() - began.pop()) * 1000))

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)


def explained(parts: Parts, pages: Mapping[str, list[Sent]]) -> str:
    """The plans of the slowest statements, of those that differ."""
    slowest = {
        one.query: (path, one) for path, all in pages.items() for one in sorted(all, key=lambda s: s.took)
    }
    worst = sorted(slowest.values(), key=lambda found: -found[1].took)[:WORST]
    told = []
    with psycopg.connect(parts.address(owner=True)) as connection:
        for path, one in worst:
            plan = connection.execute(f"explain (analyze, buffers) {one.query}".encode(), one.values)
            told += [
                f"\n{one.took:.1f} ms, on {path}",
                " ".join(one.query.split()),
                *(f"  {row[0]}" for row in plan),
            ]
    return "\n".join(told)
