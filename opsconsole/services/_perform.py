"""The door to an act, for people and programs: its preview, and doing it once.

A preview is the act itself in a transaction that is rolled back. Its hash stands for act, subject,
inputs, changes and promises; never for minted ids, instants, actors or sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text

from ..db import db
from ..lib import canonical, crash
from ..lib.refusal import Refused
from ..models import AnswerKept, locate
from ._act import Act, Need, NeedsApproval, Performance, Ran, run
from ._actor import Actor
from ._transaction import again_after_deadlock, transaction


class InProgress(Refused):
    """The same idempotency key is being worked on."""


class KeyReused(Refused):
    """The idempotency key was used for something else."""


class WorldChanged(Exception):
    """The hash that was agreed to is not what would happen now. Carries the new preview, and what has to be written
    down once everything else was rolled back."""

    def __init__(self, now: Preview, *, afterwards: Callable[[], object] | None = None) -> None:
        super().__init__("The world has changed since the preview.")
        self.preview = now
        self.afterwards = afterwards


@dataclass(frozen=True)
class Preview:
    """What an act would do. `hash` stands for act, subject, inputs, changes, promises and the rules that ask for
    a second person; `approval` is {"why", "who"} when there are such rules."""

    act: str
    subject: str | None
    hash: str
    changes: list[dict[str, Any]]
    promises: list[dict[str, Any]]
    undo_for: int
    approval: dict[str, str] | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def as_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {"preview": {name: value for name, value in told.items() if name != "warnings" or value}}


@dataclass(frozen=True)
class Answer:
    """What an act did, as the door that asked gets it. `status` is the HTTP status it was given."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


@dataclass(frozen=True)
class Key:
    """An idempotency key: the same actor, key, url and digest of the body get the same answer, for ever."""

    value: str
    url: str
    digest: str


def preview(act: Act, subject_id: str | None, inputs: dict[str, Any], *, by: Actor) -> Preview:
    """What the act would do now. Raises what it would raise, and changes nothing."""

    def attempt() -> Preview:
        found: list[Preview] = []
        try:
            with transaction(lock_timeout="500ms"):
                ran = run(act, subject_id, inputs, by=by, previewing=True)
                db.session.execute(text("set constraints all immediate"))
                found.append(seen(act, subject_id, inputs, ran.performance))
                raise _Undo
        except _Undo:
            return found[0]

    return again_after_deadlock(attempt)


class _Undo(Exception):
    """Rolls a preview back."""


def perform(
    act: Act,
    subject_id: str | None,
    inputs: dict[str, Any],
    *,
    by: Actor,
    key: Key | None = None,
    expect: str | None = None,
    status: int = 201,
) -> Answer:
    """Do it. With a `key`, at most once; with `expect`, only if the preview of that hash still holds.

    What needs a second person is asked for instead: 202. Raises Denied, Refused, Invalid, NotFound as the act
    does; KeyReused, InProgress for the key; WorldChanged with the new preview.
    """

    def attempt() -> Answer:
        with transaction():
            if key and (kept := _kept(by, key)):
                return kept
            ran = run(act, subject_id, inputs, by=by)
            _as_expected(seen(act, subject_id, inputs, ran.performance), expect)
            answer = Answer(status, answer_of(ran))
            _keep(answer, by, key)
            crash.point("act.before_commit")
        crash.point("act.after_commit")
        return answer

    def ask(needs: NeedsApproval) -> Answer:
        """Everything was rolled back: write down what was asked, and what it would have done."""
        would = seen(act, subject_id, inputs, needs.ran.performance)
        _as_expected(would, expect)
        with transaction():
            if key and (kept := _kept(by, key)):
                return kept
            answer = Answer(202, _asker[0](would, needs, inputs, by))
            _keep(answer, by, key)
        return answer

    try:
        return again_after_deadlock(attempt)
    except WorldChanged as changed:
        if changed.afterwards:
            changed.afterwards()
        raise
    except NeedsApproval as too_much:
        needs = too_much
    return again_after_deadlock(lambda: ask(needs))


