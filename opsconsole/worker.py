"""The worker: RQ brings it ids, it keeps promises and settles events. As many as you like, anywhere.

Our own entry point, so that the app is imported once and not for every job. Jobs run in this process:
a worker that dies is replaced by its supervisor, and what it held is freed with its advisory lock.
"""

from __future__ import annotations

from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from . import create_app, jobs
from .config import Misconfigured, Settings

QUEUE = "opsconsole"
JOB_TIMEOUT = 60  # seconds; a vendor call ends by itself after 20
_app: Flask | None = None


def keep(promise_id: str) -> None:
    """RQ's job: keep a promise."""
    assert _app is not None
    with _app.app_context():
        jobs.keep(promise_id)


def settle(event_id: str) -> None:
    """RQ's job: settle an event."""
    assert _app is not None
    with _app.app_context():
        jobs.settle(event_id)


def redis_of(settings: Settings) -> Redis:
    """Redis, asked once with short patience: whoever needs it longer asks again by itself."""
    if settings.redis_url is None:
        raise Misconfigured("OPSCONSOLE_REDIS_URL is not set: set it to redis://host:6379/0.")
    return Redis.from_url(settings.redis_url, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))


def queue_of(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def run(settings: Settings) -> None:
    """Work until stopped. While Redis is away it waits; when it breaks off, its supervisor starts it again."""
    global _app
    _app = create_app(settings)
    redis = redis_of(settings)
    worker = SimpleWorker([queue_of(redis)], connection=redis, serializer=JSONSerializer)
    worker.log_job_description = False
    worker.max_connection_wait_time = 1.0  # seconds; RQ's own patience grows to a minute after Redis is back
    worker.work(logging_level="WARNING")
