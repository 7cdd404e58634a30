"""When a promise cannot go on by itself: it becomes a case, with the words that say why."""

from __future__ import annotations

from datetime import timedelta

from ...db import instant
from ...models import Promise, PromiseStatus
from .. import cases

FAULTS_ALLOWED = 5
LABELS = {
    "vendor_rejected": "Put right what was refused, then try again",
    "unknown_outcome": "Look at the vendor whether it happened, then try again or mark it as done",
}


def intervene(promise: Promise, reason: str, words: str) -> None:
    """Stop trying, and let a person look at it. Lock the promise first."""
    promise.move_to(PromiseStatus.MANUAL_INTERVENTION)
    cases.open_case(
        reason,
        promise.subject_id,
        says=f"{promise.says}: “{words}”",
        behind_id=promise.id,
        suggests={"act": "cases.retry", "label": LABELS.get(reason, "Try again")},
        about=promise.about,
    )


def stumble(promise: Promise, words: str) -> None:
    """A fault of ours got in the way: again a little later, and a case after the fifth time."""
    promise.last_words = words
    promise.faults += 1
    if promise.faults >= FAULTS_ALLOWED:
        intervene(promise, "our_fault", words)
        return
    promise.due_at = instant() + timedelta(seconds=2**promise.faults)
    promise.move_to(PromiseStatus.WAITING)
