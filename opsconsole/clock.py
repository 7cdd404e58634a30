"""The clock: announces what is due, frees what dead workers held, runs the schedule.

Two of them are safe: claims are made in Postgres. What is announced is only a hint to Redis; the
queue is kept short and the backlog stays in Postgres, so a Redis that forgets costs a second.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import zip_longest
from typing import NamedTuple

import psycopg
import redis
import structlog
from flask import Flask
from rq import Queue
from rq.queue import EnqueueData
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from . import create_app, jobs
from .config import Settings
from .db import db, own_connection
from .lib import crash
from .models import SandboxClock
from .services import audit, inbox, outbox
from .vendors import sandbox_time
from .worker import JOB_TIMEOUT, queue_of, redis_of

log = structlog.get_logger("clock")
AT_MOST = 200  # jobs in the queue; the rest waits in Postgres
AGAIN_AFTER = 1.0  # seconds until what has left the queue and is still due is announced again


class Due(NamedTuple):
    """A job that a worker could do now, and how often that was tried before."""

    job: str
    id: str
    attempts: int


class Dispatcher:
    """Turns due promises and events into jobs. A job is named after what it is for, so the queue itself
    tells what is announced; what has just left it is left alone for a moment."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.announced: dict[str, float] = {}

    def announce(self) -> int:
        """Put what is due into the queue, as far as there is room. Returns how many jobs that made.

        What was begun goes first: its lane waits, and somebody may be waiting to hear how it ended.
        """
        queued = set(self.queue.get_job_ids())
        due = {_name(one): one for one in _due(AT_MOST)}
        now = time.monotonic()
        self.announced = {name: at for name, at in self.announced.items() if name in due}
        fresh = [
            name
            for name in due
            if name not in queued and now - self.announced.get(name, -AGAIN_AFTER) >= AGAIN_AFTER
        ]
        fresh.sort(key=lambda name: due[name].attempts == 0)
        fresh = fresh[: max(AT_MOST - len(queued), 0)]
        if fresh:
            crash.point("dispatch.before")
            self.queue.enqueue_many([_job(name, due[name]) for name in fresh])
            crash.point("dispatch.after")
        self.announced |= dict.fromkeys(fresh, now)
        return len(fresh)


def _name(due: Due) -> str:
    return f"{due.job}-{due.id}-{due.attempts}"


def _job(name: str, due: Due) -> EnqueueData:
    return Queue.prepare_data(
        f"opsconsole.worker.{due.job}", (due.id,), timeout=JOB_TIMEOUT, result_ttl=0, failure_ttl=60, job_id=name,
        at_front=due.attempts > 0,
    )  # fmt: skip


def _due(limit: int) -> Iterator[Due]:
    """Promises and events in turn, so that much of the one never holds up the other."""
    promises = [Due("keep", id, attempts) for id, attempts in outbox.due(limit)]
    events = [Due("settle", id, attempts) for id, attempts in inbox.due(limit)]
    db.session.rollback()
    for pair in zip_longest(promises, events):
        yield from (one for one in pair if one)


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
    sealer = threading.Thread(target=_seal, args=(app, settings, stopping), name="sealer", daemon=True)
    sealer.start()
    dispatcher = Dispatcher(queue_of(redis_of(settings)))
    with app.app_context():
        while not stopping.is_set():
            try:
                _tick_until(stopping, dispatcher)
            except (SQLAlchemyError, psycopg.Error) as error:
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
            except SQLAlchemyError as error:
                log.warning("database_away", error=type(error).__name__)
            except Exception:  # this thread has no successor
                log.exception("schedule")
            finally:
                db.session.remove()


def _seal(app: Flask, settings: Settings, stopping: threading.Event) -> None:
    """Seal new audit entries twice a second; the head goes into the home and into the log, outside the database."""
    key, heads = settings.sealing_key(), audit.Heads(settings.home / "audit-heads")
    with app.app_context():
        while not stopping.is_set():
            try:
                with own_connection() as hands:
                    while not stopping.wait(0.5):
                        while head := audit.seal(hands, key, heads):
                            log.info("audit_sealed", number=head.number, chain=head.chain.hex())
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("database_away", error=type(error).__name__)
            except Exception:  # this thread has no successor: a full disk, say
                log.exception("sealer")
            stopping.wait(1.0)


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
