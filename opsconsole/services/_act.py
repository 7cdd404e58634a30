"""Acts: the only way anything changes. One function, one transaction, one audit entry, whoever asked.

An act is a public, writing service function marked `@act`. It may be called

- from another act or inside `transaction()`: it joins, checks its own permission, writes its own entry;
- by `perform`, from a door that people or programs use: with an idempotency key and a preview's hash;
- by `preview`: the same function in a transaction that is rolled back.

It never talks to the outside: what must happen there it writes down with `outbox.promise`.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from ..db import db, instant
from ..lib import canonical, ids
from ..lib.cause import Cause, because, current
from ..lib.refusal import Denied, Refused
from ..models import AnswerKept, AuditEntry, Promise, Record
from ._actor import Actor

security = structlog.get_logger("security")
ACTS: dict[str, Act] = {}


class Busy(Refused):
    """Somebody else holds what this act needs."""


class InProgress(Refused):
    """The same idempotency key is being worked on."""


class KeyReused(Refused):
    """The idempotency key was used for something else."""


class WorldChanged(Exception):
    """The hash that was agreed to is not what would happen now. Carries the new preview."""

    def __init__(self, now: Preview) -> None:
        super().__init__("The world has changed since the preview.")
        self.preview = now


@dataclass
class Performance:
    """One act under way: what it has touched so far."""

    act: Act
    by: Actor
    entry_id: str
    trace: str
    now: datetime
    subject: str | None
    inputs: dict[str, Any]
    outer: Performance | None
    previewing: bool
    undo: timedelta
    changes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    about: set[str] = field(default_factory=set)
    promises: list[Promise] = field(default_factory=list)
    within: list[Performance] = field(default_factory=list)
    says: str | None = None

    def everything(self) -> Iterator[Performance]:
        yield self
        for inner in self.within:
            yield from inner.everything()

    def told(self) -> list[dict[str, Any]]:
        """What changed, in the order it happened. A new record is called by its noun, not by its id."""
        return [change for change in self.changes.values() if change["from"] != change["to"]]


@dataclass(frozen=True)
class Preview:
    """What an act would do. `hash` stands for act, subject, inputs, changes and promises."""

    act: str
    subject: str | None
    hash: str
    changes: list[dict[str, Any]]
    promises: list[dict[str, Any]]
    undo_for: int
    approval: None = None

    @property
    def as_json(self) -> dict[str, Any]:
        return {"preview": {name: getattr(self, name) for name in self.__dataclass_fields__}}


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


_under_way: ContextVar[Performance | None] = ContextVar("act", default=None)
_open: ContextVar[list[Callable[[], None]] | None] = ContextVar("transaction", default=None)


class Act:
    """A writing service function with its name ("refunds.issue"), undo window and permitted robots."""

    def __init__(self, function: Callable[..., Any], *, undo: timedelta, robots: tuple[str, ...]) -> None:
        package = function.__module__.split(".services.")[-1].split(".")[0]
        self.name = f"{package}.{function.__name__}"
        self.function = function
        self.undo = undo
        self.robots = frozenset(robots)
        functools.update_wrapper(self, function)
        ACTS[self.name] = self

    @property
    def for_people(self) -> bool:
        """False for settling acts, which only our own processes run."""
        return not self.robots or self.robots == {"console"}

    def permits(self, by: Actor) -> bool:
        return by.id in self.robots if by.kind == "robot" else self.for_people and by.may(self.name)

    def __call__(self, subject_id: str | None = None, /, *, by: Actor, **inputs: Any) -> Any:
        """Run the act: in the transaction that is open, else in one of its own. Returns what it returns."""
        if _open.get() is not None:
            return _run(self, subject_id, inputs, by=by).result
        with transaction():
            return _run(self, subject_id, inputs, by=by).result


def act(function: Callable[..., Any] | None = None, *, undo: int = 0, robots: tuple[str, ...] = ()) -> Any:
    """Mark a public writing function as an act. `undo` is its window in seconds."""
    make = functools.partial(Act, undo=timedelta(seconds=undo), robots=robots)
    return make(function) if function else make


def performing() -> Performance:
    """The act under way. Only acts, and what they call, may ask."""
    performance = _under_way.get()
    if performance is None:
        raise RuntimeError("This belongs into an act, and none is under way.")
    return performance


def say(sentence: str) -> None:
    """The sentence by which people will know what the act under way did. No PHI."""
    performing().says = sentence


def concerns(*record_ids: str | None) -> None:
    """Show the act under way on these records' timelines too."""
    performing().about.update(id for id in record_ids if id)


