"""What a case can do about the event behind it."""

from __future__ import annotations

from typing import Any

from ...db import instant
from ...lib.refusal import Refused
from ...models import EventStatus, InboxEvent
from .. import cases
from .._act import concerns
from .._actor import Actor
from .._transaction import after_commit
from ..outbox import hint


def _locked(event_id: str) -> InboxEvent:
    event = InboxEvent.lock(event_id)
    if event.status != EventStatus.MANUAL_INTERVENTION:
        raise Refused("The event behind this case has been settled since.", code="already_resolved")
    concerns(*event.about)
    return event


def _retry(event_id: str, *, fix: dict[str, Any], by: Actor) -> None:
    if fix:
        raise Refused("What the vendor told us cannot be changed.", code="not_fixable", field="fix")
    event = _locked(event_id)
    event.attempts = 0
    event.due_at = instant()
    event.move_to(EventStatus.RECEIVED)
    after_commit(hint)


def _settle(event_id: str, *, external_id: str, reason: str, by: Actor) -> None:
    event = _locked(event_id)
    event.words = f"Done outside ({external_id}): {reason}"
    event.move_to(EventStatus.SETTLED)


def _dismiss(event_id: str, *, reason: str, by: Actor) -> None:
    event = _locked(event_id)
    event.words = f"Dismissed: {reason}"
    event.move_to(EventStatus.IGNORED)


def _where(event_id: str) -> cases.Where:
    event = InboxEvent.require(event_id)
    return cases.Where(event.source, None, event.kind)


cases.remedy(
    InboxEvent.PREFIX,
    cases.Remedy(retry=_retry, settle=_settle, dismiss=_dismiss, fixable=lambda event_id: (), where=_where),
)
