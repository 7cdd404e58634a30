"""One piece of work at the sandbox's FHIR server: an API call, or somebody at the doctor's who types."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .. import _door as door

SCHEMA = """
CREATE TABLE IF NOT EXISTS fhir_patients (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, updated REAL NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fhir_patients_updated ON fhir_patients (updated, seq);
CREATE TABLE IF NOT EXISTS fhir_events (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fhir_tokens (token TEXT PRIMARY KEY, until REAL NOT NULL);
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
    "media_type": ("not-supported", "Send application/fhir+json."),
    "not_acceptable": ("not-supported", "Only application/fhir+json is spoken here."),
}


def refuse(status: int, code: str) -> Refusal:
    return Refusal(status, *_REFUSALS[code])


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Turn:
    """`tell(turn, patient)` owes a rest-hook in the transaction of what it tells of."""

    db: sqlite3.Connection
    now: float
    tell: Callable[[Turn, dict[str, Any]], None]
