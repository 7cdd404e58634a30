"""What a case can do about the promise behind it."""

from __future__ import annotations

from typing import Any

from ...db import instant
from ...lib.refusal import Refused
from ...models import Promise, PromiseStatus
from .. import cases
from .._act import concerns, performing
from .._actor import Actor
from .._transaction import after_commit
from ._due import hint
from ._keeper import keeper_of


class NotFixable(Refused):
    """The promise cannot be sent again with that changed."""


def _locked(promise_id: str) -> Promise:
    promise = Promise.lock(promise_id)
    if promise.status != PromiseStatus.MANUAL_INTERVENTION:
        raise Refused(
            "The call behind this case is not waiting for anybody any more.", code="already_resolved"
        )
    return promise


def _retry(promise_id: str, *, fix: dict[str, Any], by: Actor) -> None:
    """A no opens the next round, with new inputs if wanted; an unknown outcome keeps its round."""
    kind = keeper_of(Promise.require(promise_id))
    if strange := sorted(set(fix) - set(kind.fixable)):
        raise NotFixable(f"{', '.join(strange)} cannot be changed here.", field="fix")
    subject_id = Promise.require(promise_id).subject_id
    last = Promise.require(promise_id).tries()[-1:]
    refused = bool(last) and last[0].outcome == "declined"
    if fix and not refused:
        raise NotFixable(
            "We do not know whether the first request was done: try again unchanged.", field="fix"
        )
    anew = kind.reopened(subject_id, fix=fix, by=by)
    promise = _locked(promise_id)
    if refused:
        promise.round += 1
        promise.request = None
        promise.round_started_at = None
    if anew:
        promise.says, promise.arguments = anew.says, anew.arguments
    promise.faults = 0
    promise.tried_since = None
    promise.due_at = instant()
    promise.move_to(PromiseStatus.WAITING)
    performing().promises.append(promise)
    concerns(*promise.about)
    after_commit(hint)


def _settle(promise_id: str, *, external_id: str, reason: str, by: Actor) -> None:
    promise = Promise.require(promise_id)
    keeper_of(promise).done_outside(promise.subject_id, external_id=external_id, by=by)
    _locked(promise_id).move_to(PromiseStatus.KEPT)
    concerns(*promise.about)


def _dismiss(promise_id: str, *, reason: str, by: Actor) -> None:
    made = Promise.require(promise_id)
    keeper_of(made).dropped(made.subject_id)
    promise = _locked(promise_id)
    promise.move_to(PromiseStatus.DISMISSED)
    concerns(*promise.about)


def _fixable(promise_id: str) -> tuple[str, ...]:
    promise = Promise.require(promise_id)
    refused = [attempt.outcome == "declined" for attempt in promise.tries()[-1:]]
    return keeper_of(promise).fixable if refused == [True] else ()


def _unknown(promise_id: str) -> bool:
    return Promise.require(promise_id).maybe_done


def _where(promise_id: str) -> cases.Where:
    promise = Promise.require(promise_id)
    said = [attempt.code for attempt in promise.tries()[-1:] if attempt.outcome == "declined"]
    return cases.Where(promise.port, said[0] if said else None, promise.kind)


cases.remedy(
    Promise.PREFIX,
    cases.Remedy(
        retry=_retry, settle=_settle, dismiss=_dismiss, fixable=_fixable, unknown=_unknown, where=_where
    ),
)
