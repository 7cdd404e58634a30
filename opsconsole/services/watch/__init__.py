"""How the machinery is doing, in numbers read from Postgres."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import text

from ...db import db
from ..outbox import health
from ._vendors import LIST, WITHIN, Calls, calls, find

__all__ = [
    "LIST", "WITHIN", "Calls", "Measure", "also", "behind", "calls", "find", "incidents", "measured", "vendors_at_rest",
]  # fmt: skip

Measure = tuple[str, str, list[str], list[tuple[list[str], float]]]
Measuring = Callable[[], Sequence[Measure]]
_ALSO: list[Measuring] = []


def also(measuring: Measuring) -> Measuring:
    """Marks what measures something that stands above this package: `measured` asks it too."""
    _ALSO.append(measuring)
    return measuring


_GROUPED = (
    ("promises", "Promises that are not finished, by status", "status",
     "select status, count(*) from promises where status in ('waiting', 'claimed', 'manual_intervention') group by 1"),
    ("inbox_events", "Events that are not settled, by status", "status",
     "select status, count(*) from inbox_events where status in ('received', 'manual_intervention') group by 1"),
    ("cases_open", "Open cases, by reason", "reason", "select reason, count(*) from cases where status = 'open' group by 1"),
    ("webhooks_rejected", "Deliveries refused, by reason", "why", "select why, sum(count) from rejected_counts group by 1"),
)  # fmt: skip
_EXPECTED = "select status, kind, count(*) from expectations where status in ('waiting', 'asked', 'missed') group by 1, 2"
_SINGLE = (
    ("promise_oldest_due_seconds", "Age of the oldest due promise",
     "select coalesce(extract(epoch from instant() - min(due_at)), 0) from promises"
     " where status = 'waiting' and due_at <= instant()"),
    ("event_oldest_seconds", "Age of the oldest unsettled event",
     "select coalesce(extract(epoch from instant() - min(created_at)), 0) from inbox_events where status = 'received'"),
    ("audit_oldest_unsealed_seconds", "Age of the oldest audit entry without its seal",
     "select coalesce(extract(epoch from instant() - min(created_at)), 0) from audit_entries"
     " where id = (select min(entry_id) from audit_unsealed)"),
)  # fmt: skip


def measured() -> list[Measure]:
    """(name, help, label names, [(label values, number)]) of everything worth watching."""
    found: list[Measure] = []
    for name, help, label, query in _GROUPED:
        found.append(
            (name, help, [label], [([str(row[0])], float(row[1])) for row in db.session.execute(text(query))])
        )
    for name, help, query in _SINGLE:
        found.append((name, help, [], [([], float(db.session.scalar(text(query)) or 0))]))
    found.append(
        (
            "expectations", "Things that others should have told us of, and that did not come yet, by status and kind",
            ["status", "kind"], [([row[0], row[1]], float(row[2])) for row in db.session.execute(text(_EXPECTED))],
        )
    )  # fmt: skip
    opened = [([b.port, b.method], 1.0 if b.opened_at else 0.0) for b in health()]
    found.append(
        ("breaker_open", "1 while calls of a vendor's method are held back", ["port", "method"], opened)
    )
    return [*found, *_of_vendors(), *(one for measuring in _ALSO for one in measuring())]


def _of_vendors() -> list[Measure]:
    lately = calls("1h")
    rows = db.session.execute(text("select port, bool_or(status <> 'over') from incidents group by 1"))
    ratios = [([port], one.ratio) for port, one in lately.items() if one.ratio is not None]
    slowest = [([port], one.p95) for port, one in lately.items() if one.p95 is not None]
    return [
        ("incident_open", "1 while a vendor is in trouble, or what waited for it goes out", ["vendor"],
         [([port], float(live)) for port, live in rows]),
        ("vendor_success_ratio", "Part of the last hour's calls that a vendor answered", ["vendor"], ratios),
        ("vendor_p95_seconds", "How long the slowest of twenty calls of the last hour took", ["vendor"], slowest),
    ]  # fmt: skip


def incidents() -> list[str]:
    """What is so at vendors in trouble, in a sentence each, for the doctor."""
    query = "select says from incidents where status <> 'over' order by opened_at"
    return [str(says) for says in db.session.scalars(text(query))]


def vendors_at_rest() -> dict[str, str]:
    """What is known of vendors without asking them: their breakers."""
    return {
        f"{b.port}.{b.method}": f"calls wait since {b.opened_at:%H:%M}: {b.words}"
        for b in health()
        if b.opened_at
    }


def behind() -> dict[str, float]:
    """Ages in seconds of what waits longest, for the doctor."""
    return {name: float(db.session.scalar(text(query)) or 0) for name, _, query in _SINGLE}
