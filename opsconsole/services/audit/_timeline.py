"""The timeline: all that happened to a record, of whatever kind, in one strictly ordered list of (at, id).

Each kind of entry is a select of the same columns. What belongs to a record is found by the GIN index on `about`, behind
a fence (`offset 0`): the planner cannot know how many rows an array of ids will fetch, and would rather walk the
whole table by age. So a page reads the entries of this record and of nothing else, and sorts them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Executable,
    Integer,
    Select,
    String,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array

from ... import vendors
from ...db import db
from ...lib.paging import PAGE, Page, cursor, read_cursor
from ...models import (
    Attempt,
    AuditEntry,
    Case,
    Customer,
    Grant,
    InboxEvent,
    Message,
    Note,
    Order,
    Payment,
    Promise,
    Record,
    Refund,
    locate,
)
from .. import notes, sight
from .._actor import Actor

KINDS = {
    "act": "Acts", "attempt": "Calls to vendors", "event": "What vendors told", "case": "Cases", "note": "Notes",
    "message": "Messages",
}  # fmt: skip
ACTORS = {"people": "People", "programs": "Programs", "us": "The console itself", "vendors": "Vendors"}
# Which system serves a port. One that is missing here goes by its port's name.
SYSTEMS = {
    "payments": "stripe",
    "crm": "customerio",
    "tracking": "easypost",
    "pharmacy-truepill": "pharmacy-truepill",
    "pharmacy-honeybee": "pharmacy-honeybee",
}


@dataclass(frozen=True, order=True)
class Entry:
    """One thing that happened. `parent` is the entry that led to it; ties of `at` are broken by `id`. `hidden`: the
    reader has no right to see it."""

    at: datetime
    id: str
    kind: str = field(compare=False)
    name: str = field(compare=False)
    by: str = field(compare=False)
    says: str = field(compare=False)
    subject: str | None = field(compare=False)
    status: str | None = field(compare=False)
    external_id: str | None = field(compare=False)
    parent: str | None = field(compare=False)
    trace: str = field(compare=False)
    ended_at: datetime | None = field(compare=False, default=None)
    changes: list[dict[str, Any]] = field(compare=False, default_factory=list)
    hidden: bool = field(compare=False, default=False)
    note: str | None = field(compare=False, default=None)  # the page of the note that this is
    tags: tuple[str, ...] = field(compare=False, default=())

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "parent": self.parent, "at": self.at.isoformat(), "kind": self.kind, "name": self.name,
            "by": self.by, "subject": self.subject, "says": self.says, "status": self.status,
            "external_id": self.external_id,
        }  # fmt: skip


def timeline(
    record: Record,
    *,
    by: Actor,
    kind: str | None = None,
    actor: str | None = None,
    system: str | None = None,
    after: str | None = None,
    size: int = PAGE,
) -> Page[Entry]:
    """What happened to a record and to what belongs to it, newest first, as `by` may see it, in one statement.

    Filters: `kind` of KINDS, `actor` of ACTORS, `system` of SYSTEMS' values. Raises BadCursor.
    """
    kinds = tuple(KINDS) if not kind else (kind,) if kind in KINDS else ()
    if not kinds:
        return Page([], None)
    at, id = read_cursor(after, "-at", datetime) if after else (None, None)
    statement = _page_of(type(record), kinds, bool(actor), bool(system), bool(after))
    values = {
        **readable(by), "record": record.id, "subject": getattr(record, "subject_id", None), "actor": actor,
        "system": system, "after_at": at, "after_id": id, "limit": size + 1,
    }  # fmt: skip
    found = [_entry(row, by) for row in db.session.connection().execute(statement, values)]
    more = len(found) > size
    return Page(found[:size], cursor("-at", found[size - 1].at, found[size - 1].id) if more else None)


@lru_cache(500)
def _page_of(
    noun: type[Record], kinds: tuple[str, ...], actor: bool, system: bool, after: bool
) -> Executable:
    """The statement of a page. SQLAlchemy takes longer to build it than the database to answer it: it is built once."""
    selects = []
    conditions = _belongs_to(noun)
    for kind in kinds:
        rows = _SOURCES[kind](conditions[kind]).offset(0).subquery()
        query = select(rows).where(not_(rows.c.hidden))
        if actor:
            query = query.where(rows.c.actor == bindparam("actor"))
        if system:
            query = query.where(rows.c.system == bindparam("system"))
        if after:
            place = tuple_(
                bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Text())
            )
            query = query.where(tuple_(rows.c.at, rows.c.id) < place)
        selects.append(query.order_by(rows.c.at.desc(), rows.c.id.desc()).limit(_LIMIT))
    if len(selects) == 1:
        return selects[0]  # an order of its own and one of the union would be two
    return union_all(*selects).order_by(text("at desc, id desc")).limit(_LIMIT)


def gather(chosen: Mapping[str, ColumnElement[bool]], *, by: Actor, limit: int) -> list[Entry]:
    """The oldest `limit` entries of each kind that the conditions choose, in order, in one statement. What `by` may
    not see is among them, marked."""
    rows = [_SOURCES[kind](condition).subquery() for kind, condition in chosen.items()]
    oldest = [select(one).order_by(one.c.at, one.c.id).limit(limit) for one in rows]
    return sorted(_entry(row, by) for row in db.session.execute(union_all(*oldest), readable(by)))


# ---------------------------------------------------------------- what belongs to a record


_RECORD = bindparam("record", type_=String())
_SUBJECT = bindparam("subject", type_=String())  # what a case is about
_LIMIT = bindparam("limit", type_=Integer())


def _belongs_to(noun: type[Record]) -> dict[str, ColumnElement[bool]]:
    """By kind, the condition that chooses the entries of a record of this noun."""
    ids = _ids(noun)
    # These entries stand for the acts that made them.
    told_twice = or_(AuditEntry.act == "messages.send", AuditEntry.act.like("%.note"))
    return {
        "act": and_(AuditEntry.about.overlap(ids), not_(told_twice)),
        "attempt": _attempts_of(ids),
        "event": InboxEvent.about.overlap(ids),
        "case": Case.about.overlap(ids),
        "note": or_(Note.about.overlap(ids), Note.subject_id == _RECORD),
        "message": _messages_of(noun),
    }


def _ids(noun: type[Record]) -> Any:
    """The ids whose timelines this record's contains, as an array. A payment is read from Stripe before an order
    claims it, so what happened to it until then knows neither the order nor the customer."""
    own = select(_RECORD.label("id"))
    if noun is Customer:
        bought = select(Order.id).where(Order.customer_id == _RECORD)
        paid = select(Payment.id).where(Payment.customer_id == _RECORD)
        paid_for = select(Payment.id).where(Payment.order_id.in_(bought))
        ids = union_all(own, bought, paid, paid_for)
    elif noun is Order:
        ids = union_all(own, select(Payment.id).where(Payment.order_id == _RECORD))
    elif noun is Case:
        ids = union_all(own, select(_SUBJECT.label("id")))
    else:
        return array([_RECORD], type_=Text)
    every = ids.subquery()
    # In the collation of `about`: with the ids' own, the index would not serve.
    ids_as_text = cast(every.c.id, Text).collate("default")
    return select(func.array_agg(ids_as_text)).scalar_subquery().cast(AuditEntry.about.type)


def _attempts_of(ids: Any) -> ColumnElement[bool]:
    """By the ids of their promises: joined to as many as the planner expects, it would read all attempts there are."""
    owed = select(Promise.id.collate("default")).where(Promise.about.overlap(ids)).scalar_subquery()
    return Attempt.promise_id == any_(func.array(owed))


def _messages_of(noun: type[Record]) -> ColumnElement[bool]:
    if noun is Case:
        return or_(Message.id == _SUBJECT, Message.refund_id == _SUBJECT, Message.order_id == _SUBJECT)
    names: dict[type[Record], Any] = {
        Customer: Message.customer_id, Order: Message.order_id, Refund: Message.refund_id, Message: Message.id,
    }  # fmt: skip
    return names[noun] == _RECORD if noun in names else false()


# ---------------------------------------------------------------- the kinds of entries, as the same columns

_COLUMNS: dict[str, Any] = {
    "at": DateTime(timezone=True), "id": Text(), "kind": Text(), "name": Text(), "by": Text(), "by_id": Text(),
    "actor": Text(), "system": Text(), "says": Text(), "words": Text(), "subject": Text(), "status": Text(),
    "external_id": Text(), "parent": Text(), "trace": Text(), "ended_at": DateTime(timezone=True), "changes": JSONB(),
    "phi": Text(), "tags": Text(),
}  # fmt: skip


def _as(kind: str, hidden: ColumnElement[bool], /, **columns: Any) -> Select[Any]:
    """What a kind does not have is null."""
    given = {**columns, "kind": literal(kind)}
    shown: dict[str, ColumnElement[Any]] = {
        name: cast(given.get(name, null()), type) for name, type in _COLUMNS.items()
    }
    shown["id"] = shown["id"].collate("C")  # as Python sorts
    return select(*(column.label(name) for name, column in shown.items()), hidden.label("hidden"))


def hidden(noun: Any) -> ColumnElement[bool]:
    """Is there a right to read this noun (a plural), and has the reader not got it? What no right guards goes with
    the record that it is about. The reader's rights are those of `_readable`."""
    known = any_(bindparam("readable", type_=ARRAY(Text)))
    others = select(Grant.permission).where(Grant.permission.like("%.read"), not_(Grant.permission == known))
    return func.concat(noun, ".read").in_(others)


