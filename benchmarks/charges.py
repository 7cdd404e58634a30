"""Many small charges against few calls: 10,000 increments of 300 customers, added up and sent at one pace."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from .parts import TOKEN, Parts, free_port, wait_for
from .table import Row

INCREMENTS, CUSTOMERS, AT_ONCE = 10_000, 300, 40
WINDOW = 3600  # seconds after which all of them are to be at Stripe
MOST_CALLS, MOST_A_SECOND = 600, 25
WORDS = ("Cold packaging", "Express", "Split shipment", "Signature on delivery", "Sorry about the delay")
PATIENCE = 180  # seconds for workers to send them
Asker = Callable[[str, str, Any], Any]


def measure(parts: Parts, seconds: float) -> list[Row]:
    web = free_port()
    with parts.console("web", web), parts.console("clock"), parts.console("worker"), parts.console("worker"):
        ask, sandbox = _asker(web), _asker(parts.sandbox_port)
        before = _billed(sandbox)
        sandbox("POST", "/_sandbox/traffic/clear", {})
        began = time.perf_counter()
        customers = _known_at_stripe(parts)
        sent = _increments(ask, customers)
        took = time.perf_counter() - began
        sandbox("POST", "/_sandbox/clock/advance", {"seconds": WINDOW})
        wait_for(lambda: _left(parts) == 0, "Stripe has all of them", PATIENCE)
        traffic = sandbox("GET", "/_sandbox/traffic", None)["traffic"]["stripe"]
        lost = sent - (_billed(sandbox) - before)
    calls, peak = traffic["by_call"].get("POST /v1/invoiceitems", 0), traffic["most_in_a_second"]
    return [
        Row(
            f"calls for {INCREMENTS:,} charges of {len(customers)} customers, beside one each",
            f"{calls}", f"{INCREMENTS}", calls / INCREMENTS, f"<= {MOST_CALLS}", calls <= MOST_CALLS,
        ),
        Row("most calls of Stripe within a second", f"{peak}", goal=f"<= {MOST_A_SECOND}", met=peak <= MOST_A_SECOND),
        Row("cents of them lost", f"{lost}", goal="0", met=lost == 0),
        Row("charges written down per second", f"{INCREMENTS / took:,.0f}"),
    ]  # fmt: skip


def _known_at_stripe(parts: Parts) -> list[str]:
    query = "select distinct customer_id from external_ids where system = 'stripe' order by 1 limit %s"
    with psycopg.connect(parts.address()) as connection:
        return [row[0] for row in connection.execute(query, (CUSTOMERS,))]


def _increments(ask: Asker, customers: list[str]) -> int:
    """All of them, as programs send them: some at once. What they come to, in cents."""
    chance, began = random.Random(7), time.time_ns()
    owed = sent = 0
    while sent < INCREMENTS:
        cents = [
            chance.choice((1, 5, 19, 250, -7))
            for _ in range(min(chance.randint(1, AT_ONCE), INCREMENTS - sent))
        ]
        charges = [
            {
                "amount": f"{amount / 100:.2f}", "description": chance.choice(WORDS), "source": "benchmark",
                "reference": f"{began}-{sent + nth}",
            }
            for nth, amount in enumerate(cents)
        ]  # fmt: skip
        customer = customers[sent % len(customers)] if sent < len(customers) else chance.choice(customers)
        ask("POST", f"/customers/{customer}/charge", {"charges": charges})
        owed, sent = owed + sum(cents), sent + len(cents)
    return owed


def _billed(sandbox: Asker) -> int:
    """What Stripe's sandbox has to bill, by its own book, in cents."""
    return sum(
        entry["amount"] for entry in sandbox("GET", "/_sandbox/ledger?kind=invoiceitem", None)["entries"]
    )


def _left(parts: Parts) -> int:
    query = "select count(*) from adjustments where status in ('pending', 'batched')"
    with psycopg.connect(parts.address()) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _asker(port: int) -> Asker:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers: Mapping[str, str] = {
        "Authorization": f"Bearer {TOKEN}", "Accept": "application/json", "Content-Type": "application/json",
    }  # fmt: skip

    def ask(method: str, path: str, body: Any) -> Any:
        line.request(method, path, None if body is None else json.dumps(body), dict(headers))
        answer = line.getresponse()
        read = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path}: {answer.status} {read[:300]!r}")
        return json.loads(read)

    return ask
