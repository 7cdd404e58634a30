"""Trackers: what the API shows of them, and how parcels move."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .._ledger import Ledger
from ._plans import PLANS, TEST_CODES, Stop
from ._turn import Refusal, Turn, iso, new_id, not_found

CARRIERS = {"usps": "USPS", "ups": "UPS", "fedex": "FedEx", "dhlexpress": "DHLExpress", "ontrac": "OnTrac"}
CODE = re.compile(r"[A-Z0-9]{8,40}")
FIELDS = {"tracking_code", "carrier"}
#: For so long the same number and carrier are the same tracker.
SAME_FOR_SECONDS = 90 * 86400
CARRIER_SCANS = "easypost carrier scans"
ESTIMATE_SECONDS = 4 * 86400


def create(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
    """POST /v2/trackers: a new tracker, or the one of the last three months."""
    asked = given.get("tracker")
    if not isinstance(asked, dict) or set(given) != {"tracker"}:
        raise Refusal(422, "PARAMETER.REQUIRED", "Missing required parameter.", field="tracker")
    if strange := sorted(set(asked) - FIELDS):
        raise Refusal(422, "PARAMETER.INVALID", "Unknown parameter.", field=strange[0])
    code, carrier = _code(asked.get("tracking_code")), _carrier(asked.get("carrier"))
    known = turn.db.execute(
        "SELECT id FROM ep_trackers WHERE tracking_code = ? AND carrier = ? AND created > ? ORDER BY seq DESC LIMIT 1",
        (code, carrier, turn.now - SAME_FOR_SECONDS),
    ).fetchone()
    return show(turn, known["id"] if known else _make(turn, code, carrier))


def _code(value: Any) -> str:
    if not isinstance(value, str) or not CODE.fullmatch(value.strip().upper()):
        raise Refusal(422, "TRACKER.CREATE.ERROR", "This tracking code is not valid.", field="tracking_code")
    return value.strip().upper()


def _carrier(value: Any) -> str:
    if value in (None, ""):
        return "USPS"  # what EasyPost finds out by itself from the number's form
    if not isinstance(value, str) or value.lower() not in CARRIERS:
        raise Refusal(422, "TRACKER.CREATE.ERROR", "This carrier is not supported.", field="carrier")
    return CARRIERS[value.lower()]


def _make(turn: Turn, code: str, carrier: str) -> str:
    id = new_id("trk")
    test = TEST_CODES.get(code)
    turn.db.execute(
        "INSERT INTO ep_trackers (id, tracking_code, carrier, created, updated, est_delivery) VALUES (?, ?, ?, ?, ?, ?)",
        (id, code, carrier, turn.now, turn.now, None if test else turn.now + ESTIMATE_SECONDS),
    )
    Ledger.append(turn.db, "tracker", id, at=turn.now, metadata={"tracking_code": code, "carrier": carrier})
    for stop in test or PLANS[turn.plan()]:
        if stop.hours + stop.late <= 0:
            _write(turn, id, turn.now + stop.hours * 3600, stop)
        else:
            what = json.dumps({"tracker": id, "at": turn.now + stop.hours * 3600, "stop": vars(stop)})
            turn.later((stop.hours + stop.late) * 3600, CARRIER_SCANS, what)
    turn.report(turn, "tracker.created", None, show(turn, id))
    return id


def carrier_scans(turn: Turn, what: str) -> None:
    """A scan of the parcel's plan becomes known."""
    told = json.loads(what)
    if turn.db.execute("SELECT 1 FROM ep_trackers WHERE id = ?", (told["tracker"],)).fetchone() is None:
        return  # it was lost meanwhile
    stop = Stop(**told["stop"])
    add_scan(
        turn, told["tracker"], told["at"], stop.status, detail=stop.detail, message=stop.message, city=stop.city,
        state=stop.state,
    )  # fmt: skip


def add_scan(
    turn: Turn, id: str, at: float, status: str, *, detail: str = "status_update", message: str = "",
    city: str = "", state: str = "",
) -> None:  # fmt: skip
    before = show(turn, id)["status"]
    _write(turn, id, at, Stop(0, status, detail, message, city, state))
    turn.db.execute("UPDATE ep_trackers SET updated = ? WHERE id = ?", (turn.now, id))
    turn.report(turn, "tracker.updated", before, show(turn, id))


def _write(turn: Turn, id: str, at: float, stop: Stop) -> None:
    turn.db.execute(
        "INSERT INTO ep_scans (tracker, at, status, detail, message, city, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id, at, stop.status, stop.detail, stop.message, stop.city, stop.state),
    )


