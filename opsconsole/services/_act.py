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
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from ..db import db, instant
from ..lib import canonical, ids
from ..lib.cause import Cause, because, current
from ..lib.refusal import Denied, Refused
from ..models import REGISTRY, AuditEntry, Promise, Record
from ._actor import Actor
from ._transaction import is_open, transaction

security = structlog.get_logger("security")
ACTS: dict[str, Act] = {}
Guard = Callable[["Act", str | None, Actor], None]
_guards: list[Guard] = []
_last_looks: list[Callable[[Performance], None]] = []


@dataclass(frozen=True)
class Need:
    """Why an act needs a second person. With a `measure`, `total` is what it comes to, in cents of US dollars."""

    why: str
    measure: str | None = None
    total: int = 0


class NeedsApproval(Refused):
    """The act is possible, and one person alone may not do it. `performance` is what it would have done."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(" ".join(need.why for need in ran.performance.every_need()))
        self.ran = ran


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
    fresh: dict[str, str] = field(default_factory=dict)  # the noun of each new record
    about: set[str] = field(default_factory=set)
    touched: set[tuple[type[Record], str]] = field(default_factory=set)  # each changed noun, and whose it is
    promises: list[Promise] = field(default_factory=list)
    within: list[Performance] = field(default_factory=list)
    says: str | None = None
    warnings: list[str] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    asked_of: str | None = None  # the subject as it was given
    approved: bool = False  # a second person agreed to it, or to the act around it
    undoable: bool = True  # as a whole; what it consists of may be
    pins: dict[str, str] = field(
        default_factory=dict
    )  # digests of what is sealed elsewhere, for the audit alone
    result: Any = None

    def every_need(self) -> list[Need]:
        """Why a second person must agree to this act or to one within; empty once they did."""
        return [need for part in self.everything() if not part.approved for need in part.needs]

    def everything(self) -> Iterator[Performance]:
        yield self
        for inner in self.within:
            yield from inner.everything()

    def told(self) -> list[dict[str, Any]]:
        """What changed, in the order it happened. A new record is called by its noun, not by its id."""
        return [
            change | ({"to": f"the new {noun}"} if (noun := self.new_noun(change["to"])) else {})
            for change in self.changes.values()
            if change["from"] != change["to"]
        ]

    def new_noun(self, value: Any) -> str | None:
        """The noun, if `value` is the id of a record that this act or one around it has made."""
        made = self.fresh.get(value) if isinstance(value, str) else None
        return made or (self.outer.new_noun(value) if self.outer else None)


_under_way: ContextVar[Performance | None] = ContextVar("act", default=None)


class Act:
    """A writing service function with its name ("refunds.issue"), undo window, permitted robots, and the inputs that
    the audit does not keep. `second` says why it always needs a second person's approval."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        undo: timedelta = timedelta(0),
        robots: tuple[str, ...] = (),
        private: tuple[str, ...] = (),
        second: str | None = None,
    ) -> None:
        package = function.__module__.split(".services.")[-1].split(".")[0]
        self.name = f"{package}.{function.__name__.rstrip('_')}"  # `raise_` is banners.raise
        self.function = function
        self.undo = undo
        self.robots = frozenset(robots)
        self.second = second
        self.private = frozenset(private)
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
        if is_open():
            return run(self, subject_id, inputs, by=by).result
        with transaction():
            return run(self, subject_id, inputs, by=by).result


def act(
    function: Callable[..., Any] | None = None,
    *,
    undo: int = 0,
    robots: tuple[str, ...] = (),
    private: tuple[str, ...] = (),
    second: str | None = None,
) -> Any:
    """Mark a public writing function as an act. `undo` is its window in seconds; `private` inputs may be about
    somebody's health: they stand in the record alone, not in the audit; `second` says why nobody does it alone."""
    make = functools.partial(Act, undo=timedelta(seconds=undo), robots=robots, private=private, second=second)
    return make(function) if function else make


def guards(check: Guard) -> Guard:
    """Mark what every act is asked of before it runs, with its subject and its actor. It refuses by raising."""
    _guards.append(check)
    return check


def last_look(check: Callable[[Performance], None]) -> Callable[[Performance], None]:
    """Mark what looks at all that an outermost act has changed, in the database and not yet committed; previews too. It
    refuses by raising."""
    _last_looks.append(check)
    return check


