"""What the vendors that speak JSON have in common: one transaction for each piece of work, and what they tell is kept."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import ClassVar, Generic, TypeVar

from ._agenda import Agenda
from ._clock import Clock
from ._door import Door
from ._faults import Faults
from ._state import Store
from ._webhooks import Webhooks

T = TypeVar("T")


class Vendor(ABC, Generic[T]):
    """One vendor's state, what falls due there, and how the console hears of it.

    `T` is a piece of work at it, `EVENTS` its table of what it told (`id`, `body`), `HOOK` where the console is told,
    under /webhooks/. `doors` are its APIs.
    """

    NAME: ClassVar[str]
    EVENTS: ClassVar[str]
    HOOK: ClassVar[str]
    doors: tuple[Door, ...]

    def __init__(
        self, store: Store, clock: Clock, faults: Faults, agenda: Agenda, webhooks: Webhooks, *,
        schema: str, falls_due: Mapping[str, Callable[[T, str], None]], webhook_url: str | None,
    ) -> None:  # fmt: skip
        self.store, self.clock, self.faults = store, clock, faults
        self._webhooks = webhooks
        self._url = webhook_url and f"{webhook_url.rstrip('/')}/webhooks/{self.HOOK}"
        store.define(schema)
        webhooks.teach(self.NAME, self._delivery)
        for what, happens in falls_due.items():
            agenda.teach(what, partial(self._due, happens))

    @contextmanager
    def turn(self) -> Iterator[T]:
        with self.store.transaction() as db:
            yield self._at(db, self.clock.now())

    def _due(self, happens: Callable[[T, str], None], db: sqlite3.Connection, at: float, id: str) -> None:
        happens(self._at(db, at), id)

    def _owe(self, db: sqlite3.Connection, id: str, kind: str, now: float) -> None:
        """Tell the console of an event that was written down, in the transaction of what it tells of."""
        if self._url:
            self._webhooks.send(db, self.NAME, id, kind, [("console", self._url)], now)

    def _delivery(self, event: str, endpoint: str, flaw: str | None) -> tuple[dict[str, str], bytes]:
        with self.store.reading() as db:
            (body,) = db.execute(f"SELECT body FROM {self.EVENTS} WHERE id = ?", (event,)).fetchone()
        return self._headers(body.encode(), flaw), body.encode()

    @abstractmethod
    def _at(self, db: sqlite3.Connection, now: float) -> T:
        """A piece of work at that time."""

    @abstractmethod
    def _headers(self, body: bytes, flaw: str | None) -> dict[str, str]:
        """The headers of a delivery, signed where the vendor signs, with what is wrong of them on purpose."""