def readable(to: Actor) -> dict[str, list[str]]:
    return {"readable": sorted(grant for grant in to.grants if grant.endswith(".read"))}


def _acts(chosen: ColumnElement[bool]) -> Select[Any]:
    e = AuditEntry
    return _as(
        "act", hidden(func.split_part(e.act, ".", 1)), at=e.created_at, id=e.id, name=e.act, by=e.by, by_id=e.by_id,
        actor=_who(e.by_id), system=case((e.by_id.in_(SYSTEMS.values()), e.by_id)), says=e.says, subject=e.subject,
        parent=func.coalesce(e.within, e.parent_id), trace=e.trace_id, changes=e.changes,
    ).where(chosen)  # fmt: skip


def _attempts(chosen: ColumnElement[bool]) -> Select[Any]:
    a, p = Attempt, Promise
    return _as(
        "attempt", hidden(func.split_part(p.kind, ".", 1)), at=a.started_at, id=a.id, name=p.kind, by=a.worker,
        actor=literal("us"), system=case(SYSTEMS, value=p.port, else_=p.port), says=p.says, words=a.words,
        subject=p.subject_id, status=a.outcome, parent=p.entry_id, external_id=a.answer["id"].astext, trace=p.trace_id,
        ended_at=a.ended_at,
    ).join_from(a, p, a.promise_id == p.id).where(chosen)  # fmt: skip


