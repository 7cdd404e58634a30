"""A keeper says how one kind of promise is kept: which port method, and which acts record the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...models import Promise, Stateful
from .._act import Act
from ._pace import Pace

KEEPERS: dict[str, Keeper] = {}


def _nothing(*_: Any, **__: Any) -> None:
    return None


@dataclass(frozen=True)
class Reopened:
    """What the next round sends, and the sentence people read about it."""

    says: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Keeper:
    """`then(subject_id, facts=, fetched_at=)` records a yes, `declined(subject_id, code=, words=)` a no, with
    `facts=` and `fetched_at=` too where the vendor keeps something of it all the same.

    `locks(subject_id)` is a subject that is planned until it is sent, locked: it follows its promise.
    `reopened(subject_id, fix)` makes the subject ready for another round and returns
    what to send; `done_outside(subject_id, external_id)` takes a person's word, `dropped(subject_id)`
    says that it will not be tried again. `changes` is False for a call that only reads. `steps` are the subject's
    statuses before it is asked for and after. `pace` holds back calls of which there may be very many. `takes_no`: a no
    is an answer with which `declined` does what is to be done, and nobody has to look at it. `reads(subject_id)` gives the
    arguments that tell of somebody's health: they stand in no promise, and are never changed once the call was promised.
    `between(answer)` is what is done with a yes before it is recorded, with no transaction open, as putting a file away: it
    gives what is recorded, and fails as a port does.
    """

    name: str
    port: str
    method: str
    then: Act
    changes: bool
    declined: Callable[..., Any]
    locks: Callable[[str], Stateful] | None
    reopened: Callable[..., Reopened | None]
    done_outside: Callable[..., None]
    dropped: Callable[[str], None]
    fixable: tuple[str, ...]
    steps: tuple[str, str]
    pace: Pace | None = None
    takes_no: bool = False
    reads: Callable[[str], dict[str, Any]] | None = None
    between: Callable[[Any], Any] | None = None
    expects: tuple[str, ...] = ()

    def begins(self, subject_id: str) -> None:
        """In the claim's commit: from now on it may have been done."""
        self._moves(subject_id, *self.steps)

    def eased(self, subject_id: str) -> None:
        """No attempt can have been done: it is only planned again, and can be undone."""
        self._moves(subject_id, *self.steps[::-1])

    def _moves(self, subject_id: str, before: str, after: str) -> None:
        subject = self.locks(subject_id) if self.locks else None
        if subject and subject.status == before:
            subject.move_to(subject.STATUS(after))


def keeper(
    name: str,
    *,
    call: str,
    then: Act,
    changes: bool = True,
    declined: Callable[..., Any] = _nothing,
    locks: Callable[[str], Stateful] | None = None,
    reopened: Callable[..., Reopened | None] = _nothing,
    done_outside: Callable[..., None] = _nothing,
    dropped: Callable[[str], None] = _nothing,
    fixable: tuple[str, ...] = (),
    steps: tuple[str, str] = ("planned", "submitted"),
    pace: Pace | None = None,
    takes_no: bool = False,
    reads: Callable[[str], dict[str, Any]] | None = None,
    between: Callable[[Any], Any] | None = None,
    expects: tuple[str, ...] = (),
) -> Keeper:
    """Register how promises of the kind `name` are kept. `call` is "port.method"."""
    port, method = call.split(".")
    made = Keeper(
        name, port, method, then, changes, declined, locks, reopened, done_outside, dropped, fixable, steps, pace,
        takes_no, reads, between, expects,
    )  # fmt: skip
    KEEPERS[name] = made
    return made


def keeper_of(promise: Promise) -> Keeper:
    return KEEPERS[promise.kind]