Asker = Callable[[Preview, NeedsApproval, dict[str, Any], Actor], dict[str, Any]]
Who = Callable[[str, Sequence[Need]], str]
_asker: list[Asker] = []
_who: list[Who] = []


def asks_with(asker: Asker, who: Who) -> None:
    """What writes a request for approval down and answers its body, and what names those who could agree."""
    _asker[:], _who[:] = [asker], [who]


def _as_expected(would: Preview, expect: str | None) -> None:
    if expect and expect != would.hash:
        raise WorldChanged(would)


def _keep(answer: Answer, by: Actor, key: Key | None) -> None:
    if key:
        db.session.add(
            AnswerKept(
                actor_id=by.id,
                key=key.value,
                url=key.url,
                digest=key.digest,
                status=answer.status,
                body=answer.body,
            )
        )
    db.session.flush()


def _kept(by: Actor, key: Key) -> Answer | None:
    """The answer this key has already, with the key locked until the transaction ends."""
    lock = func.hashtextextended(f"{by.id} {key.value}", 0)
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        raise InProgress("The same request is being worked on. Ask again in a moment.")
    kept = db.session.get(AnswerKept, (by.id, key.value))
    if kept is None:
        return None
    if (kept.url, kept.digest) != (key.url, key.digest):
        raise KeyReused("This Idempotency-Key was used for another request. Use a new one.")
    return Answer(kept.status, kept.body, replayed=True)


def seen(act: Act, subject_id: str | None, inputs: dict[str, Any], performance: Performance) -> Preview:
    """What people are shown of an act that ran, and the hash that stands for it."""
    needs = [need for part in performance.everything() for need in part.needs]
    open_needs = performance.every_need()
    changes = [change for part in performance.everything() for change in part.told()]
    promises = [promise for part in performance.everything() for promise in part.promises]
    return Preview(
        act=act.name,
        subject=_place(subject_id),
        hash=canonical.digest(
            {
                "act": act.name,
                "subject": subject_id,
                "inputs": inputs,
                "changes": sorted(
                    canonical.dumps([change[part] for part in ("on", "field", "from", "to")])
                    for change in changes
                ),
                "promises": [[promise.port, promise.method, promise.arguments] for promise in promises],
            }
            | ({"needs": needs} if needs else {})
        ),
        changes=changes,
        promises=[
            {
                "says": promise.says,
                "to": promise.port,
                "due_in": max(0, round((promise.due_at - performance.now).total_seconds())),
            }
            for promise in promises
        ],
        undo_for=int(performance.undo.total_seconds()) if promises and performance.undoable else 0,
        approval={"why": " ".join(n.why for n in open_needs), "who": _who[0](act.name, open_needs)}
        if open_needs
        else None,
        warnings=_warnings(performance),
    )


def answer_of(ran: Ran) -> dict[str, Any]:
    """The body of an act's answer (docs/adding.md)."""
    performance = ran.performance
    promises = [promise for part in performance.everything() for promise in part.promises]
    undoable = bool(promises) and performance.undoable and performance.undo > timedelta(0)
    subject = _place(performance.subject)
    return {
        "act": performance.act.name,
        "subject": subject,
        "status": getattr(ran.result, "status", None),
        "trace": performance.trace,
        "promises": [
            {"id": p.id, "says": p.says, "status": p.status, "due_at": p.due_at.isoformat()} for p in promises
        ],
        "undo_until": (performance.now + performance.undo).isoformat() if undoable else None,
        "undo": f"{subject}/withdraw" if undoable else None,
    } | _besides(performance)


def _besides(performance: Performance) -> dict[str, Any]:
    """What only some answers have: warnings, and what the approved act did."""
    approved = [Ran(part.result, part) for part in performance.within if part.approved]
    warned = _warnings(performance)
    return ({"result": answer_of(approved[0])} if approved else {}) | ({"warnings": warned} if warned else {})


def _warnings(performance: Performance) -> list[str]:
    return [sentence for part in performance.everything() for sentence in part.warnings]


def _place(subject_id: str | None) -> str | None:
    return locate(subject_id) if subject_id else None
