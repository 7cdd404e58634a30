"""One fix for the cases of one cause: prepare (the list is frozen, and what would come of each is looked at) -> run.

Each case is an act of its own, in its own transaction, with its own key and its own outcome: whoever starts it again does
only what is left, and a case that has changed meanwhile is refused for itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update

from ...db import db, instant
from ...lib import canonical
from ...lib.cause import Cause, because
from ...lib.refusal import Denied, Invalid, NotFound, Refused
from ...models import Case, GroupFix, GroupFixRow, GroupFixStatus
from .._act import ACTS, act, concerns, performing, say
from .._actor import Actor
from .._frozen import freeze, thaw
from .._perform import Key, Preview, WorldChanged, perform, preview
from .._transaction import after_commit, transaction
from ._groups import vendor_name

log = structlog.get_logger("cases")
AT_ONCE = 50  # cases of one fix
BUDGET = timedelta(seconds=15)  # for one request: what is left is carried on by the next
#: What can be done to many at once: code -> (what a button says before the number and after it).
FIXES: Mapping[str, tuple[str, str]] = {
    "retry": ("Try", "again"),
    "dismiss": ("Dismiss", ""),
    "snooze": ("Put", "away"),
    "hand_over": ("Hand", "over"),
    "suggested": ("Do what is suggested for", ""),
}


#: What has to be said for each.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "retry": ("reason",), "dismiss": ("reason",), "snooze": ("until", "reason"), "hand_over": ("to", "note"),
    "suggested": (),
}  # fmt: skip


class NotYoursToRun(Refused):
    """A fix runs as the one who prepared it."""


@dataclass(frozen=True)
class Each:
    """What is to be done about one case: an act on a subject. `why_not` instead where nothing can be done."""

    case_id: str
    act: str
    subject_id: str
    inputs: dict[str, Any]
    why_not: str = ""


@act(private=("reason", "note", "suggested"))
def prepare_fix(
    *,
    fix: str,
    cases: list[str],
    reason: str = "",
    until: datetime | None = None,
    to: str = "",
    note: str = "",
    suggested: Sequence[Each] = (),
    by: Actor,
) -> GroupFix:
    """Freeze a list of at most 50 cases and look at what would come of each; nothing is done yet. What is suggested for
    each is handed in, where that is the fix. Raises Invalid."""
    if fix not in FIXES:
        raise Invalid({"fix": [f"Choose one of: {', '.join(FIXES)}."]})
    if not 0 < len(cases) <= AT_ONCE:
        raise Invalid({"cases": [f"Choose between one and {AT_ONCE} cases."]})
    inputs = {"reason": reason, "until": until, "to": to, "note": note}
    if missing := {name: ["This is needed."] for name in NEEDS[fix] if not inputs[name]}:
        raise Invalid(missing)
    listed = [Case.require(id) for id in dict.fromkeys(cases)]
    made = GroupFix(
        status=GroupFixStatus.PREPARED, fix=fix, says=says(fix, listed), by=by.label, by_id=by.id,
        trace_id=performing().trace,
    ).add()  # fmt: skip
    own: dict[str, Any] = {"fix": {}} if fix == "retry" else {}
    each = {one.case_id: one for one in suggested}
    for position, case in enumerate(listed, start=1):
        one = each.get(case.id) or Each(
            case.id, f"cases.{fix}", case.id, {name: inputs[name] for name in NEEDS[fix]} | own
        )
        db.session.add(
            GroupFixRow(
                fix_id=made.id, position=position, case_id=one.case_id, act=one.act, subject_id=one.subject_id,
                inputs=freeze(one.inputs), would=[], words=one.why_not, outcome="refused" if one.why_not else "waiting",
            )
        )  # fmt: skip
    concerns(*(case.id for case in listed))
    say(f"Prepared: {made.says}")
    after_commit(lambda: _look_ahead(made.id, by))
    return made


@act
def run_fix(fix_id: str, *, by: Actor) -> GroupFix:
    """Do it, one case after the other; or carry on with what is left. Raises NotYoursToRun."""
    fix = GroupFix.lock(fix_id)
    if by.id != fix.by_id:
        raise NotYoursToRun(f"{fix.by} prepared it, and it runs as them. Prepare your own.")
    if fix.status == GroupFixStatus.PREPARED:
        fix.move_to(GroupFixStatus.RUNNING)
    say(f"Started: {fix.says}")
    cause = Cause(fix.trace_id, by.label, "cases.run_fix", performing().entry_id)
    after_commit(lambda: _carry_out(fix_id, cause, by))
    return fix


def _look_ahead(fix_id: str, by: Actor) -> None:
    """What the act would do to each, and who refuses: each preview is rolled back, and what it said is kept."""
    found: list[dict[str, Any]] = []
    for row in _waiting(fix_id):
        try:
            seen = preview(ACTS[row.act], row.subject_id, thaw(ACTS[row.act], row.inputs), by=by)
            asks = seen.approval["why"] if seen.approval else ""
            found.append({"position": row.position, "hash": seen.hash, "would": _told(seen), "words": asks})
        except (Refused, Denied, Invalid, NotFound) as error:
            found.append({"position": row.position, "outcome": "refused", "words": _words(error)})
    with transaction():
        for values in found:
            _write(fix_id, values.pop("position"), **values)
        _finish(fix_id)


def _carry_out(fix_id: str, cause: Cause, by: Actor) -> None:
    """Each case that waits, until all are done or the time of a request is over."""
    until = time.monotonic() + BUDGET.total_seconds()
    for row in _waiting(fix_id):
        if time.monotonic() > until:
            return
        with because(cause):
            outcome = _do(fix_id, row, by)
        with transaction():
            _write(fix_id, row.position, at=instant(), **outcome)
    with transaction():
        _finish(fix_id)


def _do(fix_id: str, row: GroupFixRow, by: Actor) -> dict[str, Any]:
    """One case. With the key that is its own for ever, an answer that was lost on the way is given again."""
    key = Key(f"{fix_id}:{row.case_id}", f"/cases/fixes/{fix_id}", canonical.digest(row.inputs))
    wanted = ACTS[row.act]
    try:
        done = perform(wanted, row.subject_id, thaw(wanted, row.inputs), by=by, key=key, expect=row.hash)
    except WorldChanged:
        return {
            "outcome": "refused",
            "words": "It has changed since the list was frozen: look at it by itself.",
        }
    except (Refused, Denied, Invalid, NotFound) as error:
        return {"outcome": "refused", "words": _words(error)}
    except Exception:
        log.exception("group_fix", fix=fix_id, case=row.case_id)
        db.session.rollback()
        return {"outcome": "failed", "words": "Something went wrong here. Look at the case by itself."}
    if asked := done.body.get("approval"):
        return {"outcome": "approval", "words": "Somebody else has to approve it.", "url": asked["url"]}
    return {"outcome": "done", "words": "", "url": done.body.get("subject")}


def _waiting(fix_id: str) -> list[GroupFixRow]:
    query = select(GroupFixRow).where(GroupFixRow.fix_id == fix_id, GroupFixRow.outcome == "waiting")
    rows = list(db.session.scalars(query.order_by(GroupFixRow.position)))
    for row in rows:
        db.session.expunge(row)  # each is done in transactions of its own
    return rows


def _write(fix_id: str, position: int, **values: Any) -> None:
    here = (GroupFixRow.fix_id == fix_id, GroupFixRow.position == position)
    db.session.execute(update(GroupFixRow).where(*here).values(**values))


def _finish(fix_id: str) -> None:
    fix = GroupFix.lock(fix_id)
    left = select(GroupFixRow.case_id).where(GroupFixRow.fix_id == fix_id, GroupFixRow.outcome == "waiting")
    if fix.status == GroupFixStatus.RUNNING and db.session.scalar(left.limit(1)) is None:
        fix.move_to(GroupFixStatus.DONE)


def _told(seen: Preview) -> list[str]:
    return [
        *([promise["says"] for promise in seen.promises] or ["Nothing leaves the console."]),
        *seen.warnings,
    ]


def _words(error: Refused | Denied | Invalid | NotFound) -> str:
    if isinstance(error, Invalid):
        return " ".join(words for said in error.errors.values() for words in said)
    return getattr(error, "message", None) or str(error)


def says(fix: str, listed: Sequence[Case], count: int | None = None) -> str:
    """What a button says: how many, what, and where. "Try 37 again at Truepill"."""
    before, after = FIXES[fix]
    many = len(listed) if count is None else count
    names = {vendor_name(one.vendor) for one in listed}
    where = f"at {names.pop()}" if len(names) == 1 and "" not in names and fix == "retry" else ""
    noun = "" if fix == "retry" else "case" if many == 1 else "cases"
    return " ".join(filter(None, (before, str(many), noun, after, where)))


def fixes_of(by: Actor, limit: int = 5) -> list[GroupFix]:
    """The latest fixes that somebody prepared."""
    query = select(GroupFix).where(GroupFix.by_id == by.id).order_by(GroupFix.created_at.desc())
    return list(db.session.scalars(query.limit(limit)))
