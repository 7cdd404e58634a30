"""What starts a message, what becomes of it, and what the App API and the reporting webhooks tell of it.

Each event starts a campaign of one e-mail that also goes to the unsubscribed, as the campaigns of such
messages are set up. The recipient decides what becomes of it: `bounced@`, `dropped@` and `failed@` do as they
are called, all others get it.
"""

from __future__ import annotations

import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from .._door import Refusal
from .._ledger import Ledger
from ._turn import Turn, new_ulid, refused_by_app, refused_by_track
from .people import EMAIL, ID_LIMIT, identifiers, identify, need

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
EVENT_FIELDS = {"name", "id", "type", "timestamp", "data"}
SEND_FIELDS = {
    *("to", "transactional_message_id", "identifiers", "message_data", "subject", "body", "from", "reply_to"),
    *("bcc", "headers", "queue_draft", "tracked", "send_to_unsubscribed", "disable_message_retention"),
}
METRICS = ("sent", "delivered", "opened", "clicked", "bounced", "dropped", "spammed", "failed")
FAILED = {"bounced": "550 no such mailbox", "dropped": "suppressed", "failed": "the template does not render"}
#: An event with an older timestamp is stored and starts nothing.
STARTS_FOR_SECONDS = 72 * 3600
CAMPAIGN_AFTER_SECONDS, DELIVERED_AFTER_SECONDS = 1, 5
CAMPAIGN_RUNS, GETS_THERE = "customerio campaign runs", "customerio message gets there"


# what starts one


