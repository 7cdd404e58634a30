"""Orders at Truepill: taken in, checked, made up, shipped; or something is wrong with them, or they are stopped."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .._door import NotGiven, Run, need, only
from .._fate import ARRIVING, CHECKED, MAKING, RESOLVING, SHIPPING, Fate, tracking_number
from .._ledger import Ledger
from ._turn import FIRST_NUMBER, Turn, refuse

ENDED = ("error", "canceled")
STATUSES = ("accepted", "verified", "triage", "filling", "filled", "error", "canceled", "shipped")
EFFECT = "fill"
PAGE = 50
Answer = tuple[int, dict[str, Any]]
_ADDRESS = ("name", "line1", "line2", "city", "state", "zip", "country")


def create(turn: Turn, given: Mapping[str, Any], key: str | None) -> Answer:
    """POST /v1/orders: 202 and nothing but that it was taken in. There are no idempotency keys."""
    try:
        only(
            given,
            "reference",
            "patient_reference",
            "prescription",
            "medications",
            "shipping_address",
            "metadata",
        )
        rx, lines = need(given, "prescription", dict), need(given, "medications", list)
        need(given, "reference", str), need(given, "patient_reference", str)
        for line in lines:
            only(line, "sku", "quantity")
            need(line, "sku", str), need(line, "quantity", int)
        _check_address(need(given, "shipping_address", dict))
        only(rx, "id", "fill_number", "replaces")
        prescription, fill_number = need(rx, "id", str), need(rx, "fill_number", int)
    except (NotGiven, AttributeError, TypeError) as problem:
        raise refuse(400, "invalid_request", str(problem)) from None
    _check_replaced(turn, rx)
    fate = Fate.of(given["shipping_address"], "line2")
    order = _add(turn, given, prescription, fill_number)
    first = _first_of(turn, order)
    if first:
        turn.later(CHECKED, "truepill refuses a duplicate", order["order_number"])
    else:
        _made(turn, order)
        if fate.kind != "STALL":
            turn.later(CHECKED, "truepill checks", order["order_number"])
        if fate.kind == "DUPLICATE":
            twin = _add(turn, given, prescription, fill_number)
            turn.later(CHECKED, "truepill refuses a duplicate", twin["order_number"])
    request = "req_" + secrets.token_hex(8)
    return 202, {"request_id": request, "order_number": order["order_number"], "status": "accepted"}


def _check_replaced(turn: Turn, rx: Mapping[str, Any]) -> None:
    """Only what has left under the same fill is made good."""
    if "replaces" not in rx:
        return
    gone = turn.find(need(rx, "replaces", str))
    of_gone = gone["prescription"] if gone and gone["status"] == "shipped" else {}
    if (of_gone.get("id"), of_gone.get("fill_number")) != (rx["id"], rx["fill_number"]):
        raise refuse(400, "invalid_request", "replaces: nothing of this fill has shipped under that number")


def _check_address(address: Mapping[str, Any]) -> None:
    only(address, *_ADDRESS)
    for name in ("name", "line1", "city", "state", "zip"):
        need(address, name, str)


def _add(turn: Turn, given: Mapping[str, Any], prescription: str, fill_number: int) -> dict[str, Any]:
    metadata = given.get("metadata") or {}
    row = turn.db.execute(
        "INSERT INTO tp_orders (ref, prescription, fill_number, status, body) VALUES (?, ?, ?, 'accepted', '{}')",
        (metadata.get("opsconsole_ref"), prescription, fill_number),
    )
    number = f"TP-{FIRST_NUMBER + (row.lastrowid or 0)}"
    order = {
        "order_number": number, "status": "accepted", "reference": given["reference"],
        "patient_reference": given["patient_reference"], "prescription": given["prescription"],
        "medications": given["medications"], "shipping_address": given["shipping_address"], "metadata": metadata,
        "created_at": turn.instant, "error": None, "triage": None, "shipment": None, "cancellation": None,
        "answers": [],
    }  # fmt: skip
    turn.db.execute("UPDATE tp_orders SET number = ? WHERE seq = ?", (number, row.lastrowid))
    turn.keep(order)
    return order


def _first_of(turn: Turn, order: Mapping[str, Any]) -> str | None:
    """The order that was there before this one for the same fill, or for the same replacement of it."""
    rx = order["prescription"]
    row = turn.db.execute(
        "SELECT number FROM tp_orders WHERE prescription = ? AND fill_number = ? AND number <> ?"
        " AND status NOT IN ('error', 'canceled') AND json_extract(body, '$.prescription.replaces') IS ?"
        " AND (json_extract(body, '$.prescription.replaces') IS NULL OR json_extract(body, '$.reference') = ?)"
        " ORDER BY seq LIMIT 1",
        (rx["id"], rx["fill_number"], order["order_number"], rx.get("replaces"), order["reference"]),
    ).fetchone()
    return row["number"] if row else None


def _made(turn: Turn, order: Mapping[str, Any]) -> None:
    """The effect: the pharmacy will make one up."""
    Ledger.append(turn.db, EFFECT, order["order_number"], at=turn.now, metadata=_tags(order))


def _tags(order: Mapping[str, Any]) -> dict[str, str]:
    return {**order["metadata"], "pharmacy": "truepill", "reference": order["reference"]}


def show(turn: Turn, given: Mapping[str, Any], key: str | None, number: str) -> Answer:
    return 200, turn.need(number)


def find(turn: Turn, given: Mapping[str, Any], key: str | None) -> Answer:
    """GET /v1/orders?metadata.opsconsole_ref=: what was posted is there at once."""
    if "since" in given:
        return _list(turn, given)
    if set(given) != {"metadata.opsconsole_ref"}:
        raise refuse(400, "invalid_request")
    rows = turn.db.execute(
        "SELECT body FROM tp_orders WHERE ref = ? ORDER BY seq", (given["metadata.opsconsole_ref"],)
    )
    return 200, {"orders": [json.loads(row["body"]) for row in rows]}


def _list(turn: Turn, given: Mapping[str, Any]) -> Answer:
    """GET /v1/orders?since=, with a reference or a cursor: what was ordered since then, oldest first."""
    if set(given) - {"since", "cursor", "reference"}:
        raise refuse(400, "invalid_request")
    try:
        since = datetime.fromtimestamp(float(given["since"]), UTC).isoformat()
        after = int(given.get("cursor") or 0)
    except (ValueError, OverflowError):
        raise refuse(400, "invalid_request") from None
    where, values = "seq > ? AND json_extract(body, '$.created_at') >= ?", [after, since]
    if "reference" in given:
        where, values = where + " AND json_extract(body, '$.reference') = ?", [*values, given["reference"]]
    rows = turn.db.execute(
        f"SELECT seq, body FROM tp_orders WHERE {where} ORDER BY seq LIMIT ?", (*values, PAGE + 1)
    ).fetchall()
    more = str(rows[PAGE - 1]["seq"]) if len(rows) > PAGE else None
    return 200, {"orders": [json.loads(row["body"]) for row in rows[:PAGE]], "cursor": more}


def cancel(turn: Turn, given: Mapping[str, Any], key: str | None, number: str) -> Answer:
    """202: whether it could be stopped comes as an event, and depends on how far it is by then."""
    order = turn.need(number)
    if not order["cancellation"] and order["status"] not in ("canceled", "shipped"):
        order["cancellation"] = "requested"
        turn.keep(order)
        Ledger.append(turn.db, "fill_cancel", number, at=turn.now, metadata=_tags(order))
        turn.later(2, "truepill decides to stop", number)
    return 202, {"request_id": "req_" + secrets.token_hex(8), "status": "accepted"}


def answer(turn: Turn, given: Mapping[str, Any], key: str | None, number: str) -> Answer:
    """Only while it is triaged. What was answered is settled a minute later."""
    order = turn.need(number)
    if order["status"] != "triage":
        raise refuse(409, "not_triaged")
    try:
        only(given, "answer", "metadata")
        said = {"answer": need(given, "answer", str), "metadata": given.get("metadata") or {}}
    except NotGiven as problem:
        raise refuse(400, "invalid_request", str(problem)) from None
    order["answers"].append({**said, "code": order["triage"]["code"]})
    turn.keep(order)
    Ledger.append(turn.db, "fill_answer", number, at=turn.now, metadata=_tags(order))
    turn.later(60, "truepill resolves", number)
    return 202, {"request_id": "req_" + secrets.token_hex(8), "status": "accepted"}


def readdress(turn: Turn, given: Mapping[str, Any], key: str | None, number: str) -> Answer:
    order = turn.need(number)
    if order["status"] in ("shipped", "canceled"):
        raise refuse(409, "already_shipped")
    try:
        only(given, "shipping_address")
        _check_address(need(given, "shipping_address", dict))
    except NotGiven as problem:
        raise refuse(400, "invalid_request", str(problem)) from None
    if order["shipping_address"] != given["shipping_address"]:
        order["shipping_address"] = given["shipping_address"]
        turn.keep(order)
        Ledger.append(turn.db, "fill_address", number, at=turn.now, metadata=_tags(order))
    return 202, {"request_id": "req_" + secrets.token_hex(8), "status": "accepted"}


def feed(turn: Turn, given: Mapping[str, Any], key: str | None) -> Answer:
    """GET /v1/events?since= or ?cursor=: oldest first; no cursor when there is no more."""
    where, value = (
        ("seq > ?", given.get("cursor")) if "cursor" in given else ("at >= ?", given.get("since", "0"))
    )
    try:
        rows = turn.db.execute(
            f"SELECT seq, body FROM tp_events WHERE {where} ORDER BY seq LIMIT ?",
            (float(value or 0), PAGE + 1),
        ).fetchall()
    except ValueError:
        raise refuse(400, "invalid_request") from None
    more = str(rows[PAGE - 1]["seq"]) if len(rows) > PAGE else None
    return 200, {"events": [json.loads(row["body"]) for row in rows[:PAGE]], "cursor": more}


# what happens by itself


def checks(turn: Turn, number: str) -> None:
    order = turn.need(number)
    if order["status"] != "accepted":
        return
    fate = Fate.of(order["shipping_address"], "line2")
    if fate.kind == "ERROR":
        _fails(turn, order, fate.word or "R026")
    elif fate.kind in ("TRIAGE", "EXCEPTION"):
        _triages(turn, order, fate.word if fate.kind == "TRIAGE" else "T005")
    elif fate.kind == "STATUS":
        _moves(turn, order, fate.word or "NewStatusX", "ORDER", fate.word or "NewStatusX")
    elif fate.kind == "NEVER":
        _moves(turn, order, "canceled", "ORDER", "canceled")
    else:
        _goes_on(turn, order)


def _goes_on(turn: Turn, order: dict[str, Any]) -> None:
    _moves(turn, order, "verified", "ORDER", "success")
    turn.later(MAKING, "truepill makes", order["order_number"])


def _fails(turn: Turn, order: dict[str, Any], code: str, message: str = "") -> None:
    day = (datetime.fromtimestamp(turn.now, UTC) + timedelta(days=9)).date().isoformat()
    due = {"next_fill_date": day} if code == "79" else {}
    order["error"] = {"code": code, "message": message or f"Order error {code}", **due}
    _moves(turn, order, "error", "ORDER", "error")


def _triages(turn: Turn, order: dict[str, Any], code: str) -> None:
    day = (datetime.fromtimestamp(turn.now, UTC) + timedelta(days=4)).date().isoformat()
    due = {"next_fill_date": day} if code == "T009" else {}
    order["triage"] = {"code": code, "message": f"Triage {code}", **due}
    _moves(turn, order, "triage", "ORDER", "triage")
    turn.later(RESOLVING, "truepill resolves", order["order_number"])


def resolves(turn: Turn, number: str) -> None:
    order = turn.need(number)
    if order["status"] == "triage":
        order["triage"] = None
        _goes_on(turn, order)


def makes(turn: Turn, number: str) -> None:
    order = turn.need(number)
    if order["status"] == "verified":
        _moves(turn, order, "filling", "ORDER", "filling")
        turn.later(SHIPPING, "truepill ships", number)


def ships(turn: Turn, number: str) -> None:
    order = turn.need(number)
    if order["status"] in ("filling", "filled", "verified"):
        seq = int(number.removeprefix("TP-"))
        order["shipment"] = {"carrier": "UPS", "tracking_number": tracking_number(seq), "status": "TRANSIT"}
        if order["cancellation"] == "requested":
            order["cancellation"] = "denied"
        _moves(turn, order, "shipped", "SHIPMENT", "TRANSIT")
        turn.later(ARRIVING, "truepill hears that it arrived", number)


def arrives(turn: Turn, number: str) -> None:
    order = turn.need(number)
    if order["status"] == "shipped":
        order["shipment"]["status"] = "DELIVERED"
        _moves(turn, order, "shipped", "SHIPMENT", "DELIVERED")


def decides(turn: Turn, number: str) -> None:
    """It can be stopped until it is made up."""
    order = turn.need(number)
    if order["cancellation"] != "requested":
        return
    if order["status"] in ("accepted", "verified", "triage", "error"):
        order["cancellation"] = "done"
        _moves(turn, order, "canceled", "ORDER", "canceled")
    else:
        order["cancellation"] = "denied"
        _moves(turn, order, order["status"], "ORDER", "cancel_denied")


def refuses_duplicate(turn: Turn, number: str) -> None:
    """R1 names the order that was there first, in its sentence."""
    order = turn.need(number)
    first = _first_of(turn, order)
    if first:
        _fails(turn, order, "R1", f"Duplicate Order of {first}")
    else:  # the first one has ended meanwhile: this one is no duplicate any more
        _made(turn, order)
        checks(turn, number)


def _moves(turn: Turn, order: dict[str, Any], status: str, type: str, told: str) -> None:
    order["status"] = status
    turn.keep(order)
    turn.publish(
        turn,
        {
            "id": "evt_" + secrets.token_hex(12), "type": type, "status": told, "timestamp": turn.instant,
            "order_number": order["order_number"], "reference": order["reference"], "metadata": order["metadata"],
            "details": {"error": order["error"], "triage": order["triage"], "shipment": order["shipment"]},
        },
    )  # fmt: skip


def becomes(turn: Turn, number: str, status: str, code: str | None) -> dict[str, Any]:
    """What the pharmacy's staff does. `status` is "triage", "error", "shipped", "canceled" or any other word."""
    order = turn.find(number)
    if order is None:
        raise ValueError(f"There is no order {number!r}.")
    if status == "shipped":
        order["status"] = "filling"
        turn.keep(order)
        ships(turn, number)
    elif status == "triage":
        _triages(turn, order, code or "T005")
    elif status == "error":
        _fails(turn, order, code or "R026")
    else:
        order["triage"] = None
        _moves(turn, order, status, "ORDER", "success" if status == "verified" else status)
    return turn.need(number)


