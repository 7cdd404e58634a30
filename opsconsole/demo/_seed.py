"""Making the demo: all of it in one transaction, and the same into the sandbox."""

from __future__ import annotations

import contextlib
import time as clock
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import create_engine, select, text

from ..config import Settings
from ..db import db, init_database
from ..keyring import INDEXES, init_keyring, ring
from ..models import Customer
from ..vendors import sandbox_load
from . import _photos, _sign_ins
from ._console import TABLES
from ._parts import Part, TableLines, parts
from ._progress import Progress

# Nobody analyzes tables that grow inside one transaction: the triggers' plans, made when they were empty, would read the
# whole of them for every part. And the GIN indexes take in a part at a time.
_GROWING = """
set local plan_cache_mode = force_custom_plan; set local enable_seqscan = off; set local enable_hashjoin = off;
set local enable_mergejoin = off; set local statement_timeout = 0; set local lock_timeout = 0;
set local work_mem = '64MB'; set local gin_pending_list_limit = '64MB'
"""
AHEAD = 2  # parts that the sandbox may be behind the database


class CannotSeed(Exception):
    """Demo data may not or cannot be made here; the sentence says why."""


def seed(settings: Settings, customers: int, as_of: date, sandbox_url: str | None) -> None:
    """Make demo sign-ins, and `customers` customers whose story ends with the first minute of `as_of` (UTC).

    The same arguments make the same rows and, with a `sandbox_url`, the same objects in the sandbox there.
    A console that has customers keeps them as they are. All of it is one transaction: a second try after one that was
    cut short begins anew, and the sandbox finds unchanged what it has. Raises CannotSeed.
    """
    if not settings.sandbox:
        raise CannotSeed(
            f"Demo data belongs into a sandbox, and OPSCONSOLE_ENV is {settings.env}: nothing was made."
        )
    app = Flask(__name__)
    init_database(app, settings)
    init_keyring(app, settings)
    with app.app_context():
        try:
            _sign_ins.install(settings)
            made = _make(customers, datetime.combine(as_of, time(), UTC), sandbox_url)
            if made:
                _photos.send(settings)
        finally:
            db.session.remove()
            db.engine.dispose()
    if made:
        _analyze(settings)


def _make(customers: int, until: datetime, sandbox_url: str | None) -> bool:
    """False when there was nothing to make."""
    who = _sign_ins.actors()
    db.session.rollback()
    progress = Progress(customers)
    with db.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended('opsconsole seed', 0))"))
        if connection.scalar(select(Customer.id).limit(1)):
            progress.say("There are customers already: they stay as they are.")
            return False
        database = connection.connection.driver_connection
        assert isinstance(database, psycopg.Connection)
        database.execute(_GROWING)
        began, copying, made, rows = clock.monotonic(), 0.0, 0, 0
        with (
            contextlib.closing(
                parts(customers, until, who, ring().newest(), ring().newest(INDEXES))
            ) as ready,
            _sandbox(sandbox_url) as load,
        ):
            for part in ready:
                load(part)
                started = clock.monotonic()
                for lines in part.tables:
                    _copy(database, lines)
                copying += clock.monotonic() - started
                made += part.customers
                rows += sum(lines.count for lines in part.tables)
                progress.done(made, rows)
        progress.say(_compared(rows, clock.monotonic() - began, copying))
    return True


def _compared(rows: int, seconds: float, copying: float) -> str:
    """How fast it was beside its own COPY statements, which are all that could not be left out."""
    return (
        f"{rows:,} rows at {rows / seconds:,.0f} rows/s; COPY alone took {copying:.0f} of {seconds:.0f} s: "
        f"{rows / copying:,.0f} rows/s, ratio {copying / seconds:.2f}"
    )


def _copy(database: psycopg.Connection[Any], lines: TableLines) -> None:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(lines.table), sql.SQL(", ").join(map(sql.Identifier, lines.columns))
    )
    with database.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(lines.text)


@contextlib.contextmanager
def _sandbox(url: str | None) -> Iterator[Callable[[Part], None]]:
    """What loads a part into the sandbox while the database takes it too. Leaving it waits until all is there: before
    the rows are committed, so what the sandbox has too much of, the next try finds unchanged. Raises CannotSeed."""
    behind: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="sandbox") as sender:

        def load(part: Part) -> None:
            if url:
                behind.append(sender.submit(_load, url, part))
            while len(behind) > AHEAD:
                behind.popleft().result()

        try:
            yield load
            while behind:
                behind.popleft().result()
        except BaseException:
            sender.shutdown(cancel_futures=True)
            raise


def _load(url: str, part: Part) -> None:
    try:
        sandbox_load.load(url, part.stripe)
        sandbox_load.load(url, part.customerio, "customerio")
        for adapter, lines in part.pharmacies.items():
            sandbox_load.load(url, lines, adapter)
        sandbox_load.load(url, part.easypost, "easypost")
        sandbox_load.load(url, part.healthcare, "fhir")
    except sandbox_load.NotLoaded as problem:
        raise CannotSeed(f"{problem} Nothing was made; try again.") from problem


def _analyze(settings: Settings) -> None:
    """So that the first page is as fast as the hundredth: statistics, and no list of pending entries in the GIN
    indexes. Only the tables' owner may; where the owner is not configured, autovacuum does it within minutes."""
    if not settings.migration_database_url:
        return
    owner = create_engine(settings.migration_database_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("vacuum analyze " + ", ".join(model.__tablename__ for model in TABLES)))
    owner.dispose()
