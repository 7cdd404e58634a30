"""One piece of work at the sandbox's FHIR server: an API call, what falls due there, or somebody at the clinic who types."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .. import _door as door
from .._agenda import Agenda

SCHEMA = """
CREATE TABLE IF NOT EXISTS fhir_resources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    updated REAL NOT NULL, gone INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL, UNIQUE (type, id)
);
CREATE INDEX IF NOT EXISTS fhir_resources_updated ON fhir_resources (type, updated, seq);
CREATE TABLE IF NOT EXISTS fhir_index (
    path TEXT NOT NULL, value TEXT NOT NULL, system TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (path, value, system, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_index_of ON fhir_index (seq);
CREATE TABLE IF NOT EXISTS fhir_history (
    type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, updated REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (type, id, version)
);
CREATE TABLE IF NOT EXISTS fhir_dials (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fhir_events (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fhir_grants (token TEXT PRIMARY KEY, until REAL NOT NULL, scopes TEXT NOT NULL DEFAULT '');
"""


class Refusal(door.Refusal):
    """A refusal with the OperationOutcome a FHIR server would send."""

    def __init__(self, status: int, code: str, words: str, *, at: str | None = None) -> None:
        issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": words}
        if at:
            issue["expression"] = [at]
        super().__init__(status, {"resourceType": "OperationOutcome", "issue": [issue]})


# What the door says -> the code of an issue (hl7.org/fhir/R4/valueset-issue-type.html) and words.
_REFUSALS = {
    "rate_limit": ("throttled", "Too many requests."),
    "unauthorized": ("login", "This token opens nothing."),
    "forbidden": ("forbidden", "The scopes of this token do not allow it."),
    "unavailable": ("transient", "Service unavailable."),
    "server_error": ("exception", "An error happened."),
    "invalid_request": ("structure", "The body must be a JSON object."),
    "not_found": ("not-found", "There is no such resource."),
    "gone": ("deleted", "The resource was deleted."),
    "media_type": ("not-supported", "Send application/fhir+json."),
    "not_acceptable": ("not-supported", "Only application/fhir+json is spoken here."),
}


def refuse(status: int, code: str) -> Refusal:
    return Refusal(status, *_REFUSALS[code])


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reference_of(resource: Mapping[str, Any] | None) -> str:
    """The relative reference that an element of type Reference holds; empty where it names none."""
    return str((resource or {}).get("reference", ""))


@dataclass
class Turn:
    """`tell(turn, resource)` owes a rest-hook in the transaction of what it tells of. `by` is "client" for a call of the
    API, "clinic" for all that happens there without one."""

    db: sqlite3.Connection
    now: float
    tell: Callable[[Turn, dict[str, Any]], None]
    by: str = "clinic"

    @property
    def instant(self) -> str:
        return iso(self.now)

    def later(self, seconds: float, what: str, id: str) -> None:
        Agenda.add(self.db, self.now + seconds, what, id)
