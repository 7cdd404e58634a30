"""The store: resources by type and id, their versions, and what may be written."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from .._ledger import Ledger
from . import _parameters, _shapes
from ._resources import RESOURCES
from ._turn import Refusal, Turn, iso, refuse

_TARGET = re.compile(
    r"(?:(?P<base>https?://.+)/)?(?P<type>[A-Z][A-Za-z]*)/(?P<id>[A-Za-z0-9\-.]{1,64})(/_history/\d+)?"
)
REF = "urn:opsconsole:ref"  # whoever calls names their own reference under it


# reading


def show(turn: Turn, type: str, id: str) -> dict[str, Any]:
    """As it was sent, under its version. Raises Refusal for one that never was, or is no more."""
    row = turn.db.execute("SELECT * FROM fhir_resources WHERE type = ? AND id = ?", (type, id)).fetchone()
    if row is None:
        raise refuse(404, "not_found")
    if row["gone"]:
        raise refuse(410, "gone")
    return told(row)


def find(turn: Turn, reference: str) -> dict[str, Any] | None:
    """What "Type/id" refers to; None when it is not here."""
    type, _, id = reference.partition("/")
    row = turn.db.execute(
        "SELECT * FROM fhir_resources WHERE type = ? AND id = ? AND NOT gone", (type, id)
    ).fetchone()
    return told(row) if row else None


def pointing_at(turn: Turn, type: str, path: str, reference: str) -> list[dict[str, Any]]:
    """All of a type whose `path` refers to "Type/id", oldest first."""
    to, _, id = reference.partition("/")
    rows = turn.db.execute(
        "SELECT * FROM fhir_resources WHERE type = ? AND NOT gone AND seq IN"
        " (SELECT seq FROM fhir_index WHERE path = ? AND value = ? AND system = ?) ORDER BY seq",
        (type, path, id, to),
    ).fetchall()
    return [told(row) for row in rows]


def show_version(turn: Turn, type: str, id: str, version: str) -> dict[str, Any]:
    now = show(turn, type, id)
    if now["meta"]["versionId"] == version:
        return now
    row = turn.db.execute(
        "SELECT * FROM fhir_history WHERE type = ? AND id = ? AND version = ?", (type, id, version)
    ).fetchone()
    if row is None:
        raise refuse(404, "not_found")
    return told(row)


def told(row: Any) -> dict[str, Any]:
    kept = json.loads(row["body"])
    meta = {**kept.get("meta", {}), "versionId": str(row["version"]), "lastUpdated": iso(row["updated"])}
    return {"resourceType": row["type"], "id": row["id"], "meta": meta} | {
        name: value for name, value in kept.items() if name not in ("resourceType", "id", "meta")
    }


# writing


def create(turn: Turn, type: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """It gets its id here, whatever it names."""
    _check(turn, type, given)
    return keep(turn, {**given, "id": secrets.token_hex(12)}, 1)


def update(turn: Turn, type: str, given: Mapping[str, Any], id: str, if_match: str | None) -> dict[str, Any]:
    """This server wants to be told which version is replaced ("versioned-update"), and makes nothing under ids of others'
    choosing."""
    row = turn.db.execute(
        "SELECT version, gone FROM fhir_resources WHERE type = ? AND id = ?", (type, id)
    ).fetchone()
    if row is None:
        raise Refusal(405, "not-supported", "Resources get their ids here: POST.")
    if row["gone"]:
        raise refuse(410, "gone")
    if given.get("resourceType") == type and given.get("id") != id:
        raise Refusal(400, "invalid", "The id in the body is not the one in the address.", at=f"{type}.id")
    _check(turn, type, given)
    if if_match is None:
        raise Refusal(412, "conflict", "Say which version is replaced: If-Match.")
    if if_match != f'W/"{row["version"]}"':
        raise Refusal(412, "conflict", "The resource has another version.")
    return keep(turn, given, row["version"] + 1)


def change(
    turn: Turn, resource: Mapping[str, Any], elements: Mapping[str, Any], *, unchecked: bool = False
) -> dict[str, Any]:
    """The clinic's own change of what is there: some elements, None for those that go. `unchecked`: with codes that R4 does
    not have."""
    changed = {name: value for name, value in {**resource, **elements}.items() if value is not None}
    if not unchecked:
        _check(turn, resource["resourceType"], changed)
    return keep(turn, changed, int(resource["meta"]["versionId"]) + 1)


def add(turn: Turn, resource: dict[str, Any]) -> dict[str, Any]:
    """Something new of the clinic's own."""
    return create(turn, resource["resourceType"], resource)


