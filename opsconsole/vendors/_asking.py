"""JSON over the wire to one vendor: every failure as one of the two that ports know, told in the same words for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from . import Declined, Unavailable
from ._wire import Answer, Exchange, NoAnswer, TooLarge, Wire, deadline, is_loopback

T = TypeVar("T")
#: The code and the words for a refusal with this status and body, or None when it is no answer of this vendor.
Refusal = Callable[[int, Mapping[str, Any]], tuple[str, str] | None]


class WrongShape(Exception):
    """An answer that lacks what the vendor's documents promise. The words name what is wrong, never a value."""


@dataclass(frozen=True)
class Failures:
    """How the failures of one vendor are told. `label` is what people call it, `keys` what opens it. `forbids` are the words
    where the key is good and may not do this; as for a bad one, unless given."""

    label: str
    keys: str = "key"
    forbids: str | None = None

    def silence(self, failure: NoAnswer, *, changes: bool) -> Unavailable:
        """No answer. A request that never left cannot have been done."""
        if isinstance(failure, TooLarge):
            return Unavailable(f"{self.label}'s answer is too large.", maybe_done=changes, code="too_large")
        if failure.sent:
            return Unavailable(f"{self.label} did not answer.", maybe_done=changes, code="no_answer")
        return Unavailable(f"{self.label} cannot be reached.", maybe_done=False, code="unreachable")

    def status(self, answer: Answer, *, changes: bool) -> Unavailable | None:
        """What a status alone tells; None where the body has the word."""
        status = answer.status
        if status in (401, 403):  # its own words may repeat a part of the key
            refuses = f"{self.label} refuses our {self.keys}."
            words = self.forbids if status == 403 and self.forbids else refuses
            return Unavailable(
                words, maybe_done=False, code="credentials", credentials=True, http_status=status
            )
        if status == 429:
            return Unavailable(
                f"{self.label} asks us to slow down.", maybe_done=False, code="rate_limit",
                retry_after=retry_after(answer.headers.get("Retry-After")), http_status=status,
            )  # fmt: skip
        if status >= 500 or status == 408:
            words = f"{self.label} had an error."
            return Unavailable(words, maybe_done=changes, code="server_error", http_status=status)
        return None

    def nonsense(self, what: str, *, changes: bool, **told: Any) -> Unavailable:
        words = f"{self.label}'s answer makes no sense ({what})."
        return Unavailable(words, maybe_done=changes, code="nonsense", **told)


class Asking:
    """One API of a vendor. `refusal` reads its error bodies, `fine` are the statuses of an answer."""

    def __init__(
        self,
        failures: Failures,
        base_url: str,
        authorization: str,
        refusal: Refusal,
        wire: Exchange | None,
        *,
        fine: Sequence[int] = (200, 201, 202),
    ) -> None:
        self.failures = failures
        self.base_url = base_url.rstrip("/")
        self._authorization = authorization
        self._refusal = refusal
        self._wire = wire or Wire()
        self._fine = fine

    def ask(
        self,
        method: str,
        target: str,
        read: Callable[[Mapping[str, Any]], T],
        *,
        body: Any = None,
        key: str | None = None,
        changes: bool | None = None,
    ) -> T:
        """The answer to one request, read by `read`, which raises WrongShape. `key` is its idempotency key; `changes` says
        whether it may do something there, which all but GET do unless told otherwise."""
        changes = method != "GET" if changes is None else changes
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        sent = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body).encode()
        try:
            answer = self._wire.exchange(method, self.base_url + target, headers, sent)
        except NoAnswer as failure:
            raise self.failures.silence(failure, changes=changes) from None
        if answer.status not in self._fine:
            raise self._failure(answer, changes)
        return self.shaped(read, json_of(answer.body), changes=changes)

    def shaped(self, read: Callable[[Mapping[str, Any]], T], data: Any, *, changes: bool) -> T:
        """A part of an answer, read. Raises Unavailable for what has not the shape that was promised."""
        try:
            return read(object_in(data))
        except WrongShape as wrong:
            raise self.failures.nonsense(str(wrong), changes=changes) from None

    def find(self, target: str, read: Callable[[Mapping[str, Any]], T]) -> T | None:
        """As `ask`, None for what the vendor says it does not have."""
        try:
            return self.ask("GET", target, read)
        except Declined as refusal:
            if refusal.http_status == 404:
                return None
            raise

    def health(
        self, target: str, seconds: float, read: Callable[[Mapping[str, Any]], object] = lambda _: None
    ) -> Mapping[str, Any]:
        """Ask for `target`, and say in words how that went."""
        label = self.failures.label
        return health(label, [self.base_url], lambda: self.ask("GET", target, read), seconds)

    def _failure(self, answer: Answer, changes: bool) -> Unavailable | Declined:
        if told := self.failures.status(answer, changes=changes):
            return told
        status, data = answer.status, json_of(answer.body)
        said = self._refusal(status, data) if isinstance(data, dict) else None
        if said:
            return Declined(*said, http_status=status)
        return self.failures.nonsense(f"HTTP {status}", changes=changes, http_status=status)


def health(
    label: str, bases: Sequence[str], ask: Callable[[], object], seconds: float, *, paths: bool = False
) -> Mapping[str, Any]:
    """Ask, and say in words how that went: {"base_url", "reachable", "words", "sandbox"}. Of the bases no password is
    shown, and of their paths only when asked for."""
    reachable, words = True, f"{label} answers."
    try:
        with deadline(seconds):
            ask()
    except Unavailable as failure:
        reachable, words = failure.http_status is not None, failure.words
    except Declined as refusal:
        words = refusal.words
    parts = [urlsplit(base) for base in bases]
    shown = dict.fromkeys(
        f"{one.scheme}://{one.netloc.rpartition('@')[2]}{one.path if paths else ''}" for one in parts
    )
    return {
        "base_url": ", ".join(shown),
        "reachable": reachable,
        "words": words,
        "sandbox": all(is_loopback(one.hostname) for one in parts),
    }


def json_of(body: bytes | str) -> Any:
    """What a body says; None for what is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def object_in(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongShape("not an object")
    return value


def clean(text: str) -> str:
    """Text that a database can keep: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "�")


def retry_after(value: str | None) -> float | None:
    """The seconds in a Retry-After header, an hour at most; None for a date or nonsense."""
    return float(min(int(value), 3600)) if value and value.isdecimal() and len(value) < 9 else None