@dataclass(frozen=True)
class _Ran:
    result: Any
    performance: Performance


def _run(
    act: Act, subject_id: str | None, inputs: dict[str, Any], *, by: Actor, previewing: bool = False
) -> _Ran:
    if not act.permits(by):
        security.warning("denied", act=act.name, by=by.id)
        raise Denied(act.name, by.label)
    outer = _under_way.get()
    cause = current()
    if outer:
        db.session.flush()  # what was changed so far belongs to the outer act
    performance = Performance(
        act=act,
        by=by,
        entry_id=ids.new(AuditEntry.PREFIX),
        trace=outer.trace if outer else cause.trace if cause else ids.new("trc"),
        now=outer.now if outer else db.session.scalar(select(instant())),  # type: ignore[arg-type]
        subject=subject_id,
        inputs=inputs,
        outer=outer,
        previewing=outer.previewing if outer else previewing,
        undo=outer.undo if outer else act.undo,
    )
    parent = outer.entry_id if outer else cause.parent if cause else None
    token = _under_way.set(performance)
    try:
        with because(Cause(performance.trace, by.label, act.name, performance.entry_id)):
            arguments = (subject_id,) if subject_id is not None else ()
            result = act.function(*arguments, by=by, **inputs)
            db.session.flush()
    finally:
        _under_way.reset(token)
    if isinstance(result, Record):
        performance.subject = result.id
        performance.about |= result.related()
    if outer:
        outer.within.append(performance)
        outer.about |= performance.about
    _write_down(performance, parent)
    return _Ran(result, performance)


def _write_down(performance: Performance, parent: str | None) -> None:
    outer, by = performance.outer, performance.by
    for promise in performance.promises:
        promise.about = sorted(performance.about)
    db.session.add(
        AuditEntry(
            id=performance.entry_id,
            created_at=performance.now,
            act=performance.act.name,
            by=by.label,
            by_id=by.id,
            address=by.address,
            subject=performance.subject,
            says=performance.says or performance.act.name,
            inputs={name: _brief(value) for name, value in performance.inputs.items()},
            changes=performance.told(),
            promises=[promise.id for promise in performance.promises],
            trace_id=performance.trace,
            parent_id=parent,
            within=outer.entry_id if outer else None,
            about=sorted(performance.about),
        )
    )
    db.session.flush()


def _brief(value: Any) -> Any:
    """An input as the audit keeps it: of what was fetched from a vendor only the id, the rest is its record."""
    if dataclasses.is_dataclass(value):
        return {"fetched": getattr(value, "id", type(value).__name__)}
    return canonical.plain(value)


@event.listens_for(Session, "before_flush")
def _notice(session: Session, *_: Any) -> None:
    """Gather what the act under way changes, from the records' TOLD fields."""
    performance = _under_way.get()
    if performance is None:
        return
    for record in [*session.new, *session.dirty]:
        if not isinstance(record, Record) or not record.TOLD:
            continue
        new = record in session.new
        if new:
            performance.fresh.add(record.id)
        for name in record.TOLD:
            history = get_history(record, name)
            if not history.has_changes():
                continue
            before = None if new or not history.deleted else record.tell(name, history.deleted[0])
            change = performance.changes.setdefault(
                (record.id, name),
                {
                    "on": record.noun() if record.id in performance.fresh else record.url,
                    "field": name,
                    "from": before,
                },
            )
            change["to"] = record.tell(name, getattr(record, name))
            performance.about |= record.related()


# ------------------------------------------------------------------ transactions

# deadlock_detected, serialization_failure: run again. lock_not_available, query_canceled: somebody is at it.
_AGAIN = {"40P01", "40001"}
_BUSY = {"55P03", "57014"}