def _events(chosen: ColumnElement[bool]) -> Select[Any]:
    e = InboxEvent
    return _as(
        "event", hidden(func.concat(e.object_kind, "s")), at=e.created_at, id=e.id, name=e.kind, by=e.source,
        actor=literal("vendors"), system=e.source, words=e.words, subject=e.id, status=e.status,
        external_id=e.external_id, trace=e.trace_id,
    ).where(chosen)  # fmt: skip


def _cases(chosen: ColumnElement[bool]) -> Select[Any]:
    c = Case
    return _as(
        "case", hidden(literal("cases")), at=c.created_at, id=c.id, name=c.reason, by=literal("console"),
        actor=literal("us"), says=c.says, subject=c.id, status=c.status, parent=c.entry_id, trace=c.trace_id,
    ).where(chosen)  # fmt: skip


def _notes(chosen: ColumnElement[bool]) -> Select[Any]:
    n = Note
    health = case((n.phi, "health details"))
    pinned, changed = case((n.pinned, "pinned")), case((n.version > 1, "changed"))
    return _as(
        "note", or_(hidden(n.subject_noun), hidden(literal("notes"))), at=n.created_at, id=n.id,
        name=literal("note"), by=n.by, by_id=n.by_id, actor=_who(n.by_id), says=func.encode(n.text_sealed, "base64"),
        subject=n.subject_id, trace=n.trace_id, phi=health, tags=func.concat_ws(",", health, pinned, changed),
    ).where(chosen)  # fmt: skip


