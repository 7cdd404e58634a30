"""How a change at Stripe happens once: it is looked for whenever it may be there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from .. import Call, Declined, Unavailable
from .._stripe.api import ANSWERED_IN_DOUBT, Account, shaped
from . import _stripe_facts as facts
from . import _stripe_refusals as refusals

# Invoices with their lines and movements with their sources are large: fewer of them fit into an answer.
FEWER = 25

T = TypeVar("T")
Send = Callable[[Any, Any], Any]


class Once(Account):
    """A changing method makes its request under the promise's key. When asked to look first, and after an answer that
    says nothing, it looks whether the change is there already: by the promise's mark in the metadata where the endpoint
    takes some, by the object's state where it does not."""

    def _create(
        self,
        call: Call,
        request: Any,
        send: Send,
        read: Callable[[Any], T],
        list_: Callable[[Any], Any],
        where: Mapping[str, Any],
        *,
        step: str | None = None,
    ) -> T:
        """Make something that carries the promise's mark. Lists are immediate; search lags behind by up to an hour."""

        def made() -> T | None:
            found = next(
                (item for item in self._all(list_, where, FEWER) if facts.carries(item, call.ref)), None
            )
            return None if found is None else shaped(read, found)

        return self._once(call, request, send, read, made, step=step)

    def _once(
        self,
        call: Call,
        request: Any,
        send: Send,
        read: Callable[[Any], Any],
        found: Callable[[], T | None],
        *,
        step: str | None = None,
    ) -> T:
        """The one way in which anything is changed. `found` looks for what an earlier attempt may have done. A `step` is one
        request of several: they were pinned together, and all but one have keys of their own."""
        request = call.pin(request) if step is None else request
        key = f"{call.key}:{step}" if step else call.key
        if (call.ask_first or call.round > 1) and (already := found()) is not None:
            return already
        try:
            return cast(T, self._ask(lambda: send(request, {"idempotency_key": key}), read, changes=True))
        except Declined as no:
            raise told(no, refusals.for_want_of_a_card(no)) from None
        except Unavailable as doubt:
            already = self._in_doubt(doubt, found)
            if already is not None:
                return already
            raise doubt from None

    def _in_doubt(self, doubt: Unavailable, found: Callable[[], T | None]) -> T | None:
        """What can be seen after an answer that says nothing: Stripe saves a 500 and repeats it.

        When it repeats one and nothing is there, the doubt is told to be for ever.
        """
        if doubt.code not in ANSWERED_IN_DOUBT:
            return None
        try:
            already = found()
        except (Unavailable, Declined):
            return None
        doubt.repeats = already is None and doubt.code == "saved_failure"
        return already

    def _why(self, look: Callable[[], T]) -> T | None:
        """What is only looked at to explain a no must not hide the no."""
        try:
            return look()
        except (Unavailable, Declined):
            return None


def told(no: Declined, words: str | None) -> Declined:
    if words is None:
        return no
    return Declined(no.code, words, http_status=no.http_status, request_id=no.request_id, facts=no.facts)
