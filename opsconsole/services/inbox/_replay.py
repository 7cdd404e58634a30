"""Settling an event once more, by hand. Safe however often: what is known already changes nothing."""

from __future__ import annotations

from ...db import db
from ...lib.refusal import Refused
from ...models import AuditEntry, EventStatus, InboxEvent
from .. import cases
from .._act import act, concerns, performing, say
from .._actor import Actor, robot
from ._settle import ROUTES, Found, settled_by


class NothingToReplay(Refused):
    """No act settles events of this kind, or the vendor no longer has what it was about."""


@act
def replay(event_id: str, *, found: Found | None, by: Actor) -> InboxEvent:
    """Take in what the event is about as it stands now, which `about_now` found before."""
    event = InboxEvent.lock(event_id)
    how = ROUTES.get((event.source, event.kind))
    if how is None or found is None:
        raise NothingToReplay(
            "Nothing here depends on this event, or the vendor no longer has what it was about."
        )
    how.act(event.object_id, facts=found.facts, fetched_at=found.at, by=robot(event.source))
    inner = performing().within[-1]
    concerns(*inner.about)
    if event.status != EventStatus.SETTLED:
        settled_by(event, db.session.get(AuditEntry, inner.entry_id), performing().trace)
        cases.close_when_solved("poison_payload", event.id, "replayed")
    say(f"Replayed {event.kind}: {inner.says if inner.told() else 'no change'}")
    return event
