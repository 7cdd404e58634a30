"""What Stripe keeps of billing, one by one, in lists, and as it would be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from .. import Declined
from .._asking import object_in
from .._stripe.api import PAGE, Account, cursor_of, one_deadline, shaped
from .._stripe.fields import WrongShape, mapping
from . import (
    CreditFacts,
    CreditNoteFacts,
    InvoiceFacts,
    Listed,
    PayoutFacts,
    PendingItemFacts,
    PreviewFacts,
    PriceFacts,
    SubscriptionFacts,
)
from . import _stripe_facts as facts
from . import _stripe_refusals as refusals
from . import _stripe_requests as requests
from ._stripe_once import FEWER, told

log = logging.getLogger(__name__)

T = TypeVar("T")


class Reading(Account):
    """The port's methods that change nothing."""

    @one_deadline
    def fetch_subscription(self, id: str) -> SubscriptionFacts | None:
        return self._subscription(id)

    def _subscription(self, id: str) -> SubscriptionFacts | None:
        found = self._find(lambda: self._v1.subscriptions.retrieve(id), object_in)
        if found is None:
            return None
        whole = self._whole(found, "items", self._v1.subscription_items.list, {"subscription": id})
        return shaped(facts.subscription_facts, whole)

    @one_deadline
    def fetch_invoice(self, id: str) -> InvoiceFacts | None:
        """GET /v1/invoices/:id; what of its lines and payments does not fit into it, from their lists."""
        found = self._find(
            lambda: self._v1.invoices.retrieve(id, {"expand": requests.WITH_PAYMENTS}), object_in
        )
        if found is None:
            return None
        found = self._whole(found, "lines", partial(self._v1.invoices.line_items.list, id), {})
        found = self._whole(found, "payments", self._v1.invoice_payments.list, {"invoice": id})
        return shaped(facts.invoice_facts, found)

    def _invoice(self, id: str) -> InvoiceFacts | None:
        return self._find(
            lambda: self._v1.invoices.retrieve(id, {"expand": requests.WITH_PAYMENTS}), facts.invoice_facts
        )

    def _whole(
        self, data: dict[str, Any], key: str, list_: Callable[[Any], Any], query: Mapping[str, Any]
    ) -> dict[str, Any]:
        """An object with all of a list of which it carries only the first ones."""
        if mapping(data.get(key)).get("has_more") is not True:
            return data
        return {**data, key: {"data": list(self._all(list_, query)), "has_more": False}}

    @one_deadline
    def fetch_price(self, id: str) -> PriceFacts | None:
        return self._find(lambda: self._v1.prices.retrieve(id), facts.price_facts)

    @one_deadline
    def fetch_credit_note(self, id: str) -> CreditNoteFacts | None:
        return self._find(lambda: self._v1.credit_notes.retrieve(id), facts.credit_note_facts)

    @one_deadline
    def fetch_payout(self, id: str) -> PayoutFacts | None:
        return self._find(lambda: self._v1.payouts.retrieve(id), facts.payout_facts)

    @one_deadline
    def subscriptions(self, *, customer: str | None = None, after: str | None = None) -> Listed:
        query = _query(status="all", customer=customer, starting_after=after)
        return self._listed(self._v1.subscriptions.list, query, facts.subscription_facts)

    @one_deadline
    def invoices(
        self, *, customer: str | None = None, since: int | None = None, after: str | None = None
    ) -> Listed:
        query = _query(
            customer=customer,
            created=_query(gte=since) or None,
            starting_after=after,
            expand=["data.payments"],
        )
        return self._listed(self._v1.invoices.list, query, facts.invoice_facts, FEWER)

    @one_deadline
    def prices(self, *, after: str | None = None) -> Listed:
        return self._listed(self._v1.prices.list, _query(starting_after=after), facts.price_facts)

    @one_deadline
    def pending(self, customer: str) -> Sequence[PendingItemFacts]:
        items = self._all(self._v1.invoice_items.list, {"customer": customer, "pending": True})
        return _read(items, facts.pending_facts)

    @one_deadline
    def credits(self, customer: str) -> Sequence[CreditFacts]:
        list_ = partial(self._v1.customers.balance_transactions.list, customer)
        return _read(self._page_that_fits(list_, {})[0], facts.credit_facts)

    @one_deadline
    def payouts(self, *, since: int, after: str | None = None) -> Listed:
        query = _query(created={"gte": since}, starting_after=after)
        return self._listed(self._v1.payouts.list, query, facts.payout_facts)

    @one_deadline
    def entries(
        self,
        *,
        payout: str | None = None,
        since: int | None = None,
        until: int | None = None,
        after: str | None = None,
    ) -> Listed:
        """GET /v1/balance_transactions; `until` is not included."""
        query = _query(
            payout=payout,
            created=_query(gte=since, lt=until) or None,
            starting_after=after,
            expand=["data.source"],
        )
        return self._listed(
            self._v1.balance_transactions.list, query, partial(facts.entry_facts, payout=payout), FEWER
        )

    def _listed(
        self,
        list_: Callable[[Any], Any],
        query: Mapping[str, Any],
        read: Callable[[Any], Any],
        limit: int = PAGE,
    ) -> Listed:
        items, more = self._page_that_fits(list_, query, limit)
        return Listed(items=_read(items, read), next=cursor_of(items) if more else None)

    @one_deadline
    def preview(
        self, *, subscription: str, change: str | None, arguments: Mapping[str, Any], as_of: datetime
    ) -> PreviewFacts:
        """POST /v1/invoices/create_preview, which stores nothing. Where nothing is billed any more there is no invoice to
        preview, and the figures are zero."""
        now = self._need(subscription)
        request = requests.preview(now, change, arguments, as_of)
        nothing = PreviewFacts("", now.currency, 0, 0, 0, 0, (), as_of, None)
        if request is None:
            return nothing
        try:
            return self._ask(
                lambda: self._v1.invoices.create_preview(request),
                partial(facts.preview_facts, as_of=as_of, starts_at=requests.starts_at(change, arguments)),
            )
        except Declined as no:
            if no.code == "invoice_upcoming_none":
                return nothing
            raise told(no, refusals.of_subscription(now) if change != "subscribe" else None) from None

    def _need(self, subscription: str) -> SubscriptionFacts:
        now = self._subscription(subscription)
        if now is None:
            words = refusals.of_subscription(None) or ""
            raise Declined("resource_missing", words, http_status=404)
        return now


def _query(**asked: Any) -> dict[str, Any]:
    return {key: value for key, value in asked.items() if value is not None}


def _read(items: Iterable[Mapping[str, Any]], read: Callable[[Any], T]) -> tuple[T, ...]:
    """Those of a list that make sense: an odd one must not keep all others from us."""
    found = []
    for item in items:
        try:
            found.append(read(item))
        except WrongShape as wrong:
            log.warning("An object in Stripe's list is left out: %s", wrong)
    return tuple(found)
