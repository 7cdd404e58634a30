"""The port's changes of subscriptions, asked of Stripe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from .. import Call, Declined
from .._asking import object_in
from .._stripe import declines
from .._stripe.api import one_deadline, shaped
from .._stripe.fields import mapping
from . import InvoiceState, PauseKind, SubscriptionFacts, SubscriptionState
from . import _stripe_facts as facts
from . import _stripe_refusals as refusals
from . import _stripe_requests as requests
from ._stripe_once import Once, Send, told
from ._stripe_reading import Reading


class Subscriptions(Reading, Once):
    """Pausing, moving, altering, ending and starting again."""

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
        request = call.pin(
            {"resume": requests.resume(), "latest_invoice": self._need(subscription).latest_invoice}
        )
        try:
            resumed = self._change_subscription(
                call,
                subscription,
                request["resume"],
                partial(self._v1.subscriptions.resume, subscription),
                done=lambda now: now.state not in (SubscriptionState.PAUSED, *refusals.ENDED),
                step="",
            )
        except Declined as no:
            if no.http_status == 402:
                self._why(lambda: self._void_new(call, self._need(subscription), request["latest_invoice"]))
            raise
        if resumed.state is not SubscriptionState.PAUSED:
            return resumed
        return self._still_paused(call, resumed, request["latest_invoice"])

    def _still_paused(self, call: Call, now: SubscriptionFacts, before: str | None) -> SubscriptionFacts:
        """Raises Declined with what the card's bank said, unless the payment is still under way."""
        payment = self._payment_of(now.latest_invoice if now.latest_invoice != before else None)
        if mapping(payment).get("status") == "processing":
            return now
        self._void_new(call, now, before)
        now = self._need(now.id)
        if now.state is not SubscriptionState.PAUSED:
            return now
        code, words = shaped(facts.why_unpaid, payment or {})
        words = f"{declines.in_words(code, words)} The subscription stays paused, and nothing is owed for it."
        raise Declined(code, words, facts=now)

    def _void_new(self, call: Call, now: SubscriptionFacts, before: str | None) -> None:
        """https://docs.stripe.com/billing/subscriptions/pause#resume-subscriptions: Stripe would try the invoice of the
        resumption again by itself for 23 hours, and resume whenever it is paid. A no has to be one, so it is voided; one
        that was there `before` is still owed."""
        invoice = self._invoice(now.latest_invoice) if now.latest_invoice else None
        if invoice is None or invoice.id == before or invoice.state is not InvoiceState.OPEN:
            return
        key: Any = {"idempotency_key": f"{call.key}:void"}
        with suppress(Declined):  # somebody was faster: what became of it is seen next
            self._ask(lambda: self._v1.invoices.void_invoice(invoice.id, {}, key), object_in, changes=True)

    def _payment_of(self, invoice: str | None) -> dict[str, Any] | None:
        found = self._invoice(invoice) if invoice else None
        if found is None or not found.payments:
            return None
        return self._find(lambda: self._v1.payment_intents.retrieve(found.payments[-1]), object_in)

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
        step: str | None = None,
    ) -> SubscriptionFacts:
        """`done` says whether it is as the change would leave it; `known` is how it was found just now."""

        def has_it(now: SubscriptionFacts | None) -> SubscriptionFacts | None:
            return now if now and (now.tags.get("opsconsole_ref") == call.ref or done(now)) else None

        if known and (found := has_it(known)):
            return found
        try:
            return self._once(
                call,
                request,
                send,
                facts.subscription_facts,
                lambda: has_it(self._subscription(id)),
                step=step,
            )
        except Declined as no:
            if no.http_status == 402:
                raise
            raise told(
                no, self._why(lambda: refusals.of_subscription(self._subscription(id), pausing=pausing))
            ) from None


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
