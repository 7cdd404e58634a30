"""Billing through Stripe, API 2026-10-28.endive: https://docs.stripe.com/api

Beside this file: `_stripe_reading`, `_stripe_subscriptions` and `_stripe_invoices` are the port's other methods,
`_stripe_once` how a change happens once, `_stripe_requests` what is asked, `_stripe_facts` what the answers mean,
`_stripe_refusals` why it said no. How Stripe is asked at all stands in `vendors/_stripe`, what its contract promises in
`docs/vendors/stripe.md`.
"""

from __future__ import annotations

from functools import partial

from .. import Call, Declined
from .._asking import object_in
from .._stripe.api import one_deadline
from . import CreditFacts, CreditNoteFacts, PendingItemFacts
from . import _stripe_facts as facts
from . import _stripe_requests as requests
from ._stripe_invoices import FINALISED, Invoices
from ._stripe_subscriptions import Subscriptions


class StripeBilling(Subscriptions, Invoices):
    """The billing port over Stripe. `Account` tells the settings."""

    name = "stripe"

    # credit notes

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
            raise self._told_of_invoice(no, invoice, FINALISED) from None

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
        invoice: str | None = None,
    ) -> PendingItemFacts:
        marks = requests.mark(call)
        return self._create(
            call,
            requests.charge(customer, subscription, amount, currency, description, marks, invoice),
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
    def portal(
        self, *, customer: str, return_url: str | None, flow: str | None, subscription: str | None
    ) -> str:
        request = requests.portal(customer, return_url, flow, subscription)
        return self._ask(lambda: self._v1.billing_portal.sessions.create(request), facts.portal_link)