def performing() -> Performance:
    """The act under way. Only acts, and what they call, may ask."""
    performance = _under_way.get()
    if performance is None:
        raise RuntimeError("This belongs into an act, and none is under way.")
    return performance


def moment() -> datetime | None:
    """The instant of the act under way, None outside of any."""
    performance = _under_way.get()
    return performance.now if performance else None


def under_way() -> Performance | None:
    """The act under way, if one is."""
    return _under_way.get()


def say(sentence: str) -> None:
    """The sentence by which people will know what the act under way did. No PHI."""
    performing().says = sentence


def warn(sentence: str) -> None:
    """Something odd that does not forbid the act under way: its preview and its answer tell it. No PHI."""
    performing().warnings.append(sentence)


def cannot_undo() -> None:
    """The act under way does at once what cannot be taken back: it offers no undo, though promises of it may wait."""
    performing().undoable = False


def tell_change(record: Record, field: str, before: str, after: str) -> None:
    """A change that stands in no column of a record, as previews and the audit tell it. No instants, no new ids."""
    change = {"on": record.url, "field": field, "from": before, "to": after}
    performing().changes[(record.id, field)] = change
    performing().about |= record.related()


def pin(name: str, digest: str) -> None:
    """Keep a digest of what is sealed elsewhere among the inputs of the act's audit entry, and so in the sealed audit. No
    preview's hash covers it: it may differ from one to the next."""
    performing().pins[name] = digest


def concerns(*record_ids: str | None) -> None:
    """Show the act under way on these records' timelines too."""
    performing().about.update(id for id in record_ids if id)


@dataclass(frozen=True)
class Ran:
    result: Any
    performance: Performance


def run(
    act: Act,
    subject_id: str | None,
    inputs: dict[str, Any],
    *,
    by: Actor,
    previewing: bool = False,
    approved: bool = False,
) -> Ran:
    """Run the act in the transaction that is open. Raises Denied, what the act raises, and NeedsApproval when one
    person alone may not do it: then roll back. A preview tells what it needs instead."""
    if not act.permits(by):
        security.warning("denied", act=act.name, by=by.id, remote=by.address)
        raise Denied(act.name, by.label)
    for check in _guards:
        check(act, subject_id, by)
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
        subject=subject_id if _is_ours(subject_id) else None,  # a settling act gets a vendor's id
        inputs=inputs,
        outer=outer,
        previewing=outer.previewing if outer else previewing,
        undo=outer.undo if outer and not approved else act.undo,
        asked_of=subject_id,
        approved=approved or (outer.approved if outer else False),
    )
    if act.second and by.kind != "robot":
        performance.needs.append(Need(act.second))
    parent = outer.entry_id if outer else cause.parent if cause else None
    token = _under_way.set(performance)
    try:
        with because(Cause(performance.trace, by.label, act.name, performance.entry_id)):
            arguments = (subject_id,) if subject_id is not None else ()
            result = act.function(*arguments, by=by, **inputs)
            db.session.flush()
            if outer is None:
                for look in _last_looks:
                    look(performance)
    finally:
        _under_way.reset(token)
    if isinstance(result, Record):
        performance.subject = result.id
        performance.about |= result.related()
    if outer:
        outer.within.append(performance)
        outer.about |= performance.about
    performance.result = result
    _write_down(performance, parent)
    ran = Ran(result, performance)
    if outer is None and not previewing and performance.every_need():
        raise NeedsApproval(ran)
    return ran


def _is_ours(id: str | None) -> bool:
    return bool(id) and str(id).partition("_")[0] in REGISTRY


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
            inputs={
                name: _brief(value)
                for name, value in performance.inputs.items()
                if name not in performance.act.private
            }
            | performance.pins,
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
        if whose := getattr(record, "customer_id", None):
            performance.touched.add((type(record), whose))
        new = record in session.new
        if new:
            performance.fresh[record.id] = record.called
        for name in record.TOLD:
            history = get_history(record, name)
            if not history.has_changes():
                continue
            before = None if new or not history.deleted else history.deleted[0]
            for part, was, becomes in record.apart(name, before, getattr(record, name)):
                change = performance.changes.setdefault(
                    (record.id, part),
                    {"on": performance.new_noun(record.id) or record.url, "field": part, "from": was},
                )
                change["to"] = becomes
            performance.about |= record.related()


def parameters(act: Act) -> list[str]:
    """The names of an act's inputs, for the conventions test and the API description."""
    signature = inspect.signature(act.function)
    return [p.name for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY and p.name != "by"]
