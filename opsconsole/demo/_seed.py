"""Making the demo: all of it in one transaction, and the same into the sandbox."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import select, text

from ..config import Settings
from ..db import Model, db, init_database
from ..models import Customer
from ..vendors import sandbox_load
from . import _sign_ins
from ._console import TABLES, Row, Teller
from ._customerio import told_to_customerio
from ._story import Person, person
from ._stripe import told_to_stripe

AT_ONCE = 1000  # customers


class CannotSeed(Exception):
    """Demo data may not or cannot be made here; the sentence says why."""


def seed(settings: Settings, customers: int, as_of: date, sandbox_url: str | None) -> None:
    """Make demo sign-ins, and `customers` customers whose story ends with the first minute of `as_of` (UTC).

    The same arguments make the same rows and, with a `sandbox_url`, the same objects in the sandbox there.
    A console that has customers keeps them as they are. Raises CannotSeed.
    """
    if not settings.sandbox:
        raise CannotSeed(
            f"Demo data belongs into a sandbox, and OPSCONSOLE_ENV is {settings.env}: nothing was made."
        )
    app = Flask(__name__)
    init_database(app, settings)
    with app.app_context():
        try:
            _sign_ins.install(settings)
            _make(customers, datetime.combine(as_of, time(), UTC), sandbox_url)
        finally:
            db.session.remove()
            db.engine.dispose()


def _make(customers: int, until: datetime, sandbox_url: str | None) -> None:
    teller = Teller(_sign_ins.actors(), until)
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended('opsconsole seed', 0))"))
        if connection.scalar(select(Customer.id).limit(1)):
            _progress("There are customers already: they stay as they are.")
            return
        database = connection.connection.driver_connection
        assert isinstance(database, psycopg.Connection)
        _copy(database, teller.products())
        made = 0
        for people in _in_parts(customers, until):
            if sandbox_url:
                _load(sandbox_url, people)
            _copy(database, (row for one in people for row in teller.rows(one)))
            made += len(people)
            _progress(f"Demo data: {made:,} of {customers:,} customers")


def _in_parts(customers: int, until: datetime) -> Iterator[list[Person]]:
    for start in range(0, customers, AT_ONCE):
        yield [person(i, until) for i in range(start, min(start + AT_ONCE, customers))]


def _load(sandbox_url: str, people: list[Person]) -> None:
    """Before the rows are committed: what the sandbox has too much of, the next try finds unchanged."""
    try:
        sandbox_load.load(sandbox_url, (line for one in people for line in told_to_stripe(one)))
        sandbox_load.load(sandbox_url, map(told_to_customerio, people), "customerio")
    except sandbox_load.NotLoaded as problem:
        raise CannotSeed(f"{problem} Nothing was made; try again.") from problem


def _copy(database: psycopg.Connection[Any], told: Iterable[Row]) -> None:
    rows: dict[type[Model], list[Mapping[str, Any]]] = defaultdict(list)
    for model, row in told:
        rows[model].append(row)
    for model in TABLES:
        if rows[model]:
            _copy_table(database, model.__tablename__, rows[model])


def _copy_table(database: psycopg.Connection[Any], table: str, rows: list[Mapping[str, Any]]) -> None:
    columns = list(rows[0])
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with database.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _progress(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
