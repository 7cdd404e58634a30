"""Reading promises."""

from __future__ import annotations

from ...models import Promise, PromiseStatus
from .._find import Filter, Listing, among, exactly, one_of_ours
from ._outage import waits_for

LIST = Listing(
    Promise,
    {
        "status": among(Promise.status, PromiseStatus, "How far it is kept."),
        "kind": exactly(Promise.kind, "The call that is owed, refunds.send."),
        "port": exactly(Promise.port, "The system that is called, payments."),
        "lane": exactly(Promise.lane, "The vendor's object that it changes.", few=True),
        "waits_for": Filter(waits_for, "Due, and kept waiting by this system, payments.", few=True),
        "subject": one_of_ours(Promise.subject_id, "What it is about; an id or its URL."),
    },
    shown=(
        Promise.id,
        Promise.says,
        Promise.status,
        Promise.attempts,
        Promise.due_at,
        Promise.last_words,
        Promise.created_at,
    ),
)
find = LIST.find
