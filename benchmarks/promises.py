"""Promises kept per second and worker, against RQ's own job that does nothing; and how soon a worker begins."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from opsconsole import create_app, vendors, worker
from opsconsole.config import Settings
from opsconsole.db import db
from opsconsole.services import refunds, tokens
from opsconsole.vendors import Call
from opsconsole.vendors.payments import RefundFacts, RefundState

from .parts import TOKEN, Parts, free_port
from .table import Row, percentile

JOBS = 400
GOAL = 3.0  # times the CPU of RQ's own no-op
BEGINS_WITHIN = 50.0  # ms, on an idle system
ASKED = 25
HEARD_WITHIN = 60  # seconds; the first time clock and worker are still starting


def nothing(_: str) -> None:
    """RQ's job that does nothing."""


class AtOnce:
    """A processor that refunds at once: what is measured is us, not the wire."""

    def refund(
        self, call: Call, *, payment: str, amount: int, currency: str, reason: str, **_: Any
    ) -> RefundFacts:
        call.pin({"payment_intent": payment, "amount": str(amount), "reason": reason})
        return RefundFacts(
            id=f"re_{call.ref}", payment=payment, charge=None, amount=amount, currency=currency,
            state=RefundState.SUCCEEDED, raw_status="succeeded", created_at=datetime.now(UTC), tags=call.tags,
        )  # fmt: skip


def measure(parts: Parts, seconds: float) -> list[Row]:
    begins = _begins(_first_bytes(parts))
    return [begins, *_kept(parts)]


def _kept(parts: Parts) -> list[Row]:
    settings = Settings.from_environment(parts.env)
    worker._app = app = create_app(settings)
    vendors.connect("payments", AtOnce())
    redis = worker.redis_of(settings)
    queue = Queue("benchmark", connection=redis, serializer=JSONSerializer)
    with app.app_context():
        promises = _due_refunds(parts)
        db.session.remove()
    floor: list[tuple[float, float]] = []
    ours: list[tuple[float, float]] = []
    half = len(promises) // 2
    for some in (promises[:half], promises[half:]):  # in turns
        floor.append(_work(queue, nothing, some))
        ours.append(_work(queue, worker.keep, some))
    _all_kept(parts, promises)
    with app.app_context():
        db.engine.dispose()
    cpu, wall = (sum(run[i] for run in ours) / sum(run[i] for run in floor) for i in (0, 1))
    per = [[sum(run[i] for run in runs) / len(promises) * 1000 for i in (0, 1)] for runs in (ours, floor)]
    return [
        Row("CPU of a promise kept, against RQ's no-op", f"{per[0][0]:.1f} ms", f"{per[1][0]:.1f} ms", cpu,
            f"<= {GOAL:.0f}x", cpu <= GOAL),
        Row("promises kept per second and worker", f"{1000 / per[0][1]:.0f}", f"{1000 / per[1][1]:.0f}", 1 / wall),
    ]  # fmt: skip


def _due_refunds(parts: Parts) -> list[str]:
    """Refunds of a cent each, decided as by a program and due now. Returns their promises."""
    by = tokens.actor_of(TOKEN, address="127.0.0.1")
    assert by, "the demo's token is there"
    query = """
        select o.id from orders o join payments p on p.order_id = o.id
        where p.status = 'succeeded' and p.disputed = 0 and not exists (select 1 from refunds r where r.payment_id = p.id)
        group by o.id having count(*) = 1 order by o.id limit %s
    """
    with psycopg.connect(parts.address()) as connection:
        orders = [row[0] for row in connection.execute(query, (JOBS,))]
    made = []
    for order in orders:
        refund = refunds.issue(
            order,
            amount=1,
            lines=(),
            shipping=None,
            reason="goodwill",
            note="benchmark",
            payment=None,
            confirm_fraud=False,
            by=by,
        )
        made.append(refund.id)
    with psycopg.connect(parts.address()) as connection:
        due = (
            "update promises set due_at = now() - interval '1 second' where subject_id = any(%s) returning id"
        )
        return [row[0] for row in connection.execute(due, (made,))]


def _work(queue: Queue, job: Callable[[str], None], ids: list[str]) -> tuple[float, float]:
    """CPU and wall seconds that a SimpleWorker of RQ needs for these jobs, in this process."""
    queue.enqueue_many([Queue.prepare_data(job, (id,), result_ttl=0, failure_ttl=60) for id in ids])
    simple = SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer)
    simple.log_job_description = False
    cpu, wall = time.process_time(), time.perf_counter()
    simple.work(burst=True, logging_level="WARNING")
    return time.process_time() - cpu, time.perf_counter() - wall


def _all_kept(parts: Parts, promises: list[str]) -> None:
    """What was measured was done: every promise is kept, every refund succeeded, every act in the audit."""
    query = """
        select count(*) from promises p join refunds r on r.id = p.subject_id
        where p.id = any(%s) and p.status = 'kept' and r.status = 'succeeded'
    """
    with psycopg.connect(parts.address()) as connection:
        row = connection.execute(query, (promises,)).fetchone()
    if not row or row[0] != len(promises):
        raise RuntimeError(f"only {row and row[0]} of {len(promises)} promises were kept")


# ------------------------------------------------------------------ from commit to first byte


def _first_bytes(parts: Parts) -> list[float]:
    """Milliseconds from an act's answer, which follows its commit at once, to the vendor hearing of it."""
    web = free_port()
    found = []
    with parts.console("web", web), parts.console("clock"), parts.console("worker"):
        for nth in range(ASKED + 3):
            time.sleep(0.3)  # until nothing is left to do
            asked = time.time()
            _sweep(web)
            answered = time.time()
            if nth >= 3:  # the first ones warm it up
                found.append((_heard(parts, since=asked) - answered) * 1000)
    return found


def _sweep(web: int) -> None:
    """An act with a promise that is due at once."""
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    answer = _json(web, "POST", "/inbox/sweep", json.dumps({"source": "stripe"}), headers)
    assert answer["promises"], answer


def _heard(parts: Parts, *, since: float) -> float:
    """When the sandbox first heard of it, in seconds since 1970: the list of events was asked for."""
    until = time.monotonic() + HEARD_WITHIN
    while time.monotonic() < until:
        calls = _json(parts.sandbox_port, "GET", "/_sandbox/requests?limit=5", None, {})["requests"]
        if heard := [call["at"] for call in calls if call["path"] == "/v1/events" and call["at"] > since]:
            return float(min(heard))
        time.sleep(0.005)
    raise TimeoutError(f"no worker called within {HEARD_WITHIN} s")


def _json(port: int, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Any:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request(method, path, body, dict(headers))
    answer = line.getresponse()
    read = answer.read()
    line.close()
    if answer.status not in (200, 201):
        raise RuntimeError(f"{path}: {answer.status} {read[:300]!r}")
    return json.loads(read)


def _begins(times: list[float]) -> Row:
    p50 = percentile(times, 0.5)
    said = f"{p50:.0f} / {percentile(times, 0.95):.0f} ms"
    return Row(
        "from commit to the worker's first byte, p50 / p95",
        said,
        goal=f"p50 < {BEGINS_WITHIN:.0f} ms",
        met=p50 < BEGINS_WITHIN,
    )
