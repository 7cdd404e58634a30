"""Orders at Honeybee: received, processed, filled, shipped; or on hold until we answer, or canceled."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from .._door import NotGiven, Run, need, only
from .._fate import ARRIVING, CHECKED, MAKING, SHIPPING, Fate, tracking_number
from .._ledger import Ledger
from ._turn import Turn, refuse

EFFECT = "fill"
Answer = tuple[int, dict[str, Any]]
_ADDRESS = ("recipient", "street1", "street2", "city", "state", "postalCode", "country")


def keyed(run: Run) -> Run:
    """The same key gets the same answer for a day; another request under it is refused."""

    @wraps(run)
    def once(turn: Turn, given: Mapping[str, Any], key: str | None, **ids: str) -> Answer:
        what = [run.__name__, given, ids]
        if known := turn.remembered(key, what):
            return known
        try:
            status, answer = run(turn, given, key, **ids)
        except (NotGiven, AttributeError, TypeError) as problem:
            raise refuse(422, "VALIDATION", str(problem)) from None
        turn.remember(key, what, status, answer)
        return status, answer

    return once


@keyed
def create(turn: Turn, given: Mapping[str, Any], key: str | None) -> Answer:
    """POST /orders"""
    only(given, "externalReference", "orderNumber", "patient", "rx", "products", "shipTo", "partnerMetadata")
    need(given, "externalReference", str), need(given, "orderNumber", str)
    need(need(given, "patient", dict), "externalId", str)
    rx = need(given, "rx", dict)
    need(rx, "number", str), need(rx, "fill", int)
    _check_remade(turn, rx)
    for line in need(given, "products", list):
        only(line, "sku", "qty")
        need(line, "sku", str), need(line, "qty", int)
    _check_address(need(given, "shipTo", dict))
    order = _add(turn, given)
    Ledger.append(turn.db, EFFECT, order["orderId"], at=turn.now, metadata=_tags(order), key=key)
    _tell(turn, order, "RX_RECEIVED")
    fate = Fate.of(order["shipTo"], "street2")
    if fate.kind != "STALL":
        turn.later(CHECKED, "honeybee processes", order["orderId"])
    return 201, {"order": order}


def _check_remade(turn: Turn, rx: Mapping[str, Any]) -> None:
    """Only what has left under the same fill is made once more."""
    only(rx, "number", "fill", "remakeOf")
    if "remakeOf" not in rx:
        return
    gone = turn.find(need(rx, "remakeOf", str))
    of_gone = gone["rx"] if gone and gone["status"] in ("Shipped", "Delivered") else {}
    if (of_gone.get("number"), of_gone.get("fill")) != (rx["number"], rx["fill"]):
        raise refuse(422, "VALIDATION", "remakeOf: nothing of this fill has shipped under that number")


def _check_address(address: Mapping[str, Any]) -> None:
    only(address, *_ADDRESS)
    for name in ("recipient", "street1", "city", "state", "postalCode"):
        need(address, name, str)


def _add(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
    row = turn.db.execute(
        "INSERT INTO hb_orders (ref, status, body) VALUES (?, 'Received', '{}')",
        (given["externalReference"],),
    )
    order = {
        **given, "orderId": f"hb-{row.lastrowid:08d}", "status": "Received", "createdAt": turn.instant,
        "partnerMetadata": given.get("partnerMetadata") or {}, "exceptions": [], "shipments": [],
        "cancelReason": None,
    }  # fmt: skip
    turn.db.execute("UPDATE hb_orders SET id = ? WHERE seq = ?", (order["orderId"], row.lastrowid))
    turn.keep(order)
    return order


def _tags(order: Mapping[str, Any]) -> dict[str, str]:
    reference = {"opsconsole_ref": order["externalReference"], "reference": order["orderNumber"]}
    return {**order["partnerMetadata"], **reference, "pharmacy": "honeybee"}


def show(turn: Turn, given: Mapping[str, Any], key: str | None, id: str) -> Answer:
    return 200, {"order": turn.need(id)}


def find(turn: Turn, given: Mapping[str, Any], key: str | None) -> Answer:
    if "from" in given:
        return _list(turn, given)
    if set(given) != {"externalReference"}:
        raise refuse(400, "VALIDATION")
    rows = turn.db.execute(
        "SELECT body FROM hb_orders WHERE ref = ? ORDER BY seq", (given["externalReference"],)
    )
    return 200, {"orders": [json.loads(row["body"]) for row in rows]}


def _list(turn: Turn, given: Mapping[str, Any]) -> Answer:
    """GET /orders?from=&page=&perPage=, perhaps of one orderNumber: what was ordered since then, oldest first."""
    since, page, size = _paging(given, "orderNumber")
    where, values = "json_extract(body, '$.createdAt') >= ?", [since * 1000]
    if "orderNumber" in given:
        where, values = (
            where + " AND json_extract(body, '$.orderNumber') = ?",
            [*values, given["orderNumber"]],
        )
    (count,) = turn.db.execute(f"SELECT count(*) FROM hb_orders WHERE {where}", values).fetchone()
    rows = turn.db.execute(
        f"SELECT body FROM hb_orders WHERE {where} ORDER BY seq LIMIT ? OFFSET ?",
        (*values, size, (page - 1) * size),
    )
    found = [json.loads(row["body"]) for row in rows]
    return 200, {"orders": found, "page": page, "pages": -(-count // size) or 1}


def _paging(given: Mapping[str, Any], *more: str) -> tuple[float, int, int]:
    """(since, page, its size) of a list by page number."""
    if set(given) - {"from", "page", "perPage", *more}:
        raise refuse(400, "VALIDATION")
    try:
        page, size = int(given.get("page", "1")), int(given.get("perPage", "100"))
        return float(given.get("from", "0")), max(page, 1), max(1, min(size, 100))
    except ValueError:
        raise refuse(400, "VALIDATION") from None


@keyed
def cancel(turn: Turn, given: Mapping[str, Any], key: str | None, id: str) -> Answer:
    """At once, until it is being filled."""
    order = turn.need(id)
    if order["status"] == "Canceled":
        return 200, {"order": order}
    if order["status"] in ("Filling", "Filled", "Shipped", "Delivered"):
        raise refuse(409, "CANNOT_CANCEL")
    order["cancelReason"] = "PARTNER_REQUEST"
    Ledger.append(turn.db, "fill_cancel", id, at=turn.now, metadata=_tags(order), key=key)
    _moves(turn, order, "Canceled")
    return 200, {"order": order}


@keyed
def respond(turn: Turn, given: Mapping[str, Any], key: str | None, id: str, exception: str) -> Answer:
    """What was answered is settled a minute later."""
    order = turn.need(id)
    only(given, "response")
    said = need(given, "response", str)
    waiting = next((one for one in order["exceptions"] if one["exceptionId"] == exception), None)
    if waiting is None:
        raise refuse(404, "NOT_FOUND")
    if waiting["status"] != "OPEN" or waiting["response"]:
        raise refuse(409, "ALREADY_ANSWERED")
    waiting["response"] = said
    turn.keep(order)
    Ledger.append(turn.db, "fill_answer", id, at=turn.now, metadata=_tags(order), key=key)
    turn.later(60, "honeybee goes on", id)
    return 200, {"order": order}


@keyed
def readdress(turn: Turn, given: Mapping[str, Any], key: str | None, id: str) -> Answer:
    order = turn.need(id)
    only(given, "shipTo")
    _check_address(need(given, "shipTo", dict))
    if order["status"] in ("Shipped", "Delivered", "Canceled"):
        raise refuse(409, "ALREADY_SHIPPED")
    if order["shipTo"] != given["shipTo"]:
        order["shipTo"] = given["shipTo"]
        turn.keep(order)
        Ledger.append(turn.db, "fill_address", id, at=turn.now, metadata=_tags(order), key=key)
    return 200, {"order": order}


def events(turn: Turn, given: Mapping[str, Any], key: str | None) -> Answer:
    """GET /webhook-events?from=&page=&perPage=: oldest first."""
    since, page, size = _paging(given)
    (count,) = turn.db.execute("SELECT count(*) FROM hb_events WHERE at >= ?", (since,)).fetchone()
    rows = turn.db.execute(
        "SELECT body FROM hb_events WHERE at >= ? ORDER BY seq LIMIT ? OFFSET ?",
        (since, size, (page - 1) * size),
    )
    pages = -(-count // size) or 1
    return 200, {"events": [json.loads(row["body"]) for row in rows], "page": page, "pages": pages}


# what happens by itself


def processes(turn: Turn, id: str) -> None:
    order = turn.need(id)
    if order["status"] != "Received":
        return
    fate = Fate.of(order["shipTo"], "street2")
    if fate.kind in ("EXCEPTION", "TRIAGE", "ERROR"):
        _asks(turn, order, fate.word if fate.kind == "EXCEPTION" else "OOS")
    elif fate.kind == "DUPLICATE":
        _asks(turn, order, "DUPLICATE_ORDER")
    elif fate.kind == "STATUS":
        _moves(turn, order, fate.word or "NewStatusX")
    elif fate.kind == "NEVER":
        order["cancelReason"] = "CLOSED_NETWORK"
        _moves(turn, order, "Canceled")
    else:
        _goes_on(turn, order)


def _goes_on(turn: Turn, order: dict[str, Any]) -> None:
    _moves(turn, order, "Processing")
    turn.later(MAKING, "honeybee fills", order["orderId"])


def _asks(turn: Turn, order: dict[str, Any], type: str) -> None:
    order["exceptions"].append(
        {
            "exceptionId": "exc_" + secrets.token_hex(6), "type": type, "status": "OPEN", "response": None,
            "openedAt": turn.instant,
        }
    )  # fmt: skip
    _moves(turn, order, "On Hold", "ORDER_EXCEPTION")


def goes_on(turn: Turn, id: str) -> None:
    """What was answered is closed, and the order goes on."""
    order = turn.need(id)
    for one in order["exceptions"]:
        if one["response"]:
            one["status"] = "CLOSED"
    if order["status"] == "On Hold" and not any(one["status"] == "OPEN" for one in order["exceptions"]):
        _goes_on(turn, order)
    else:
        turn.keep(order)


def fills(turn: Turn, id: str) -> None:
    order = turn.need(id)
    if order["status"] == "Processing":
        _moves(turn, order, "Filling")
        turn.later(SHIPPING, "honeybee ships", id)


def ships(turn: Turn, id: str) -> None:
    order = turn.need(id)
    if order["status"] in ("Processing", "Filling", "Filled"):
        number = tracking_number(5_000_000 + int(id.removeprefix("hb-")))
        order["shipments"].append({"carrier": "UPS", "trackingNumber": number})
        _moves(turn, order, "Shipped", "SHIPMENT_UPDATED")
        turn.later(ARRIVING, "honeybee hears that it arrived", id)


def arrives(turn: Turn, id: str) -> None:
    order = turn.need(id)
    if order["status"] == "Shipped":
        _moves(turn, order, "Delivered", "SHIPMENT_UPDATED")


def _moves(turn: Turn, order: dict[str, Any], status: str, type: str = "RX_UPDATED") -> None:
    order["status"] = status
    turn.keep(order)
    _tell(turn, order, type)


def _tell(turn: Turn, order: Mapping[str, Any], type: str) -> None:
    names = ("orderId", "orderNumber", "status", "partnerMetadata", "externalReference")
    turn.publish(
        turn,
        {
            "eventId": "hbe_" + secrets.token_hex(12), "eventType": type, "createdAt": turn.instant,
            "data": {name: order[name] for name in names},
        },
    )  # fmt: skip


def becomes(turn: Turn, id: str, status: str, code: str | None) -> dict[str, Any]:
    """What the pharmacy's staff does. `status` is any word; "On Hold" opens an exception of type `code`."""
    order = turn.find(id)
    if order is None:
        raise ValueError(f"There is no order {id!r}.")
    if status == "Shipped":
        order["status"] = "Filling"
        turn.keep(order)
        ships(turn, id)
    elif status == "On Hold":
        _asks(turn, order, code or "OOS")
    else:
        if status == "Canceled":
            order["cancelReason"] = code or "CLOSED_NETWORK"
        _moves(turn, order, status)
    return turn.need(id)