def _messages(chosen: ColumnElement[bool]) -> Select[Any]:
    """In the words of the act that wrote it, and hanging from that."""
    m, e = Message, AuditEntry
    wrote = and_(e.trace_id == m.trace_id, e.subject == m.id, e.act == "messages.send")
    return _as(
        "message", hidden(literal("messages")), at=m.created_at, id=m.id, name=m.template, by=m.by,
        actor=case((m.by.startswith("token "), "programs"), else_="people"), system=literal(SYSTEMS["crm"]),
        says=func.coalesce(e.says, m.template), words=m.failure_reason, subject=m.id, status=m.status,
        external_id=m.external_id, parent=e.id, trace=m.trace_id,
    ).select_from(m).outerjoin(e, wrote).where(chosen)  # fmt: skip


def _who(by_id: Any) -> ColumnElement[str]:
    return case((by_id.startswith("stf_"), "people"), (by_id.startswith("tok_"), "programs"), else_="us")


_SOURCES: dict[str, Callable[[ColumnElement[bool]], Select[Any]]] = {
    "act": _acts, "attempt": _attempts, "event": _events, "case": _cases, "note": _notes, "message": _messages,
}  # fmt: skip


# ---------------------------------------------------------------- as people read them


def _entry(row: Any, by: Actor) -> Entry:
    subject = locate(row.subject) if row.subject else None
    if row.kind == "event" and not by.may("inbox.read"):
        subject = None  # the event's page shows what was in it
    return Entry(
        row.at, row.id, row.kind, row.name, row.by, _said(row, by), subject, _status(row),
        row.external_id, row.parent, row.trace or "", ended_at=row.ended_at, changes=sight.changes(row.changes or [], to=by),
        hidden=row.hidden, note=locate(row.id) if row.kind == "note" else None,
        tags=tuple(row.tags.split(",")) if row.tags else (),
    )  # fmt: skip


_OUTCOMES = {
    "kept": "done",
    "unavailable": "no definite answer",
    "declined": "declined",
    "error": "a fault of ours",
    "lost": "the worker died meanwhile",
    None: "asking now",
}


def _said(row: Any, by: Actor) -> str:
    """In words, without what this reader sees masked."""
    says = _SAYS[row.kind](row, by)
    return says if row.kind == "act" and sight.of_colleagues(row.name) else str(sight.written(says, to=by))


def _attempted(row: Any, by: Actor) -> str:
    words = f": {row.words}" if row.words else ""
    return f"{row.says.rstrip('.')}: {_OUTCOMES[row.status]}{words}"


def _told(row: Any, by: Actor) -> str:
    return f"{vendors.name_of(row.by)} told us: {row.name}" + (f". {row.words}" if row.words else "")


def _written(row: Any, by: Actor) -> str:
    says = Note.text.open(base64.b64decode(row.says), row.id)
    text = notes.shown(says, phi=bool(row.phi), note_id=row.id, by_id=row.by_id, to=by)
    return notes.HIDDEN if text is None else text


def _mailed(row: Any, by: Actor) -> str:
    return f"{row.says}. {row.words}" if row.words else str(row.says)


def _as_said(row: Any, by: Actor) -> str:
    return str(row.says)


_SAYS: dict[str, Callable[[Any, Actor], str]] = {
    "act": _as_said, "attempt": _attempted, "event": _told, "case": _as_said, "note": _written, "message": _mailed,
}  # fmt: skip


def _status(row: Any) -> str | None:
    """An attempt that has no outcome yet is running."""
    return row.status or ("running" if row.kind == "attempt" else None)
