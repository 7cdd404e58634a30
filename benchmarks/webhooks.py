"""Webhooks accepted per second, one sender and eight at once, against a bare app that does the same."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from statistics import median

import psycopg

from . import floor
from .clients import Measured, Request, ask
from .parts import SECRET, Parts, free_port
from .table import Row, percentile

GOAL = 0.6  # of the floor's rate
ROUNDS = 3  # in turns, so that a busy moment of the machine hits all alike
_numbers = itertools.count(1)


def measure(parts: Parts, seconds: float) -> list[Row]:
    with psycopg.connect(parts.address(owner=True)) as connection:
        connection.execute(floor.EVENTS)
    web, bare = free_port(), free_port()
    with (
        parts.console("web", web),
        parts.running("benchmarks.floor", bare, parts.address(), SECRET),
    ):
        rows: list[Row] = []
        for clients in (1, 8):
            rows += _compare(web, bare, clients, seconds)
        return rows


def _compare(web: int, bare: int, clients: int, seconds: float) -> list[Row]:
    runs: dict[str, list[Measured]] = {"ours": [], "floor": [], "hello": []}
    for round in range(ROUNDS + 1):
        for name, port, make in (
            ("ours", web, lambda: delivery("/webhooks/stripe")),
            ("floor", bare, lambda: delivery("/webhook")),
            ("hello", bare, hello),
        ):
            measured = ask(port, make, clients=clients, seconds=seconds / 2)
            if round:  # the first is for warming up
                runs[name].append(measured)
    rates = {name: median(run.rate for run in all) for name, all in runs.items()}
    ours = [time for run in runs["ours"] for time in run.times]
    theirs = [time for run in runs["floor"] for time in run.times]
    ratio = rates["ours"] / rates["floor"]
    who = f"{clients} sender{'s' * (clients > 1)}"
    p99 = percentile(ours, 0.99)
    return [
        Row(f"webhooks accepted per second, {who}", f"{rates['ours']:.0f}", f"{rates['floor']:.0f}", ratio,
            f">= {GOAL} of the floor", ratio >= GOAL),
        Row("  a hello world, for comparison", "", f"{rates['hello']:.0f}"),
        Row("  answered within, p50 / p99", f"{percentile(ours, 0.5):.1f} / {p99:.1f} ms",
            f"{percentile(theirs, 0.5):.1f} / {percentile(theirs, 0.99):.1f} ms", goal="p99 < 200 ms", met=p99 < 200),
    ]  # fmt: skip


def delivery(path: str) -> Request:
    """A new event about a refund, signed now."""
    event = {
        "id": f"evt_bench{next(_numbers)}", "object": "event", "type": "refund.updated", "created": int(time.time()),
        "livemode": False, "pending_webhooks": 1, "api_version": "2026-10-28.endive", "request": {"id": None},
        "data": {"object": {"id": f"re_bench{next(_numbers)}", "object": "refund", "amount": 1000, "status": "succeeded",
                            "metadata": {"opsconsole_trace": "trc_bench"}, "balance_transaction": "txn_1" * 100}},
    }  # fmt: skip
    body = json.dumps(event, indent=2).encode()
    at = int(time.time())
    signature = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return (
        "POST",
        path,
        body,
        {"Stripe-Signature": f"t={at},v1={signature}", "Content-Type": "application/json"},
    )


def hello() -> Request:
    return "GET", "/hello", None, {}
