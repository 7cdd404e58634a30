"""Patients: read, searched, and replaced by those who name the version that they read."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from .._ledger import Ledger
from . import _shapes
from ._turn import Refusal, Turn, iso, refuse

USUAL_PAGE, LARGEST_PAGE = 20, 200
_SEARCH = {"_lastUpdated", "_sort", "_count", "_page"}
_COMPARES = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "="}


def show(turn: Turn, id: str) -> dict[str, Any]:
    row = turn.db.execute("SELECT * FROM fhir_patients WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise refuse(404, "not_found")
    return _told(row)


def _told(row: Any) -> dict[str, Any]:
    """As it was sent, under its version."""
    kept = json.loads(row["body"])
    meta = {**kept.get("meta", {}), "versionId": str(row["version"]), "lastUpdated": iso(row["updated"])}
    return {"resourceType": "Patient", "id": row["id"], "meta": meta} | {
        name: value for name, value in kept.items() if name not in ("resourceType", "id", "meta")
    }


def create(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
    """POST /Patient"""
    _check(given)
    return _put(turn, secrets.token_hex(12), 1, given)


def update(turn: Turn, given: Mapping[str, Any], id: str, if_match: str | None) -> dict[str, Any]:
    """PUT /Patient/<id>. This server wants to be told which version is replaced ("versioned-update"), and makes no
    patients under ids of others' choosing."""
    row = turn.db.execute("SELECT version FROM fhir_patients WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise Refusal(405, "not-supported", "Patients get their ids here: POST.")
    _check(given)
    if given.get("id") != id:
        raise Refusal(400, "invalid", "The id in the body is not the one in the address.", at="Patient.id")
    if if_match is None:
        raise Refusal(412, "conflict", "Say which version is replaced: If-Match.")
    if if_match != f'W/"{row["version"]}"':
        raise Refusal(412, "conflict", "The patient has another version.")
    return _put(turn, id, row["version"] + 1, given)


def _check(given: Mapping[str, Any]) -> None:
    if given.get("resourceType") != "Patient":
        raise Refusal(400, "structure", "This is no Patient.")
    _shapes.check(given)


def _put(turn: Turn, id: str, version: int, given: Mapping[str, Any]) -> dict[str, Any]:
    turn.db.execute(
        "INSERT INTO fhir_patients (id, version, updated, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " version = excluded.version, updated = excluded.updated, body = excluded.body",
        (id, version, turn.now, json.dumps(given)),
    )
    Ledger.append(turn.db, "patient", id, at=turn.now, metadata={"version": str(version)})
    told = show(turn, id)
    turn.tell(turn, told)
    return told


def move(turn: Turn, id: str, address: dict[str, Any]) -> dict[str, Any]:
    """Somebody at the doctor's writes down where a patient lives now."""
    now = show(turn, id)
    addresses = [dict(one) for one in now.get("address", [])]
    place = next((n for n, one in enumerate(addresses) if one.get("use") == "home"), None)
    if place is None:
        addresses.insert(0, {"use": "home", "type": "both"})
        place = 0
    addresses[place] = {
        name: addresses[place][name] for name in ("use", "type") if name in addresses[place]
    } | address
    changed = now | {"address": addresses}
    _check(changed)
    return _put(turn, id, int(now["meta"]["versionId"]) + 1, changed)


def put(turn: Turn, line: Mapping[str, Any]) -> bool:
    """One patient of a bulk load; False when there is one of that id, who stays. Nobody is told."""
    _check(line)
    meta = line.get("meta", {})
    at = datetime.fromisoformat(meta["lastUpdated"]).timestamp() if "lastUpdated" in meta else turn.now
    done = turn.db.execute(
        "INSERT INTO fhir_patients (id, version, updated, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (line["id"], int(meta.get("versionId", 1)), at, json.dumps(line)),
    )
    return done.rowcount == 1


def search(turn: Turn, query: Mapping[str, str], base: str) -> dict[str, Any]:
    """GET /Patient: by when they were last changed, a page at a time. `base` is where this server is."""
    if strange := sorted(set(query) - _SEARCH):
        raise Refusal(400, "not-supported", f"Unknown search parameter {strange[0][:40]}.")
    size = query.get("_count", str(USUAL_PAGE))
    if not size.isdecimal() or not 1 <= int(size) <= LARGEST_PAGE:
        raise Refusal(400, "value", f"_count is 1 to {LARGEST_PAGE}.")
    sort = query.get("_sort", "_lastUpdated")
    if sort not in ("_lastUpdated", "-_lastUpdated"):
        raise Refusal(400, "not-supported", "Sorted by _lastUpdated only.")
    where, values = _when(query)
    start = int(page) if (page := query.get("_page", "0")).isdecimal() else 0
    order = "DESC" if sort.startswith("-") else "ASC"
    rows = turn.db.execute(
        f"SELECT * FROM fhir_patients WHERE {where} ORDER BY updated {order}, seq {order} LIMIT ? OFFSET ?",
        (*values, int(size) + 1, start),
    ).fetchall()
    links = [{"relation": "self", "url": _link(base, query, start)}]
    if len(rows) > int(size):
        links.append({"relation": "next", "url": _link(base, query, start + int(size))})
    entries = [
        {"fullUrl": f"{base}/Patient/{row['id']}", "resource": _told(row), "search": {"mode": "match"}}
        for row in rows[: int(size)]
    ]
    return {"resourceType": "Bundle", "type": "searchset", "link": links} | (
        {"entry": entries} if entries else {}
    )


def _when(query: Mapping[str, str]) -> tuple[str, list[float]]:
    if "_lastUpdated" not in query:
        return "1", []
    found = re.fullmatch(r"(gt|ge|lt|le|eq)?(\d{4}-.*)", query["_lastUpdated"])
    try:
        at = datetime.fromisoformat(found[2] if found else "")
    except ValueError:
        raise Refusal(400, "value", "_lastUpdated is a prefix and an instant.") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"updated {_COMPARES[(found and found[1]) or 'eq']} ?", [at.timestamp()]


def _link(base: str, query: Mapping[str, str], start: int) -> str:
    return f"{base}/Patient?{urlencode({**query, '_page': str(start)})}"
