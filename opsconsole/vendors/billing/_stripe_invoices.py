"""The port's changes of invoices, asked of Stripe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .. import Call, Declined
from .._asking import object_in
from .._stripe.api import one_deadline
from . import InvoiceFacts, InvoiceState
from . import _stripe_facts as facts
from . import _stripe_refusals as refusals
from . import _stripe_requests as requests
from ._stripe_once import Once, Send, told
from ._stripe_reading import Reading

DRAFT, OPEN, PAID = (InvoiceState.DRAFT,), (InvoiceState.OPEN,), (InvoiceState.PAID,)
FINALISED = (InvoiceState.OPEN, InvoiceState.PAID, InvoiceState.UNCOLLECTIBLE)
OWED = (InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE)
GONE = (InvoiceState.VOID, InvoiceState.DELETED)


class Invoices(Reading, Once):
    """The window before they are sent, and what becomes of them after."""

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
                "note": {"metadata": requests.mark_of_begun(call, reference=reference)},
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

    @one_deadline
    def drop_draft(self, call: Call, *, invoice: str) -> InvoiceFacts:
        """Two requests, for Stripe deletes only what is of no subscription; looks first, always, at what is still to do."""
        now = self._invoice(invoice)
        if now and now.state in GONE:
            return now
        request = call.pin(
            {
                "finalise": {"auto_advance": False, "expand": requests.WITH_PAYMENTS},
                "void": {"expand": requests.WITH_PAYMENTS},
            }
        )
        if now and now.state is InvoiceState.DRAFT:
            self._change_invoice(
                call,
                invoice,
                request["finalise"],
                partial(self._v1.invoices.finalize_invoice, invoice),
                done=lambda now: now.state in FINALISED,
                wants=DRAFT,
                step="finalise",
            )
        return self._change_invoice(
            call,
            invoice,
            request["void"],
            partial(self._v1.invoices.void_invoice, invoice),
            done=lambda now: now.state is InvoiceState.VOID,
            wants=OWED,
            step="",
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
            raise self._told_of_invoice(no, id, wants) from None

    def _told_of_invoice(self, no: Declined, id: str, wants: tuple[InvoiceState, ...]) -> Declined:
        return told(no, self._why(lambda: refusals.of_invoice(self._invoice(id), wants=wants)))

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
        begun = requests.mark_of_begun(call, replaces=invoice, subscription=subscription)
        request = call.pin(
            {
                "draft": requests.reissue(customer, currency, begun),
                "lines": requests.add_lines(lines, requests.mark(call)),
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
