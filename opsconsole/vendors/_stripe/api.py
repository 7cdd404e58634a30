"""Our account at Stripe over its SDK: what the adapters of all ports that Stripe serves have in common."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import stripe

from .. import Declined, Unavailable
from .._asking import object_in
from .._wire import DEADLINE_SECONDS, deadline
from .failures import failure, nonsense
from .fields import WrongShape
from .http import DeadlineClient

API_VERSION = "2026-10-28.endive"
PAGE = 100

# What Stripe answered although the outcome is unknown: worth a look at the list before giving up.
ANSWERED_IN_DOUBT = frozenset({"server_error", "saved_failure", "nonsense", "idempotency_error"})

# Its telemetry writes a file into the home directory and tells Stripe about this machine.
stripe.enable_telemetry = False
# At DEBUG the SDK logs whole answers, with names and e-mails in them.
logging.getLogger("stripe").setLevel(logging.WARNING)

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])


def one_deadline(method: Method) -> Method:
    """All requests of one port method end within the adapter's seconds."""

    @functools.wraps(method)
    def timed(self: Account, *args: Any, **kwargs: Any) -> Any:
        with deadline(self._seconds):
            return method(self, *args, **kwargs)

    return cast(Method, timed)


class Account:
    """Asks Stripe. `api_base` None is Stripe's own; `http_client` replaces the wire in tests that run the sandbox
    in-process; `seconds` is the deadline of one port method; `begun` reads the PaymentIntent that a card's no carries."""

    def __init__(
        self,
        *,
        api_key: str,
        api_base: str | None,
        http_client: stripe.HTTPClient | None = None,
        seconds: float = DEADLINE_SECONDS,
        begun: Callable[[Any], Any] | None = None,
    ) -> None:
        self._base = (api_base or stripe.DEFAULT_API_BASE).rstrip("/")
        self._seconds = seconds
        self._begun = begun
        self._v1 = stripe.StripeClient(
            api_key,
            base_addresses={"api": self._base},
            stripe_version=API_VERSION,
            max_network_retries=0,  # the promise is the retry
            http_client=http_client or DeadlineClient(),
        ).v1

    def _ask(self, request: Callable[[], Any], read: Callable[[Any], T], *, changes: bool = False) -> T:
        """The answer to one request, read. Every failure leaves here as one of the port's two."""
        try:
            answer = request()
        except stripe.StripeError as error:
            raise failure(error, changes=changes, begun=self._begun) from None
        except Exception as error:  # the SDK stumbles in many ways over odd JSON
            raise nonsense(type(error).__name__, changes=changes) from None
        # not the SDK's object: it hides what is missing, and has no types for what is wrong
        return shaped(read, getattr(getattr(answer, "last_response", None), "data", None), changes=changes)

    def _find(self, request: Callable[[], Any], read: Callable[[Any], T]) -> T | None:
        try:
            return self._ask(request, read)
        except Declined as refusal:
            if refusal.http_status == 404:
                return None
            raise

    def _page(
        self, list_: Callable[[Any], Any], query: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], bool]:
        return self._ask(lambda: list_(dict(query)), _list)

    def _page_that_fits(
        self, list_: Callable[[Any], Any], query: Mapping[str, Any], limit: int = PAGE
    ) -> tuple[list[dict[str, Any]], bool]:
        """A page as large as the wire's limit lets it be: one that is larger is asked for again in smaller parts."""
        while True:
            try:
                return self._page(list_, {**query, "limit": limit})
            except Unavailable as failure:
                if failure.code != "too_large" or limit == 1:
                    raise
                limit = max(limit // 10, 1)

    def _all(
        self, list_: Callable[[Any], Any], query: Mapping[str, Any], limit: int = PAGE
    ) -> Iterator[dict[str, Any]]:
        cursor: dict[str, str] = {}
        while True:
            items, more = self._page_that_fits(list_, {**query, **cursor}, limit)
            yield from items
            if not more:
                return
            cursor = {"starting_after": cursor_of(items)}


def _list(data: Any) -> tuple[list[dict[str, Any]], bool]:
    """The items of a list object and whether there are more."""
    data = object_in(data)
    items, more = data.get("data"), data.get("has_more")
    if data.get("object") != "list" or not isinstance(items, list) or not isinstance(more, bool):
        raise WrongShape("not a list")
    if more and (not items or not object_in(items[-1]).get("id")):
        raise WrongShape("a list that goes on from nowhere")
    return [object_in(item) for item in items], more


def cursor_of(items: Sequence[Mapping[str, Any]]) -> str:
    return str(items[-1]["id"])


def shaped(read: Callable[[Any], T], data: Any, *, changes: bool = False) -> T:
    try:
        return read(data)
    except WrongShape as wrong:
        raise nonsense(str(wrong), changes=changes) from None