@contextmanager
def transaction(*, lock_timeout: str = "3s", statement_timeout: str = "15s") -> Iterator[None]:
    """One commit around everything inside. What was handed to `after_commit` runs once it is durable."""
    if _open.get() is not None:
        raise RuntimeError("A transaction is open already: acts called inside it join it.")
    db.session.rollback()
    afterwards: list[Callable[[], None]] = []
    token = _open.set(afterwards)
    try:
        db.session.execute(
            text(
                "select set_config('lock_timeout', :lock, true), set_config('statement_timeout', :statement, true)"
            ),
            {"lock": lock_timeout, "statement": statement_timeout},
        )
        yield
        db.session.commit()
    except BaseException as error:
        _roll_back()
        if isinstance(error, DBAPIError) and _sqlstate(error) in _BUSY:
            raise Busy("Someone is acting on this right now. Try again in a moment.") from error
        raise
    finally:
        _open.reset(token)
    for step in afterwards:
        step()


def after_commit(step: Callable[[], None]) -> None:
    """Run `step` once the open transaction is durable, once however often it is asked for."""
    steps = _open.get()
    if steps is not None and step not in steps:
        steps.append(step)


def _roll_back() -> None:
    try:
        db.session.rollback()
    except OperationalError:
        db.session.remove()


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def again_after_deadlock(attempt: Callable[[], Any], *, tries: int = 4) -> Any:
    """Run a whole transaction again when the database picked it as a deadlock's victim."""
    for left in reversed(range(tries)):
        try:
            return attempt()
        except DBAPIError as error:
            if _sqlstate(error) not in _AGAIN or not left:
                raise
    raise AssertionError("unreachable")


# ------------------------------------------------------------------ the door


def preview(act: Act, subject_id: str | None, inputs: dict[str, Any], *, by: Actor) -> Preview:
    """What the act would do now. Raises what it would raise, and changes nothing."""

    def attempt() -> Preview:
        found: list[Preview] = []
        try:
            with transaction(lock_timeout="500ms", statement_timeout="5s"):
                ran = _run(act, subject_id, inputs, by=by, previewing=True)
                db.session.execute(text("set constraints all immediate"))
                found.append(_seen(act, subject_id, inputs, ran.performance))
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

    Raises Denied, Refused, Invalid, NotFound as the act does; KeyReused, InProgress for the key;
    WorldChanged with the new preview.
    """

    def attempt() -> Answer:
        with transaction():
            if key and (kept := _kept(by, key)):
                return kept
            ran = _run(act, subject_id, inputs, by=by)
            seen = _seen(act, subject_id, inputs, ran.performance)
            if expect and expect != seen.hash:
                raise WorldChanged(seen)
            answer = Answer(status, _answer(ran))
            if key:
                db.session.add(
                    AnswerKept(
                        actor_id=by.id,
                        key=key.value,
                        url=key.url,
                        digest=key.digest,
                        status=status,
                        body=answer.body,
                    )
                )
            return answer

    return again_after_deadlock(attempt)


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


def _seen(act: Act, subject_id: str | None, inputs: dict[str, Any], performance: Performance) -> Preview:
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
                "changes": [
                    [change["on"], change["field"], change["from"], change["to"]] for change in changes
                ],
                "promises": [[promise.port, promise.method, promise.arguments] for promise in promises],
            }
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
        undo_for=int(act.undo.total_seconds()) if promises else 0,
    )


def _answer(ran: _Ran) -> dict[str, Any]:
    performance = ran.performance
    promises = [promise for part in performance.everything() for promise in part.promises]
    undoable = bool(promises) and performance.act.undo > timedelta(0)
    subject = _place(performance.subject)
    return {
        "act": performance.act.name,
        "subject": subject,
        "status": getattr(ran.result, "status", None),
        "trace": performance.trace,
        "promises": [
            {"id": p.id, "says": p.says, "status": p.status, "due_at": p.due_at.isoformat()} for p in promises
        ],
        "undo_until": (performance.now + performance.act.undo).isoformat() if undoable else None,
        "undo": f"{subject}/withdraw" if undoable else None,
    }


def _place(subject_id: str | None) -> str | None:
    from ..models import locate

    return locate(subject_id) if subject_id else None


def parameters(act: Act) -> list[str]:
    """The names of an act's inputs, for the conventions test and the API description."""
    signature = inspect.signature(act.function)
    return [p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY and p.name != "by"]
