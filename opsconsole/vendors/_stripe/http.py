"""Stripe's SDK over our own wire (see `_wire`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe
from requests.structures import CaseInsensitiveDict

from .. import _wire


class NoAnswer(stripe.APIConnectionError):
    """Nothing usable came back. `sent` says whether any byte of the request had left."""

    def __init__(self, words: str, *, sent: bool) -> None:
        super().__init__(words, should_retry=False)  # type: ignore[no-untyped-call]
        self.sent = sent


class TooLarge(NoAnswer):
    """The answer is bigger than the wire takes."""


class DeadlineClient(stripe.HTTPClient):
    """The SDK's HTTP client: no redirects, no retries, one deadline, and no surprises of its own."""

    name = "requests"

    def __init__(self) -> None:
        super().__init__()
        self._wire = _wire.Wire()

    def request(  # type: ignore[override]  # the SDK says str and takes bytes, as its own client does
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Raises NoAnswer when there is no complete answer in time."""
        try:
            answer = self._wire.exchange(method, url, headers or {}, post_data)
        except _wire.TooLarge as failure:
            raise TooLarge(str(failure), sent=failure.sent) from failure
        except _wire.NoAnswer as failure:
            raise NoAnswer(str(failure), sent=failure.sent) from failure
        # the SDK would print Stripe-Notice as a warning
        told = {name: value for name, value in answer.headers.items() if name.lower() != "stripe-notice"}
        return answer.body, answer.status, CaseInsensitiveDict(told)

    def close(self) -> None:
        self._wire.close()