def keep(turn: Turn, resource: Mapping[str, Any], version: int) -> dict[str, Any]:
    type, id = resource["resourceType"], resource["id"]
    turn.db.execute(
        "INSERT INTO fhir_history SELECT type, id, version, updated, body FROM fhir_resources WHERE type = ? AND id = ?",
        (type, id),
    )
    row = turn.db.execute(
        "INSERT INTO fhir_resources (type, id, version, updated, body) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (type, id) DO UPDATE SET version = excluded.version, updated = excluded.updated,"
        " body = excluded.body RETURNING seq",
        (type, id, version, turn.now, json.dumps(resource)),
    ).fetchone()
    turn.db.execute("DELETE FROM fhir_index WHERE seq = ?", (row["seq"],))
    turn.db.executemany(_INDEX, _parameters.indexed(resource, row["seq"]))
    written = {"version": str(version), "by": turn.by}
    if "status" in resource:
        written["status"] = str(resource["status"])
    if ref := next(
        (one["value"] for one in identifiers(resource) if one.get("system") == REF and "value" in one), None
    ):
        written["ref"] = ref
    Ledger.append(turn.db, ledger_kind(type), id, at=turn.now, metadata=written)
    made = show(turn, type, id)
    turn.tell(turn, made)
    return made


def forget(turn: Turn, type: str, id: str) -> None:
    """The clinic deletes it: from now on it is gone (410)."""
    show(turn, type, id)
    turn.db.execute(
        "UPDATE fhir_resources SET gone = 1, updated = ? WHERE type = ? AND id = ?", (turn.now, type, id)
    )


def load(turn: Turn, lines: Iterable[Any]) -> dict[str, int]:
    """Bulk creation, one resource with its id a line; what is there stays. Raises Refusal, ValueError."""
    counts = {"loaded": 0, "unchanged": 0}
    wanted: dict[str, str] = {}
    rows: list[tuple[str, str, str, int]] = []
    for line in lines:
        if not isinstance(line, Mapping) or not isinstance(line.get("id"), str):
            raise ValueError("a resource needs an id")
        type = str(line.get("resourceType"))
        wanted |= {target: at for at, target in _targets(_shaped(type, line))}
        meta = line.get("meta", {})
        at = datetime.fromisoformat(meta["lastUpdated"]).timestamp() if "lastUpdated" in meta else turn.now
        done = turn.db.execute(
            "INSERT INTO fhir_resources (type, id, version, updated, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (type, line["id"], int(meta.get("versionId", 1)), at, json.dumps(line)),
        )
        if done.rowcount == 1 and done.lastrowid:
            rows += _parameters.indexed(line, done.lastrowid)
        counts["loaded" if done.rowcount == 1 else "unchanged"] += 1
    turn.db.executemany(_INDEX, rows)
    for target, where in wanted.items():
        _must_be_here(turn, target, where)
    return counts


_INDEX = "INSERT OR IGNORE INTO fhir_index (path, value, system, seq) VALUES (?, ?, ?, ?)"


def identifiers(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of a QuestionnaireResponse there is one, of all others a list."""
    found = resource.get("identifier", [])
    return [found] if isinstance(found, Mapping) else found


def ledger_kind(type: str) -> str:
    """MedicationRequest -> medication_request"""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", type).lower()


# what may be written


def _check(turn: Turn, type: str, given: Mapping[str, Any]) -> None:
    for at, target in _targets(_shaped(type, given)):
        _must_be_here(turn, target, at)


def _shaped(type: str, given: Mapping[str, Any]) -> list[_shapes.Found]:
    if type not in RESOURCES or given.get("resourceType") != type:
        raise Refusal(400, "structure", f"This is no {type}.")
    return _shapes.check(given)


def _targets(found: list[_shapes.Found]) -> Iterator[tuple[str, str]]:
    """Where a reference stands, and what it is to."""
    for at, reference, only in found:
        if "reference" not in reference:
            continue
        parts = _TARGET.fullmatch(reference["reference"])
        if parts is None or (parts["base"] and not parts["base"].endswith("/fhir")):
            raise Refusal(422, "value", "Only what is kept here can be referred to.", at=f"{at}.reference")
        if only and parts["type"] not in only:
            words = f"A {parts['type']} cannot stand here: {', '.join(sorted(only))}."
            raise Refusal(422, "value", words, at=f"{at}.reference")
        if reference.get("type", parts["type"]) != parts["type"]:
            raise Refusal(422, "invariant", "The type is not the reference's.", at=f"{at}.type")
        yield f"{at}.reference", f"{parts['type']}/{parts['id']}"


def _must_be_here(turn: Turn, target: str, at: str) -> None:
    row = turn.db.execute(
        "SELECT gone FROM fhir_resources WHERE type = ? AND id = ?", tuple(target.split("/"))
    ).fetchone()
    if row is None or row["gone"]:
        raise Refusal(422, "not-found", f"There is no {target} here.", at=at)
