"""Billing through Stripe, API 2026-10-28.endive: https://docs.stripe.com/api

Beside this file `_stripe_requests` tells what is asked, `_stripe_facts` what the answers mean, `_stripe_refusals` why it
said no; how Stripe is asked at all stands in `vendors/_stripe`. What its contract promises: `docs/vendors/stripe.md`.

A changing method makes its request under the promise's key. When asked to look first, and after an answer that says
nothing, it looks whether the change is there already: by the promise's mark in the metadata where the endpoint takes
some, by the object's state where it does not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, cast

from .. import Call, Declined, Unavailable
from .._asking import object_in
from .._stripe import declines
from .._stripe.api import ANSWERED_IN_DOUBT, Account, cursor_of, one_deadline, shaped
from .._stripe.fields import WrongShape, mapping, text
from . import (
    CreditFacts,
    CreditNoteFacts,
    InvoiceFacts,
    InvoiceState,
    Listed,
    PauseKind,
    PayoutFacts,
    PendingItemFacts,
    PreviewFacts,
    PriceFacts,
    SubscriptionFacts,
    SubscriptionState,
)
from . import _stripe_facts as facts
from . import _stripe_refusals as refusals
from . import _stripe_requests as requests

log = logging.getLogger(__name__)

DRAFT, OPEN, PAID = (InvoiceState.DRAFT,), (InvoiceState.OPEN,), (InvoiceState.PAID,)
FINALISED = (InvoiceState.OPEN, InvoiceState.PAID, InvoiceState.UNCOLLECTIBLE)
OWED = (InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE)

T = TypeVar("T")
Send = Callable[[Any, Any], Any]


class StripeBilling(Account):
    """The billing port over Stripe. `Account` tells the settings."""

    name = "stripe"

    # what is there

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
        return self._listed(self._v1.invoices.list, query, facts.invoice_facts)

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
            self._v1.balance_transactions.list, query, partial(facts.entry_facts, payout=payout)
        )

    def _listed(
        self, list_: Callable[[Any], Any], query: Mapping[str, Any], read: Callable[[Any], Any]
    ) -> Listed:
        items, more = self._page_that_fits(list_, query)
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
                lambda: self._v1.invoices.create_preview(request), partial(facts.preview_facts, as_of=as_of)
            )
        except Declined as no:
            if no.code == "invoice_upcoming_none":
                return nothing
            raise _told(no, refusals.of_subscription(now)) from None

    def _need(self, subscription: str) -> SubscriptionFacts:
        now = self._subscription(subscription)
        if now is None:
            words = refusals.of_subscription(None) or ""
            raise Declined("resource_missing", words, http_status=404)
        return now

    # subscriptions

    @one_deadline
    def pause(
        self, call: Call, *, subscription: str, kind: str, behavior: str | None, resumes_at: str | None
    ) -> SubscriptionFacts:
        """POST /v1/subscriptions/:id/pause, or `pause_collection` of the subscription."""
        if PauseKind(kind) is PauseKind.PAUSED:
            return self._change_subscription(
                call,
                subscription,
                requests.pause(),
                partial(self._v1.subscriptions.pause, subscription),
                done=lambda now: now.state is SubscriptionState.PAUSED,
                pausing=True,
            )
        if behavior is None:
            raise ValueError("What becomes of the invoices?")
        return self._update_subscription(
            call,
            subscription,
            requests.pause_collection(behavior, resumes_at, requests.mark(call)),
            done=lambda now: (
                now.pause_behavior == behavior
                and now.pauses_until == (requests.moment(resumes_at) if resumes_at else None)
            ),
        )

    @one_deadline
    def resume(self, call: Call, *, subscription: str, kind: str) -> SubscriptionFacts:
        """POST /v1/subscriptions/:id/resume, or no `pause_collection` any more. When its card does not pay the invoice of
        the resumption, Stripe answers with a subscription that is still paused: that is a no."""
        if PauseKind(kind) is PauseKind.COLLECTION:
            return self._update_subscription(
                call,
                subscription,
                requests.resume_collection(requests.mark(call)),
                done=lambda now: now.pause_behavior is None,
            )
        resumed = self._change_subscription(
            call,
            subscription,
            requests.resume(),
            partial(self._v1.subscriptions.resume, subscription),
            done=lambda now: now.state not in (SubscriptionState.PAUSED, *refusals.ENDED),
        )
        if resumed.state is SubscriptionState.PAUSED:
            self._still_paused(resumed)
        return resumed

    def _still_paused(self, now: SubscriptionFacts) -> None:
        """Raises Declined with what the card's bank said, unless the payment is still under way."""
        invoice = self._invoice(now.latest_invoice) if now.latest_invoice else None
        payment = (
            self._find(
                lambda: self._v1.payment_intents.retrieve(invoice.payments[-1]),
                object_in,
            )
            if invoice and invoice.payments
            else None
        )
        if payment and payment.get("status") == "processing":
            return
        error = mapping(mapping(payment).get("last_payment_error"))
        code = error.get("decline_code") or error.get("code")
        if isinstance(code, str) and code:
            theirs = (
                shaped(partial(text, key="message"), error) if "message" in error else "The card said no."
            )
            words = declines.in_words(code, theirs)
        else:
            code, words = "not_resumed", "No card paid for it."
        words += (
            " The subscription stays paused. Stripe tries its invoice again by itself: void that to stop it."
        )
        raise Declined(code, words, facts=now)

    @one_deadline
    def reschedule(self, call: Call, *, subscription: str, next_charge_at: str) -> SubscriptionFacts:
        """`trial_end`, which moves the anchor too."""
        at = requests.moment(next_charge_at)
        return self._update_subscription(
            call,
            subscription,
            requests.reschedule(next_charge_at, requests.mark(call)),
            done=lambda now: now.trial_end == at and now.anchor_at == at,
        )

    @one_deadline
    def alter(
        self,
        call: Call,
        *,
        subscription: str,
        items: Sequence[Mapping[str, Any]],
        proration: str,
        as_of: str | None,
    ) -> SubscriptionFacts:
        return self._update_subscription(
            call,
            subscription,
            requests.alter(items, proration, as_of, requests.mark(call)),
            done=partial(_has, items),
        )

    @one_deadline
    def schedule_cancel(
        self, call: Call, *, subscription: str, at: str | None, feedback: str | None, comment: str | None
    ) -> SubscriptionFacts:
        ends = requests.moment(at) if at else None
        return self._update_subscription(
            call,
            subscription,
            requests.schedule_cancel(at, feedback, comment, requests.mark(call)),
            done=lambda now: now.cancel_at == ends if ends else now.cancel_at_period_end,
        )

    @one_deadline
    def keep(self, call: Call, *, subscription: str) -> SubscriptionFacts:
        """Looks first, always: which of two fields has to be cleared depends on which was set."""
        now = self._need(subscription)
        return self._update_subscription(
            call, subscription, requests.keep(now, requests.mark(call)), done=_goes_on, known=now
        )

    @one_deadline
    def cancel(
        self, call: Call, *, subscription: str, feedback: str | None, comment: str | None
    ) -> SubscriptionFacts:
        """DELETE /v1/subscriptions/:id. It has no key, so the subscription is looked at first, always."""
        return self._change_subscription(
            call,
            subscription,
            requests.cancel(feedback, comment),
            lambda request, _: self._v1.subscriptions.cancel(subscription, request),
            done=lambda now: now.state in refusals.ENDED,
            known=self._need(subscription),
        )

    @one_deadline
    def subscribe(
        self,
        call: Call,
        *,
        customer: str,
        items: Sequence[Mapping[str, Any]],
        starts_at: str | None,
        replaces: str,
    ) -> SubscriptionFacts:
        return self._create(
            call,
            requests.subscribe(customer, items, starts_at, requests.mark(call, replaces=replaces)),
            self._v1.subscriptions.create,
            facts.subscription_facts,
            self._v1.subscriptions.list,
            {"customer": customer, "status": "all"},
        )

    def _update_subscription(
        self,
        call: Call,
        id: str,
        request: Any,
        *,
        done: Callable[[SubscriptionFacts], bool],
        known: SubscriptionFacts | None = None,
    ) -> SubscriptionFacts:
        send = partial(self._v1.subscriptions.update, id)
        return self._change_subscription(call, id, request, send, done=done, known=known)

    def _change_subscription(
        self,
        call: Call,
        id: str,
        request: Any,
        send: Send,
        *,
        done: Callable[[SubscriptionFacts], bool],
        known: SubscriptionFacts | None = None,
        pausing: bool = False,
    ) -> SubscriptionFacts:
        """`done` says whether it is as the change would leave it; `known` is how it was found just now."""

        def has_it(now: SubscriptionFacts | None) -> SubscriptionFacts | None:
            return now if now and (now.tags.get("opsconsole_ref") == call.ref or done(now)) else None

        if known and (found := has_it(known)):
            return found
        try:
            return self._once(
                call, request, send, facts.subscription_facts, lambda: has_it(self._subscription(id))
            )
        except Declined as no:
            if no.http_status == 402:
                raise
            raise _told(
                no, self._why(lambda: refusals.of_subscription(self._subscription(id), pausing=pausing))
            ) from None

    # invoices

    @one_deadline
    def hold(self, call: Call, *, invoice: str) -> InvoiceFacts:
        return self._advance(call, invoice, by_itself=False, wants=DRAFT)

    @one_deadline
    def release(self, call: Call, *, invoice: str) -> InvoiceFacts:
        return self._advance(call, invoice, by_itself=True, wants=(*DRAFT, *OPEN))

    @one_deadline
    def stop_collecting(self, call: Call, *, invoice: str) -> InvoiceFacts:
        return self._advance(call, invoice, by_itself=False, wants=OPEN)

    def _advance(
        self, call: Call, id: str, *, by_itself: bool, wants: tuple[InvoiceState, ...]
    ) -> InvoiceFacts:
        return self._change_invoice(
            call,
            id,
            requests.advance(by_itself, requests.mark(call)),
            partial(self._v1.invoices.update, id),
            done=lambda now: now.state in wants and now.auto_advance is by_itself,
            wants=wants,
        )

    @one_deadline
    def add_lines(self, call: Call, *, invoice: str, lines: Sequence[Mapping[str, Any]]) -> InvoiceFacts:
        """POST /v1/invoices/:id/add_lines. Each line carries the mark, for another change may have written over the
        invoice's own since."""
        return self._change_invoice(
            call,
            invoice,
            requests.add_lines(lines, requests.mark(call)),
            partial(self._v1.invoices.add_lines, invoice),
            done=lambda now: self._has_lines_of(call, invoice),
            wants=DRAFT,
        )

    def _has_lines_of(self, call: Call, invoice: str) -> bool:
        lines = self._all(partial(self._v1.invoices.line_items.list, invoice), {})
        return any(facts.carries(line, call.ref) for line in lines)

    @one_deadline
    def change_line(
        self,
        call: Call,
        *,
        invoice: str,
        line: str,
        amount: int | None,
        quantity: int | None,
        description: str | None,
    ) -> InvoiceFacts:
        """POST /v1/invoices/:id/update_lines."""
        return self._change_invoice(
            call,
            invoice,
            requests.change_line(line, amount, quantity, description, requests.mark(call)),
            partial(self._v1.invoices.update_lines, invoice),
            wants=DRAFT,
        )

    @one_deadline
    def remove_lines(self, call: Call, *, invoice: str, lines: Sequence[str], keep: bool) -> InvoiceFacts:
        """POST /v1/invoices/:id/remove_lines."""
        return self._change_invoice(
            call,
            invoice,
            requests.remove_lines(lines, keep, requests.mark(call)),
            partial(self._v1.invoices.remove_lines, invoice),
            wants=DRAFT,
        )

    @one_deadline
    def finalise(self, call: Call, *, invoice: str) -> InvoiceFacts:
        return self._change_invoice(
            call,
            invoice,
            {"auto_advance": True, "expand": requests.WITH_PAYMENTS},
            partial(self._v1.invoices.finalize_invoice, invoice),
            done=lambda now: now.state in FINALISED,
            wants=DRAFT,
        )

    @one_deadline
    def collect(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """POST /v1/invoices/:id/pay."""
        return self._change_invoice(
            call,
            invoice,
            {"off_session": True, "expand": requests.WITH_PAYMENTS},
            partial(self._v1.invoices.pay, invoice),
            done=lambda now: now.state in PAID,
            wants=OWED,
        )

    @one_deadline
    def record_payment(self, call: Call, *, invoice: str, reference: str) -> InvoiceFacts:
        """Looks first, always. Then two requests, for the one that pays takes no metadata: the reference is written before,
        so that no invoice is ever paid by other means without one."""

        def recorded(now: InvoiceFacts) -> bool:
            return now.state in PAID and now.out_of_band

        def noted() -> InvoiceFacts | None:
            now = self._invoice(invoice)
            return now if now and now.tags.get("opsconsole_ref") == call.ref else None

        now = self._invoice(invoice)
        if now and now.tags.get("opsconsole_ref") == call.ref and recorded(now):
            return now
        if no := refusals.of_invoice(now, wants=OWED):
            raise Declined("invoice_not_open", no)
        request = call.pin(
            {
                "note": {"metadata": requests.mark(call, reference=reference)},
                "pay": {"paid_out_of_band": True, "expand": requests.WITH_PAYMENTS},
            }
        )
        note = partial(self._v1.invoices.update, invoice)
        self._once(call, request["note"], note, facts.invoice_facts, noted, step="reference")
        return self._change_invoice(
            call,
            invoice,
            request["pay"],
            partial(self._v1.invoices.pay, invoice),
            marked=recorded,
            wants=OWED,
            step="",
        )

    @one_deadline
    def void(self, call: Call, *, invoice: str) -> InvoiceFacts:
        return self._change_invoice(
            call,
            invoice,
            {"expand": requests.WITH_PAYMENTS},
            partial(self._v1.invoices.void_invoice, invoice),
            done=lambda now: now.state is InvoiceState.VOID,
            wants=OWED,
        )

    @one_deadline
    def write_off(self, call: Call, *, invoice: str) -> InvoiceFacts:
        return self._change_invoice(
            call,
            invoice,
            {"expand": requests.WITH_PAYMENTS},
            partial(self._v1.invoices.mark_uncollectible, invoice),
            done=lambda now: now.state is InvoiceState.UNCOLLECTIBLE,
            wants=OPEN,
        )

    def _change_invoice(
        self,
        call: Call,
        id: str,
        request: Any,
        send: Send,
        *,
        wants: tuple[InvoiceState, ...],
        done: Callable[[InvoiceFacts], bool] = lambda now: False,
        marked: Callable[[InvoiceFacts], bool] = lambda now: True,
        step: str | None = None,
    ) -> InvoiceFacts:
        """`done` says whether it is as the change would leave it, `marked` whether it is so where it carries our mark;
        `wants` are the states in which the change can be made."""

        def has_it() -> InvoiceFacts | None:
            now = self._invoice(id)
            ours = now is not None and now.tags.get("opsconsole_ref") == call.ref and marked(now)
            return now if now and (ours or done(now)) else None

        try:
            return self._once(call, request, send, facts.invoice_facts, has_it, step=step)
        except Declined as no:
            if no.http_status == 402:
                raise
            raise _told(no, self._why(lambda: refusals.of_invoice(self._invoice(id), wants=wants))) from None

    @one_deadline
    def reissue(
        self,
        call: Call,
        *,
        invoice: str,
        customer: str,
        currency: str,
        subscription: str | None,
        lines: Sequence[Mapping[str, Any]],
    ) -> InvoiceFacts:
        """An empty draft first, then its lines: each at most once. A draft whose lines Stripe refuses is deleted."""
        marks = requests.mark(call, replaces=invoice, subscription=subscription)
        request = call.pin(
            {
                "draft": requests.reissue(customer, currency, marks),
                "lines": requests.add_lines(lines, marks),
            }
        )
        draft = self._create(
            call,
            request["draft"],
            self._v1.invoices.create,
            facts.invoice_facts,
            self._v1.invoices.list,
            {"customer": customer, "expand": ["data.payments"]},
            step="",
        )
        if not lines or draft.state is not InvoiceState.DRAFT or draft.total:
            return draft
        return self._fill(call, draft, request["lines"])

    def _fill(self, call: Call, draft: InvoiceFacts, request: dict[str, Any]) -> InvoiceFacts:
        def has_them() -> InvoiceFacts | None:
            return self._invoice(draft.id) if self._has_lines_of(call, draft.id) else None

        send = partial(self._v1.invoices.add_lines, draft.id)
        try:
            return self._once(call, request, send, facts.invoice_facts, has_them, step="lines")
        except Declined:
            self._why(lambda: self._ask(lambda: self._v1.invoices.delete(draft.id), object_in, changes=True))
            raise

    @one_deadline
    def credit(
        self,
        call: Call,
        *,
        invoice: str,
        amount: int,
        reason: str,
        refund: int,
        credit: int,
        out_of_band: int,
    ) -> CreditNoteFacts:
        parts = {"refund_amount": refund, "credit_amount": credit, "out_of_band_amount": out_of_band}
        try:
            return self._create(
                call,
                requests.credit(invoice, amount, reason, parts, requests.mark(call)),
                self._v1.credit_notes.create,
                facts.credit_note_facts,
                self._v1.credit_notes.list,
                {"invoice": invoice},
            )
        except Declined as no:
            wants = (*FINALISED,)
            raise _told(
                no, self._why(lambda: refusals.of_invoice(self._invoice(invoice), wants=wants))
            ) from None

    @one_deadline
    def void_credit(self, call: Call, *, credit_note: str) -> CreditNoteFacts:
        def is_void() -> CreditNoteFacts | None:
            found = self._find(lambda: self._v1.credit_notes.retrieve(credit_note), facts.credit_note_facts)
            return found if found and found.status == "void" else None

        return self._once(
            call,
            {},
            partial(self._v1.credit_notes.void_credit_note, credit_note),
            facts.credit_note_facts,
            is_void,
        )

    # what waits for an invoice, and the balance

    @one_deadline
    def charge(
        self,
        call: Call,
        *,
        customer: str,
        subscription: str | None,
        amount: int,
        currency: str,
        description: str,
    ) -> PendingItemFacts:
        marks = requests.mark(call)
        return self._create(
            call,
            requests.charge(customer, subscription, amount, currency, description, marks),
            self._v1.invoice_items.create,
            facts.pending_facts,
            self._v1.invoice_items.list,
            {"customer": customer},
        )

    @one_deadline
    def drop_charge(self, call: Call, *, item: str) -> None:
        """DELETE /v1/invoiceitems/:id. It has no key, so the item is looked at first, always."""
        call.pin({})

        def gone() -> bool | None:
            found = self._find(lambda: self._v1.invoice_items.retrieve(item), object_in)
            if found is None or found.get("deleted") is True:
                return True
            if found.get("invoice") is not None:
                raise Declined("on_invoice", "It stands on an invoice by now: take it off that one.")
            return None

        looking = Call(call.ref, call.round, call.tags, True, call.pin)
        try:
            self._once(looking, {}, lambda *_: self._v1.invoice_items.delete(item), object_in, gone)
        except Declined as no:
            if no.http_status != 404:
                raise

    @one_deadline
    def move_balance(
        self, call: Call, *, customer: str, amount: int, currency: str, description: str
    ) -> CreditFacts:
        balance = self._v1.customers.balance_transactions
        return self._create(
            call,
            requests.move_balance(amount, currency, description, requests.mark(call)),
            partial(balance.create, customer),
            facts.credit_facts,
            partial(balance.list, customer),
            {},
        )

    @one_deadline
    def portal(self, *, customer: str, return_url: str, flow: str | None, subscription: str | None) -> str:
        request = requests.portal(customer, return_url, flow, subscription)
        return self._ask(lambda: self._v1.billing_portal.sessions.create(request), facts.portal_link)

    # at most once

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
            found = next((item for item in self._all(list_, where) if facts.carries(item, call.ref)), None)
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


def _told(no: Declined, words: str | None) -> Declined:
    if words is None:
        return no
    return Declined(no.code, words, http_status=no.http_status, request_id=no.request_id, facts=no.facts)


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


def _has(items: Sequence[Mapping[str, Any]], now: SubscriptionFacts) -> bool:
    held = {item.id: item for item in now.items}
    return all(
        (is_ := held.get(item["id"])) is not None
        and item.get("price") in (None, is_.price.id)
        and item.get("quantity") in (None, is_.quantity)
        for item in items
    )


def _goes_on(now: SubscriptionFacts) -> bool:
    return now.cancel_at is None and not now.cancel_at_period_end and now.state not in refusals.ENDED
