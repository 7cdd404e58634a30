"""Reading from outside before an act: the vendor's answer becomes a quote, and the breaker hears how it went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import vendors
from ...models import Quote
from .._transaction import transaction
from . import _breaker as breaker


def read(
    quote_id: str, port: str, method: str, ask: Callable[[Any], dict[str, Any] | None], *, patience: float
) -> Quote:
    """Fill a quote that is ours to fill with what `ask(adapter)` answers, within so many seconds; None: there is none.

    No transaction may be open. What goes wrong stands in the quote.
    """
    try:
        with vendors.deadline(patience):
            found = ask(vendors.port(port))
    except vendors.Unavailable as failure:
        return _record(quote_id, port, method, outcome=Quote.FAILED, words=failure.words, failure=failure)
    except vendors.Declined as no:
        return _record(quote_id, port, method, outcome=Quote.FAILED, words=no.words)
    if found is None:
        return _record(quote_id, port, method, outcome=Quote.MISSING)
    return _record(quote_id, port, method, outcome=Quote.FOUND, facts=found)


def _record(
    quote_id: str, port: str, method: str, *, failure: vendors.Unavailable | None = None, **answer: Any
) -> Quote:
    """Write the answer down, for the breaker too."""
    with transaction():
        quote = Quote.lock(quote_id)
        for name, value in answer.items():
            setattr(quote, name, value)
        if failure:
            breaker.failed(port, method, quote.subject_id, failure.words, at_once=failure.credentials)
        else:
            breaker.answered(port, method)
    return quote
