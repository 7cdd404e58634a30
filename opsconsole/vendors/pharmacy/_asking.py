"""JSON over the wire to one pharmacy: every failure as one of the port's two, and no word of theirs repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from .. import Declined, Unavailable
from .._wire import Answer, NoAnswer, TooLarge, Wire, deadline, is_loopback

T = TypeVar("T")
#: The code and our words for a refusal with this status and body, or None when it is no answer of this pharmacy.
Refusal = Callable[[int, Mapping[str, Any]], tuple[str, str] | None]


class WrongShape(Exception):
    """An answer that lacks what the pharmacy's documents promise."""


class Exchange(Protocol):
    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer: ...


class Asking:
    """One pharmacy's API. `label` is what people call it; `refusal` reads its error bodies."""

    def __init__(
        self, label: str, base_url: str, authorization: str, refusal: Refusal, wire: Exchange | None
    ) -> None:
        self.label = label
        self.base_url = base_url.rstrip("/")
        self._authorization = authorization
        self._refusal = refusal
        self._wire = wire or Wire()

    def ask(
        self,
        method: str,
        target: str,
        read: Callable[[Mapping[str, Any]], T],
        *,
        body: Any = None,
        key: str | None = None,
    ) -> T:
        """The answer to one request, read by `read`, which raises WrongShape. `key` is its idempotency key."""
        changes = method != "GET"
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
            raise self._silence(failure, changes) from None
        data = _json(answer.body)
        if answer.status not in (200, 201, 202):
            raise self._failure(answer, data, changes)
        try:
            return read(object_in(data))
        except WrongShape as wrong:
            raise self._nonsense(str(wrong), changes) from None

    def find(self, target: str, read: Callable[[Mapping[str, Any]], T]) -> T | None:
        """As `ask`, None for what the pharmacy says it does not have."""
        try:
            return self.ask("GET", target, read)
        except Declined as refusal:
            if refusal.http_status == 404:
                return None
            raise

    def health(self, target: str, seconds: float) -> Mapping[str, Any]:
        """Ask for `target`, and say in words how that went."""
        reachable, words = True, f"{self.label} answers."
        try:
            with deadline(seconds):
                self.ask("GET", target, lambda _: None)
        except Unavailable as failure:
            reachable, words = failure.http_status is not None, failure.words
        except Declined as refusal:
            words = refusal.words
        parts = urlsplit(self.base_url)
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return {
            "base_url": shown,
            "reachable": reachable,
            "words": words,
            "sandbox": is_loopback(parts.hostname),
        }

    def _silence(self, failure: NoAnswer, changes: bool) -> Unavailable:
        """A request that never left cannot have been done."""
        if isinstance(failure, TooLarge):
            return Unavailable(f"{self.label}'s answer is too large.", maybe_done=changes, code="too_large")
        if failure.sent:
            return Unavailable(f"{self.label} did not answer.", maybe_done=changes, code="no_answer")
        return Unavailable(f"{self.label} cannot be reached.", maybe_done=False, code="unreachable")

    def _failure(self, answer: Answer, data: Any, changes: bool) -> Unavailable | Declined:
        status = answer.status
        if status in (401, 403):
            words = f"{self.label} refuses our key."
            return Unavailable(
                words, maybe_done=False, code="credentials", credentials=True, http_status=status
            )
        if status == 429:
            words, wait = f"{self.label} asks us to slow down.", _retry_after(answer)
            return Unavailable(
                words, maybe_done=False, code="rate_limit", retry_after=wait, http_status=status
            )
        if status >= 500 or status == 408:
            words = f"{self.label} had an error."
            return Unavailable(words, maybe_done=changes, code="server_error", http_status=status)
        said = self._refusal(status, data) if isinstance(data, dict) else None
        if said:
            return Declined(*said, http_status=status)
        return self._nonsense(f"HTTP {status}", changes, http_status=status)

    def _nonsense(self, what: str, changes: bool, **told: Any) -> Unavailable:
        words = f"{self.label}'s answer makes no sense ({what})."
        return Unavailable(words, maybe_done=changes, code="nonsense", **told)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("Retry-After") or ""
    return float(min(int(value), 3600)) if value.isdecimal() and len(value) < 9 else None


def object_in(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise WrongShape("not an object")
    return value


def objects_in(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise WrongShape("not a list")
    return [object_in(one) for one in value]


def goods(value: Any, sku: str, quantity: str) -> tuple[tuple[str, int], ...] | None:
    """What is made up: (sku, quantity) of each line, sorted. None where it is not told."""
    if value is None:
        return None
    lines = objects_in(value)
    if any(type(line.get(quantity)) is not int for line in lines):
        raise WrongShape("an odd quantity")
    return tuple(sorted((word(line.get(sku), 100), int(line[quantity])) for line in lines))


def word(value: Any, limit: int = 255) -> str:
    """Text that must be there, fit for a database."""
    found = text(value, limit)
    if not found:
        raise WrongShape("a word is missing")
    return found


def text(value: Any, limit: int = 255) -> str | None:
    """Text fit for a database, None for nothing."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise WrongShape("not text")
    return value.encode("utf-8", "replace").decode().replace("\0", "�")[:limit]


def texts(value: Any) -> dict[str, str]:
    """What was echoed of our tags: names and values that are text."""
    if value is None:
        return {}
    return {name: one[:255] for name, one in object_in(value).items() if isinstance(one, str)}
