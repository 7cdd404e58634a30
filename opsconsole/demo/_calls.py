"""What a refund brought about: the promise to Stripe with its one attempt, the message, and what Stripe told us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ..db import Model
from ..lib.money import Money
from ..models import (
    Attempt,
    EventStatus,
    InboxEvent,
    Message,
    MessageStatus,
    Promise,
    PromiseStatus,
)
from ..services.messages.templates import TEMPLATES
from ._chance import Chance
from ._story import GivenBack, Paid, Person

Row = tuple[type[Model], dict[str, Any]]
_A_MOMENT = timedelta(milliseconds=640)


def kept(
    kind: str, call: str, arguments: dict[str, Any], subject: str, lane: str, says: str, entry: dict[str, Any],
    done_at: datetime,
) -> Iterator[Row]:  # fmt: skip
    """A promise that the act of `entry` made, kept by its first attempt, which ended at `done_at`."""
    chance = Chance("promise", subject)
    id = chance.our_id("prm", entry["created_at"])
    entry["promises"] = [id]
    port, _, method = call.partition(".")
    began = done_at - _A_MOMENT
    yield Promise, {
        "id": id, "created_at": entry["created_at"], "status": PromiseStatus.KEPT.value, "status_since": done_at,
        "kind": kind, "port": port, "method": method, "arguments": Jsonb(arguments), "request": None,
        "subject_id": subject, "lane": lane, "after_id": None, "says": says, "trace_id": entry["trace_id"],
        "entry_id": entry["id"], "about": entry["about"], "due_at": entry["created_at"] + timedelta(minutes=1),
        "ref": id, "round": 1, "round_started_at": began, "tried_since": began, "attempts": 1, "faults": 0,
        "maybe_done": False, "fence": 1, "last_words": None,
    }  # fmt: skip
    yield Attempt, {
        "id": chance.our_id("att", began), "created_at": began, "promise_id": id, "round": 1, "fence": 1,
        "worker": "worker", "started_at": began, "ended_at": done_at, "outcome": "kept", "maybe_done": False,
        "code": None, "words": None, "http_status": 200,
        "request_id": "req_" + chance.letters(14) if port == "payments" else None, "answer": None,
    }  # fmt: skip


def written_to(person: Person, refund: GivenBack, money: Money, order_number: str, order_id: str, entry: dict[str, Any],
               at: datetime) -> Iterator[Row]:  # fmt: skip
    """The message that the refund is on its way, with its own promise. `entry` is that of `messages.send`."""
    data = {"amount": str(money), "order_number": order_number}
    reads = TEMPLATES["refund_issued"]
    done_at = at + timedelta(seconds=63)
    chance = Chance("message", refund.id)
    yield Message, {
        "id": entry["subject"], "created_at": at, "status": MessageStatus.DELIVERED.value,
        "status_since": done_at + timedelta(seconds=9), "customer_id": person.id, "order_id": order_id,
        "refund_id": refund.id, "template": reads.code, "data": Jsonb(data), "to_address": person.email,
        "external_id": chance.our_id("dlv", done_at).removeprefix("dlv_").upper(), "raw_status": "delivered",
        "failure_reason": None, "by": entry["by"], "trace_id": entry["trace_id"],
        "fetched_at": done_at + timedelta(seconds=9),
    }  # fmt: skip
    says = f"Customer.io e-mails “{reads.label}”: {reads.reads.format_map(data)}"
    arguments = {"customer": person.id, "to": person.email, "template": reads.code, "data": data}
    yield from kept(
        "messages.mail",
        "crm.send",
        arguments,
        entry["subject"],
        f"crm:{person.id}",
        says,
        entry,
        done_at,
    )


def heard(
    refund: GivenBack, payment: Paid, about: list[str], entry: dict[str, Any], again: int
) -> Iterator[Row]:
    """Stripe's event of how the refund came out, settled by `entry`; the `again`th telling changed nothing."""
    chance = Chance("event", f"{refund.id}.{again}")
    at = refund.settled_at + timedelta(seconds=3 * again)
    event = chance.stripe_id("evt")
    body = {
        "id": event, "object": "event", "type": "refund.updated", "created": int(at.timestamp()),
        "data": {"object": {
            "id": refund.external_id, "object": "refund", "amount": refund.amount, "currency": payment.currency,
            "status": refund.status.value, "payment_intent": payment.external_id,
        }},
    }  # fmt: skip
    yield InboxEvent, {
        "id": chance.our_id("inb", at), "created_at": at, "status": EventStatus.SETTLED.value, "status_since": at,
        "source": "stripe", "external_id": event, "kind": "refund.updated", "object_kind": "refund",
        "object_id": refund.external_id, "occurred_at": at, "via": "webhook", "body": json.dumps(body).encode(),
        "trace_id": refund.trace, "attempts": 1, "due_at": at, "settled_by": entry["id"], "words": None,
        "about": about,
    }  # fmt: skip
