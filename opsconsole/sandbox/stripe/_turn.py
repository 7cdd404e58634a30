"""One piece of work at the sandbox's Stripe: an API call, or something that falls due.

Objects are stored as facts (what is particular to them) and shown in the full shape of the API version, so
the file stays small and every object of a kind always has the same fields.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._agenda import Agenda
from .._ledger import Ledger
from .._state import Store
from ._errors import Malformed, no_such

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits
Facts = dict[str, Any]
Shape = Callable[[Facts], dict[str, Any]]
Emit = Callable[["Turn", str, dict[str, Any], dict[str, Any] | None], None]

TABLE = """
CREATE TABLE IF NOT EXISTS stripe_objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created INTEGER NOT NULL, customer TEXT, payment_intent TEXT, charge TEXT, email TEXT, type TEXT,
    facts TEXT NOT NULL
);
"""
INDEXES = """
CREATE INDEX IF NOT EXISTS stripe_by_time ON stripe_objects (kind, created, seq);
CREATE INDEX IF NOT EXISTS stripe_by_payment ON stripe_objects (payment_intent, kind, created, seq)
    WHERE payment_intent IS NOT NULL;
CREATE INDEX IF NOT EXISTS stripe_in_balance ON stripe_objects (created, seq)
    WHERE kind = 'balance_transaction' AND payout IS NULL;
""" + "".join(
    f"CREATE INDEX IF NOT EXISTS stripe_{word} ON stripe_objects ({column}, kind, created, seq)"
    f" WHERE {column} IS NOT NULL;\n"
    for word, column in (
        *(("by_customer", "customer"), ("by_charge", "charge"), ("by_email", "email"), ("by_type", "type")),
        *(("of_invoice", "invoice"), ("of_subscription", "subscription"), ("of_source", "source")),
        ("of_payout", "payout"),
    )
)
#: Facts that objects are found by: a column each. Those of a state file from before are added when it is opened.
FILTERS = (
    *("customer", "payment_intent", "charge", "email", "type"),
    *("invoice", "subscription", "source", "payout"),
)


def define(store: Store) -> None:
    """The table of all objects, with the columns and indexes that are missing."""
    store.define(TABLE)
    with store.transaction() as db:
        there = {row["name"] for row in db.execute("PRAGMA table_info(stripe_objects)")}
        for column in FILTERS:
            if column not in there:
                db.execute(f"ALTER TABLE stripe_objects ADD COLUMN {column} TEXT")
                db.execute(f"UPDATE stripe_objects SET {column} = facts ->> '{column}'")
    store.define(INDEXES)


_shapes: dict[str, Shape] = {}


def shape_of(kind: str) -> Callable[[Shape], Shape]:
    """Mark the function that turns stored facts of `kind` into the object Stripe would answer with."""

    def mark(shape: Shape) -> Shape:
        _shapes[kind] = shape
        return shape

    return mark


def show(kind: str, facts: Facts) -> dict[str, Any]:
    return _shapes[kind](facts)


def new_id(prefix: str, length: int = 24) -> str:
    chance = secrets.token_bytes(length)
    return f"{prefix}_" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in chance)


@dataclass
class Turn:
    db: sqlite3.Connection
    now: float
    tell: Emit
    request_id: str | None = None
    key: str | None = None

    @property
    def created(self) -> int:
        return int(self.now)

    def find(self, kind: str, id: str) -> Facts | None:
        row = self.db.execute(
            "SELECT facts FROM stripe_objects WHERE id = ? AND kind = ?", (id, kind)
        ).fetchone()
        return json.loads(row["facts"]) if row else None

    def need(self, kind: str, id: str, param: str | None = None) -> Facts:
        """The object, or Stripe's resource_missing (`param` names the parameter that held the id)."""
        facts = self.find(kind, id)
        if facts is None:
            raise no_such(kind, id, param)
        return facts

    def all(self, kind: str, **where: str) -> Iterator[Facts]:
        """Every object of a kind with these values in indexed columns, newest first."""
        condition = " AND ".join(f"{column} = ?" for column in _columns(where))
        rows = self.db.execute(
            f"SELECT facts FROM stripe_objects WHERE kind = ? AND {condition}"
            " ORDER BY created DESC, seq DESC",
            (kind, *where.values()),
        ).fetchall()
        return (json.loads(row["facts"]) for row in rows)

    def add(self, kind: str, facts: Facts) -> Facts:
        insert(self.db, kind, facts)
        return facts

    def save(self, kind: str, facts: Facts, *, as_kind: str | None = None) -> None:
        columns = [facts.get(column) for column in FILTERS]
        self.db.execute(
            f"UPDATE stripe_objects SET kind = ?, {' = ?, '.join(FILTERS)} = ?, facts = ? WHERE id = ? AND kind = ?",
            (as_kind or kind, *columns, json.dumps(facts), facts["id"], kind),
        )

    def emit(self, type: str, kind: str, facts: Facts, before: Mapping[str, Any] | None = None) -> None:
        """Announce a change. `before` is the object as shown earlier: what differs is previous_attributes."""
        shown = show(kind, facts)
        changed = None
        if before is not None:
            changed = {name: old for name, old in before.items() if shown.get(name) != old}
            changed |= {name: None for name in shown if name not in before}
        self.tell(self, type, shown, changed)

    def record(self, kind: str, facts: Facts, payment: str | None = None) -> None:
        """Write the effect into the sandbox's ledger, in this same transaction."""
        Ledger.append(
            self.db,
            kind,
            facts["id"],
            at=self.now,
            amount=facts.get("amount"),
            currency=facts.get("currency"),
            payment=payment or facts.get("payment_intent"),
            metadata=facts.get("metadata"),
            key=self.key,
        )

    def later(self, seconds: float, what: str, object_id: str) -> None:
        Agenda.add(self.db, self.now + seconds, what, object_id)