def load(turn: Turn, line: Any) -> bool:
    """An order as it stands: {"orderId", "status", "externalReference", "orderNumber", "patient", "rx", "products",
    "shipTo", "partnerMetadata", ..}. It moves no further by itself."""
    if not isinstance(line, dict) or not isinstance(line.get("orderId"), str):
        raise ValueError("an order needs an orderId")
    if turn.find(line["orderId"]):
        return False
    order = {"exceptions": [], "shipments": [], "cancelReason": None, "createdAt": turn.instant, **line}
    turn.db.execute(
        "INSERT INTO hb_orders (id, ref, status, body) VALUES (?, ?, '', '{}')",
        (order["orderId"], order["externalReference"]),
    )
    turn.keep(order)
    return True


FALLS_DUE: dict[str, Callable[[Turn, str], None]] = {
    "honeybee processes": processes,
    "honeybee fills": fills,
    "honeybee ships": ships,
    "honeybee hears that it arrived": arrives,
    "honeybee goes on": goes_on,
}
ROUTES: list[tuple[str, str, Run]] = [
    ("GET", "/ping", lambda turn, given, key: (200, {"pong": True})),
    ("POST", "/orders", create),
    ("GET", "/orders", find),
    ("GET", "/orders/<id>", show),
    ("PATCH", "/orders/<id>", readdress),
    ("POST", "/orders/<id>/cancel", cancel),
    ("POST", "/orders/<id>/exceptions/<exception>/response", respond),
    ("GET", "/webhook-events", events),
]