def load(turn: Turn, line: Any) -> bool:
    """An order as it stands: {"order_number", "status", "reference", "patient_reference", "prescription",
    "medications", "shipping_address", "metadata", ..}. It moves no further by itself."""
    if not isinstance(line, dict) or not isinstance(line.get("order_number"), str):
        raise ValueError("an order needs an order_number")
    if turn.find(line["order_number"]):
        return False
    order = {"error": None, "triage": None, "shipment": None, "cancellation": None, "answers": [], **line}
    rx = order["prescription"]
    turn.db.execute(
        "INSERT INTO tp_orders (number, ref, prescription, fill_number, status, body) VALUES (?, ?, ?, ?, '', '{}')",
        (order["order_number"], order["metadata"].get("opsconsole_ref"), rx["id"], rx["fill_number"]),
    )
    turn.keep(order)
    return True


FALLS_DUE: dict[str, Callable[[Turn, str], None]] = {
    "truepill checks": checks,
    "truepill makes": makes,
    "truepill ships": ships,
    "truepill hears that it arrived": arrives,
    "truepill resolves": resolves,
    "truepill decides to stop": decides,
    "truepill refuses a duplicate": refuses_duplicate,
}
ROUTES: list[tuple[str, str, Run]] = [
    ("GET", "/v1/status", lambda turn, given, key: (200, {"status": "ok"})),
    ("POST", "/v1/orders", create),
    ("GET", "/v1/orders", find),
    ("GET", "/v1/orders/<number>", show),
    ("POST", "/v1/orders/<number>/cancel", cancel),
    ("POST", "/v1/orders/<number>/answers", answer),
    ("POST", "/v1/orders/<number>/address", readdress),
    ("GET", "/v1/events", feed),
]
