"""What a page asks the database: counted in this process, the slowest explained."""

from __future__ import annotations

import re
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
    """One statement with its values."""

    query: str
    values: Any


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
        for engine in db.engines.values():
            engine.dispose()
    return found


def _listen(sent: list[Sent]) -> None:
    def note(_connection: Any, _cursor: Any, query: str, values: Any, *_: Any) -> None:
        sent.append(Sent(query, values))

    for engine in db.engines.values():
        event.listen(engine, "before_cursor_execute", note)


def explained(parts: Parts, pages: Mapping[str, list[Sent]]) -> str:
    """The plans of the slowest statements, of those that differ. Each is run again for its plan, so that what counts is
    the database's own time and not a moment when this process had to wait."""
    which = {one.query: (path, one) for path, all in pages.items() for one in all}
    plans = []
    with psycopg.connect(parts.address(owner=True)) as connection:
        for path, one in which.values():
            rows = connection.execute(f"explain (analyze, buffers) {one.query}".encode(), one.values)
            plan = [str(row[0]) for row in rows]
            plans.append((float(plan[-1].split()[2]), path, one.query, plan))  # "Execution Time: 0.123 ms"
    told = []
    for took, path, query, plan in sorted(plans, key=lambda found: -found[0])[:WORST]:
        told += [f"\n{took:.1f} ms, on {path}", " ".join(query.split()), *(f"  {line}" for line in plan)]
    return "\n".join(told)