def track(turn: Turn, person: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """POST /api/v1/customers/{id}/events. An id that was seen before is answered and ignored."""
    _check_event(person, given)
    id = given.get("id") or new_ulid(turn.now)
    if turn.person(person) is None:
        identify(turn, person, {})
    added = turn.db.execute(
        "INSERT OR IGNORE INTO cio_events (id, person, name, data) VALUES (?, ?, ?, ?)",
        (id, person, given["name"].strip(), json.dumps(given.get("data", {}))),
    )
    if added.rowcount and turn.now - given.get("timestamp", turn.created) <= STARTS_FOR_SECONDS:
        turn.later(CAMPAIGN_AFTER_SECONDS, CAMPAIGN_RUNS, id)
    return {}


def _check_event(person: str, given: Mapping[str, Any]) -> None:
    if not person.strip() or len(person) > ID_LIMIT:
        raise refused_by_track("id", f"must be 1 to {ID_LIMIT} characters")
    if strange := sorted(set(given) - EVENT_FIELDS):
        raise refused_by_track(strange[0], "is not known")
    if not isinstance(given.get("name"), str) or not given["name"].strip():
        raise refused_by_track("name", "is required")
    if "id" in given and not (isinstance(given["id"], str) and ULID.fullmatch(given["id"])):
        raise refused_by_track("id", "is not a valid ULID")
    if type(given.get("timestamp", 0)) is not int:
        raise refused_by_track("timestamp", "must be a unix timestamp")
    if not isinstance(given.get("data", {}), dict):
        raise refused_by_track("data", "must be an object")


def campaign_runs(turn: Turn, event_id: str) -> None:
    event = turn.db.execute("SELECT * FROM cio_events WHERE id = ?", (event_id,)).fetchone()
    data = json.loads(event["data"])
    person = turn.person(event["person"]) or {}
    recipient = data.get("recipient") or person.get("email")
    if not isinstance(recipient, str) or not EMAIL.fullmatch(recipient):
        return  # there is nobody to write to, and nobody is told
    _send(
        turn,
        event["person"],
        recipient,
        template=event["name"],
        event_id=event_id,
        data=data,
        message_id=None,
    )


def send_email(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
    """POST /v1/send/email: sends as often as it is asked, there is no idempotency here."""
    if strange := sorted(set(given) - SEND_FIELDS):
        raise refused_by_app(400, f"unknown field {strange[0]}")
    message_id, to, who = (given.get(f) for f in ("transactional_message_id", "to", "identifiers"))
    if not isinstance(message_id, (str, int)) or isinstance(message_id, bool):
        raise refused_by_app(400, "transactional_message_id is required")
    if not isinstance(to, str) or not EMAIL.fullmatch(to):
        raise Refusal(400, {"meta": {"error": "to is not a valid email address"}})
    if not isinstance(who, dict) or len(who) != 1 or set(who) - {"id", "email", "cio_id"}:
        raise refused_by_app(400, "identifiers must hold exactly one of id, email, cio_id")
    data = given.get("message_data", {})
    if not isinstance(data, dict):
        raise refused_by_app(400, "message_data must be an object")
    ((id_type, id),) = who.items()
    person = turn.person(str(id), id_type)
    owner = person["id"] if person else str(id)
    delivery = _send(
        turn, owner, to, template=str(message_id), event_id=None, data=data, message_id=str(message_id)
    )
    return {"delivery_id": delivery, "queued_at": turn.created}


# what becomes of it


def _send(
    turn: Turn,
    person: str,
    recipient: str,
    *,
    template: str,
    event_id: str | None,
    data: Mapping[str, Any],
    message_id: str | None,
) -> str:
    id = urlsafe_b64encode(secrets.token_bytes(20)).decode()
    turn.db.execute(
        "INSERT INTO cio_deliveries (id, person, recipient, subject, created, trigger_event_id,"
        " transactional_message_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id, person, recipient, template, turn.created, event_id, message_id),
    )
    ours = {name: str(value) for name, value in data.items() if name.startswith("opsconsole_")}
    Ledger.append(
        turn.db,
        "message",
        id,
        at=turn.now,
        metadata={**ours, "customer": person, "recipient": recipient, "template": template},
        key=event_id,
    )
    fate = recipient.partition("@")[0].partition("+")[0]
    if fate in ("dropped", "failed"):
        becomes(turn, id, fate)
    else:
        becomes(turn, id, "sent")
        turn.later(DELIVERED_AFTER_SECONDS, GETS_THERE, id)
    return id


def gets_there(turn: Turn, id: str) -> None:
    recipient = _need(turn, id)["recipient"]
    becomes(turn, id, "bounced" if recipient.startswith(("bounced@", "bounced+")) else "delivered")


def becomes(turn: Turn, id: str, metric: str) -> dict[str, Any]:
    """Note a metric and report it. Raises ValueError or Refusal."""
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}")
    delivery = _need(turn, id)
    delivery["metrics"][metric] = turn.created
    failure = FAILED.get(metric, delivery["failure_message"])
    turn.db.execute(
        "UPDATE cio_deliveries SET metrics = ?, failure_message = ? WHERE id = ?",
        (json.dumps(delivery["metrics"]), failure, id),
    )
    _report(turn, delivery, metric)
    return show(turn, {**delivery, "failure_message": failure})


def _report(turn: Turn, delivery: Mapping[str, Any], metric: str) -> None:
    data = {
        "customer_id": delivery["person"],
        "identifiers": identifiers(turn, delivery["person"]),
        "delivery_id": delivery["id"],
        "recipient": delivery["recipient"],
        "subject": delivery["subject"],
    }
    if delivery["trigger_event_id"]:
        data |= {"campaign_id": 1, "action_id": 1, "trigger_event_id": delivery["trigger_event_id"]}
    else:
        data["transactional_message_id"] = delivery["transactional_message_id"]
    if metric in FAILED:
        data["failure_message"] = FAILED[metric]
    turn.report(turn, {"object_type": "email", "metric": metric, "timestamp": turn.created, "data": data})


# what the App API tells


def show(turn: Turn, delivery: Mapping[str, Any]) -> dict[str, Any]:
    by_campaign = delivery["trigger_event_id"] is not None
    return {
        "id": delivery["id"],
        "deduplicate_id": f"{delivery['id']}:{delivery['created']}",
        "type": "email",
        "customer_id": delivery["person"],
        "customer_identifiers": identifiers(turn, delivery["person"]),
        "recipient": delivery["recipient"],
        "subject": delivery["subject"],
        "created": delivery["created"],
        "metrics": delivery["metrics"],
        "failure_message": delivery["failure_message"],
        "campaign_id": 1 if by_campaign else None,
        "action_id": 1 if by_campaign else None,
        "trigger_event_id": delivery["trigger_event_id"],
        "newsletter_id": None,
        "broadcast_id": None,
        "forgotten": False,
    }


def find(turn: Turn, query: Mapping[str, str]) -> dict[str, Any]:
    """GET /v1/messages: newest first."""
    return _page(turn, query, "1 = 1", ())


def find_of_person(turn: Turn, id: str, query: Mapping[str, str]) -> dict[str, Any]:
    """GET /v1/customers/{id}/messages: newest first."""
    return _page(turn, query, "person = ?", (need(turn, id, query)["id"],))


def retrieve(turn: Turn, id: str) -> dict[str, Any]:
    return {"message": show(turn, _need(turn, id))}


def _page(turn: Turn, query: Mapping[str, str], where: str, arguments: tuple[Any, ...]) -> dict[str, Any]:
    limit, start = query.get("limit", "50"), query.get("start", "")
    if not limit.isdecimal() or not 1 <= int(limit) <= 1000:
        raise refused_by_app(400, "limit must be from 1 to 1000")
    if start and not start.isdecimal():
        raise refused_by_app(400, "start is not a token of ours")
    rows = turn.db.execute(
        f"SELECT * FROM cio_deliveries WHERE {where} AND seq < ? ORDER BY seq DESC LIMIT ?",
        (*arguments, int(start) if start else 2**62, int(limit) + 1),
    ).fetchall()
    shown = [show(turn, _with_metrics(row)) for row in rows[: int(limit)]]
    return {"messages": shown, "next": str(rows[int(limit) - 1]["seq"]) if len(rows) > int(limit) else ""}


def _need(turn: Turn, id: str) -> dict[str, Any]:
    row = turn.db.execute("SELECT * FROM cio_deliveries WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise refused_by_app(404, "not found")
    return _with_metrics(row)


def _with_metrics(row: Any) -> dict[str, Any]:
    return {**dict(row), "metrics": json.loads(row["metrics"])}
