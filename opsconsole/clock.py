"""The clock: announces what is due, frees what dead workers held, runs the schedule.

Two of them are safe: claims are made in Postgres. What is announced is only a hint to Redis; the
queue is kept short and the backlog stays in Postgres, so a Redis that forgets costs half a second.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable
from datetime import timedelta

import psycopg
import redis
import structlog
from flask import Flask
from rq import Queue
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from . import create_app, jobs
from .config import Settings
from .db import db, own_connection
from .lib import crash
from .models import SandboxClock
from .services import inbox, outbox
from .vendors import sandbox_time
from .worker import JOB_TIMEOUT, queue_of, redis_of

log = structlog.get_logger("clock")
AT_MOST = 200  # jobs in the queue; the rest waits in Postgres
AGAIN_AFTER = 3.0  # seconds until something unclaimed is announced again
AGAIN_WHEN_EMPTY = 0.5  # ... when the queue is empty, so nobody can be about to claim it


class Dispatcher:
    """Turns due promises and events into jobs, remembering what was announced a moment ago."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.announced: dict[tuple[str, str, int], float] = {}

    def announce(self) -> int:
        """Put what is due into the queue. Returns how many jobs that made."""
        waiting = self.queue.count
        if waiting >= AT_MOST:
            return 0
        patience = AGAIN_AFTER if waiting else AGAIN_WHEN_EMPTY
        now = time.monotonic()
        self.announced = {key: at for key, at in self.announced.items() if now - at < AGAIN_AFTER}
        fresh = [
            (job, id)
            for job, id, attempts in _due(AT_MOST)
            if now - self.announced.get((job, id, attempts), -patience) >= patience
            and self.announced.update({(job, id, attempts): now}) is None
        ]
        crash.point("dispatch.before")
        self.queue.enqueue_many(
            [
                Queue.prepare_data(
                    f"opsconsole.worker.{job}", (id,), timeout=JOB_TIMEOUT, result_ttl=0, failure_ttl=60
                )
                for job, id in fresh
            ]
        )
        crash.point("dispatch.after")
        return len(fresh)


def _due(limit: int) -> Iterable[tuple[str, str, int]]:
    for id, attempts in outbox.due(limit):
        yield "keep", id, attempts
    for id, attempts in inbox.due(limit):
        yield "settle", id, attempts
    db.session.rollback()


def run(settings: Settings) -> None:
    """Tick until stopped."""
    app = create_app(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    schedule = threading.Thread(
        target=_schedule, args=(app, settings, stopping), name="schedule", daemon=True
    )
    schedule.start()
    dispatcher = Dispatcher(queue_of(redis_of(settings)))
    with app.app_context():
        while not stopping.is_set():
            try:
                _tick_until(stopping, dispatcher)
            except (DBAPIError, psycopg.Error) as error:
                db.session.remove()
                log.warning("database_away", error=type(error).__name__)
                stopping.wait(0.3)


def _tick_until(stopping: threading.Event, dispatcher: Dispatcher) -> None:
    """Announce on every hint and at least once a second; sweep every half second."""
    with own_connection() as ears, own_connection() as hands:
        ears.exec_driver_sql(f"listen {outbox.CHANNEL}")
        swept = 0.0
        while not stopping.is_set():
            _hear(ears, 0.25)
            if time.monotonic() - swept > 0.5:
                outbox.sweep(hands)
                swept = time.monotonic()
            try:
                dispatcher.announce()
            except redis.RedisError as error:
                log.warning("redis_away", error=type(error).__name__)
                stopping.wait(0.5)


def _hear(ears: Connection, seconds: float) -> None:
    raw = ears.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    for _ in raw.notifies(timeout=seconds, stop_after=1):
        pass


def _schedule(app: Flask, settings: Settings, stopping: threading.Event) -> None:
    with app.app_context():
        while not stopping.wait(1.0):
            try:
                if settings.env == "sandbox" and settings.sandbox_url:
                    _follow(settings.sandbox_url)
                jobs.run_due()
            except DBAPIError as error:
                log.warning("database_away", error=type(error).__name__)
            finally:
                db.session.remove()


def _follow(sandbox_url: str) -> None:
    """Moving the sandbox's time moves the console's: both look at one clock."""
    ahead = sandbox_time.ahead(sandbox_url)
    if ahead is None:
        return
    now = db.session.get(SandboxClock, True)
    if now is None or abs(now.ahead.total_seconds() - ahead) > 0.5:
        row = insert(SandboxClock).values(single=True, ahead=timedelta(seconds=ahead))
        db.session.execute(
            row.on_conflict_do_update(index_elements=["single"], set_={"ahead": timedelta(seconds=ahead)})
        )
        db.session.commit()