def put(turn: Turn, told: Mapping[str, Any]) -> bool:
    """A tracker as demo data tell it; False if it is there. Instants are ISO 8601. Raises ValueError."""
    try:
        created = _seconds(told["created"])
        scans = [{**one, "at": _seconds(one["at"])} for one in told["scans"]]
        row = (told["id"], str(told["tracking_code"]), str(told["carrier"]), created)
        estimate = _seconds(told["est_delivery"]) if told.get("est_delivery") else None
        written = [
            (one["at"], str(one["status"]), *(str(one.get(name, "")) for name in ("detail", "message", "city", "state")))
            for one in scans
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{told.get('id')}: this is no tracker") from None
    last = max([created, *(one[0] for one in written)])
    added = turn.db.execute(
        "INSERT OR IGNORE INTO ep_trackers (id, tracking_code, carrier, created, updated, est_delivery)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (*row, last, estimate),
    )
    if not added.rowcount:
        return False
    turn.db.executemany(
        "INSERT INTO ep_scans (tracker, at, status, detail, message, city, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(told["id"], *one) for one in written],
    )
    return True


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


# what the API shows


def show(turn: Turn, id: str) -> dict[str, Any]:
    row = turn.db.execute("SELECT * FROM ep_trackers WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise not_found()
    scans = turn.db.execute("SELECT * FROM ep_scans WHERE tracker = ? ORDER BY at, seq", (id,)).fetchall()
    last = scans[-1] if scans else {"status": "unknown", "detail": "unknown"}
    return {
        "id": id, "object": "Tracker", "mode": "test", "tracking_code": row["tracking_code"],
        "status": last["status"], "status_detail": last["detail"], "signed_by": None, "weight": None,
        "est_delivery_date": iso(row["est_delivery"]) if row["est_delivery"] else None, "shipment_id": None,
        "carrier": row["carrier"], "carrier_detail": None, "fees": [], "finalized": last["status"] == "delivered",
        "is_return": last["status"] == "return_to_sender", "public_url": f"https://track.easypost.com/{id}",
        "tracking_details": [_detail(scan, row["carrier"]) for scan in scans],
        "created_at": iso(row["created"]), "updated_at": iso(row["updated"]),
    }  # fmt: skip


def _detail(scan: Any, carrier: str) -> dict[str, Any]:
    return {
        "object": "TrackingDetail", "message": scan["message"], "description": scan["message"],
        "status": scan["status"], "status_detail": scan["detail"], "datetime": iso(scan["at"]), "source": carrier,
        "carrier_code": None,
        "tracking_location": {
            "object": "TrackingLocation", "city": scan["city"] or None, "state": scan["state"] or None,
            "country": "US" if scan["city"] else None, "zip": None,
        },
    }  # fmt: skip


def named(turn: Turn, name: str) -> dict[str, Any]:
    """The tracker of that id, or the newest of that number."""
    row = turn.db.execute(
        "SELECT * FROM ep_trackers WHERE id = ? OR tracking_code = ? ORDER BY seq DESC LIMIT 1", (name, name)
    ).fetchone()
    if row is None:
        raise not_found()
    return dict(row)


def find(turn: Turn, query: Mapping[str, str]) -> dict[str, Any]:
    """GET /v2/trackers: newest first, a page between `before_id` and `after_id`."""
    known = {
        "page_size", "before_id", "after_id", "start_datetime", "end_datetime", "tracking_code", "carrier",
    }  # fmt: skip
    if strange := sorted(set(query) - known):
        raise Refusal(422, "PARAMETER.INVALID", "Unknown parameter.", field=strange[0])
    size = query.get("page_size", "20")
    if not size.isdecimal() or not 1 <= int(size) <= 100:
        raise Refusal(422, "PARAMETER.INVALID", "page_size must be from 1 to 100.", field="page_size")
    where, values = ["created >= ?"], [_when(query, "start_datetime", turn.now - 30 * 86400)]
    if "end_datetime" in query:
        where, values = [*where, "created < ?"], [*values, _when(query, "end_datetime", turn.now)]
    more: list[Any] = []
    for name in ("tracking_code", "carrier"):
        if name in query:
            where, more = [*where, f"{name} = ?"], [*more, query[name]]
    for name, sign in (("before_id", "<"), ("after_id", ">")):
        if name in query:
            where, more = [*where, f"seq {sign} ?"], [*more, named(turn, query[name])["seq"]]
    rows = turn.db.execute(
        f"SELECT id FROM ep_trackers WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ?",
        (*values, *more, int(size) + 1),
    ).fetchall()
    found = [show(turn, row["id"]) for row in rows[: int(size)]]
    return {"trackers": found, "has_more": len(rows) > int(size)}


def _when(query: Mapping[str, str], name: str, otherwise: float) -> float:
    try:
        return datetime.fromisoformat(query[name]).timestamp() if name in query else otherwise
    except ValueError:
        raise Refusal(422, "PARAMETER.INVALID", f"{name} is not ISO 8601.", field=name) from None
