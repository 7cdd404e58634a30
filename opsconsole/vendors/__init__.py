"""The outside world, one folder per port.

A port says what we need in our own words and frozen dataclasses; an adapter translates for one
vendor. Adapters are named in `config.py` and imported nowhere else; `vendors.port("payments")` gives
the one in use. A port knows two failures, `Unavailable` and `Declined`; anything else an adapter
raises is our bug.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ._deadline import deadline as deadline


class Unavailable(Exception):
    """The vendor gave no definite answer: try again later, with the same key.

    `maybe_done` says whether the request may have had its effect (a time-out after the bytes left,
    a 5xx) or surely has not (connection refused, 429, 401). `credentials` marks a refused key
    (401/403), which stops all calls of the port at once. `retry_after` is in seconds. `repeats` says
    that the vendor will answer this key the same way for ever, while its own list shows no effect.
    """

    def __init__(
        self,
        words: str,
        *,
        maybe_done: bool,
        code: str = "unavailable",
        credentials: bool = False,
        retry_after: float | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        repeats: bool = False,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.repeats = repeats
        self.maybe_done = maybe_done
        self.code = code
        self.credentials = credentials
        self.retry_after = retry_after
        self.http_status = http_status
        self.request_id = request_id


class Declined(Exception):
    """A definite no. `code` is the vendor's own, `words` what it said, fit to show to staff. `facts` is what the vendor
    keeps of it all the same, as a payment that no card has paid."""

    def __init__(
        self,
        code: str,
        words: str,
        *,
        http_status: int | None = None,
        request_id: str | None = None,
        facts: Any = None,
    ) -> None:
        super().__init__(f"{code}: {words}")
        self.facts = facts
        self.code = code
        self.words = words
        self.http_status = http_status
        self.request_id = request_id


class NotAuthentic(Exception):
    """A delivery whose signature does not hold (forged, stale, future-dated, wrong secret)."""


class NotParseable(Exception):
    """An authentic delivery that is not what the vendor's contract promises."""


@dataclass(frozen=True)
class Call:
    """One attempt of a promise, as a changing port method sees it.

    `ref` never changes and goes into the vendor's metadata with `tags` (our ids, no PHI). `key` is
    the vendor's idempotency key. With `ask_first` the adapter must list the vendor's objects by `ref`
    and adopt what it finds before it creates anything. `pin` stores the vendor request at the first
    attempt of a round and returns it, and returns the stored one at every later attempt: what is
    sent again is what was sent before, whatever the code has become since.
    """

    ref: str
    round: int
    tags: Mapping[str, str]
    ask_first: bool
    pin: Callable[[dict[str, Any]], dict[str, Any]]

    @property
    def key(self) -> str:
        return f"{self.ref}:{self.round}"


T = TypeVar("T")


@dataclass(frozen=True)
class Fetched(Generic[T]):
    """What became of asking a vendor (`of` is its adapter's name) for many things, by id; None for what it does not have.
    Those that are missing were not asked for any more: it had stopped answering."""

    items: Mapping[str, T | None]
    of: str

    @property
    def id(self) -> str:
        return f"{len(self.items)} asked for"


def each(of: str, ids: Iterable[str], fetch: Callable[[str], T | None]) -> Fetched[T]:
    """Ask for one after the other, until the vendor asks us to stop. Raises what `fetch` raises if the first fails."""
    found: dict[str, T | None] = {}
    for id in ids:
        try:
            found[id] = fetch(id)
        except Unavailable:
            if not found:
                raise
            break
    return Fetched(found, of)


_NAMES = {
    "billing": "Stripe",
    "customerio": "Customer.io",
    "easypost": "EasyPost",
    "pharmacy-truepill": "Truepill",
    "pharmacy-honeybee": "Honeybee",
}
_ports: dict[str, Any] = {}


def name_of(source: str) -> str:
    """What people call a source of events: "customerio" is Customer.io, "stripe" is Stripe."""
    return _NAMES.get(source, source.title())


@dataclass(frozen=True)
class System:
    """An outside system: the port that names it, all ports through which it is called, and by which name it tells us
    things; None of one that tells nothing."""

    port: str
    ports: tuple[str, ...]
    source: str | None

    @property
    def name(self) -> str:
        return name_of(self.source or self.port)


SYSTEMS = tuple(
    System(*one)
    for one in (
        ("payments", ("payments", "billing"), "stripe"),
        ("healthcare", ("healthcare",), "healthcare"),
        ("pharmacy-truepill", ("pharmacy-truepill",), "pharmacy-truepill"),
        ("pharmacy-honeybee", ("pharmacy-honeybee",), "pharmacy-honeybee"),
        ("tracking", ("tracking",), "easypost"),
        ("crm", ("crm",), "customerio"),
        ("email", ("email",), None),
    )
)
_system_of = {port: system for system in SYSTEMS for port in system.ports}


def system_of(port: str) -> System:
    """The system behind a port; one that is not known here stands for itself."""
    return _system_of.get(port) or System(port, (port,), None)


def connect(port: str, adapter: Any) -> None:
    """Put an adapter behind a port name. Called once at start, and by tests."""
    _ports[port] = adapter


def connected(port: str) -> bool:
    """False for a port that this installation does without."""
    return port in _ports


def port(name: str) -> Any:
    """The adapter in use. Raises KeyError for a port that nothing was connected to."""
    return _ports[name]