def insert(db: sqlite3.Connection, kind: str, facts: Facts) -> bool:
    """Store a new object; false when its id is taken."""
    columns = [facts.get(column) for column in FILTERS]
    done = db.execute(
        f"INSERT OR IGNORE INTO stripe_objects (id, kind, created, {', '.join(FILTERS)}, facts)"
        f" VALUES (?, ?, ?, {'?, ' * len(FILTERS)}?)",
        (facts["id"], kind, facts["created"], *columns, json.dumps(facts)),
    )
    return done.rowcount == 1


def _columns(where: Mapping[str, Any]) -> list[str]:
    strange = set(where) - set(FILTERS)
    if strange:
        raise KeyError(f"not an indexed column: {strange}")
    return list(where)


def page(
    turn: Turn,
    kind: str,
    values: Mapping[str, Any],
    url: str,
    *,
    where: Mapping[str, Any] | None = None,
    also: tuple[str, tuple[Any, ...]] = ("", ()),
) -> dict[str, Any]:
    """A list object: newest first by (created, order of creation), cut by cursor, limit and `created`.

    `where` are equalities on indexed columns, `also` one more SQL condition with its arguments.
    """
    where = {name: value for name, value in (where or {}).items() if value is not None}
    conditions = ["kind = ?", *(f"{column} = ?" for column in _columns(where))]
    arguments: list[Any] = [kind, *where.values()]
    if also[0]:
        conditions.append(also[0])
        arguments += also[1]
    for bound, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        if bound in values.get("created", {}):
            conditions.append(f"created {sign} ?")
            arguments.append(values["created"][bound])
    backwards = "ending_before" in values
    if backwards and "starting_after" in values:
        raise Malformed("You may only specify one of these parameters: ending_before, starting_after.")
    for cursor, sign in (("starting_after", "<"), ("ending_before", ">")):
        if cursor in values:
            conditions.append(f"(created, seq) {sign} (?, ?)")
            arguments += _place_of(turn, kind, values[cursor], cursor)
    limit = values.get("limit", 10)
    order = "created, seq" if backwards else "created DESC, seq DESC"
    rows = turn.db.execute(
        f"SELECT facts FROM stripe_objects WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?",
        (*arguments, limit + 1),
    ).fetchall()
    items = [show(kind, json.loads(row["facts"])) for row in rows[:limit]]
    return {
        "object": "list",
        "data": items[::-1] if backwards else items,
        "has_more": len(rows) > limit,
        "url": url,
    }


def _place_of(turn: Turn, kind: str, id: str, cursor: str) -> tuple[int, int]:
    row = turn.db.execute(
        "SELECT created, seq FROM stripe_objects WHERE id = ? AND kind = ?", (id, kind)
    ).fetchone()
    if row is None:
        raise no_such(kind, id, cursor)
    return row["created"], row["seq"]
