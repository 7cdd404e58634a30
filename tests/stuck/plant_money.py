"""Rows of money, put straight into the tables: for the worlds of what is paid, refunded and renewed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from opsconsole.models import (
    Approval,
    Banner,
    Case,
    Change,
    Drift,
    Dunning,
    Effective,
    InboxEvent,
    Invoice,
    InvoiceHold,
    LifecyclePolicy,
    Notice,
    Order,
    Payment,
    Product,
    Promise,
    ReconciliationRun,
    Refund,
    Subscription,
    SubscriptionItem,
)


class MoneyPlant:
    """What a Plant can do about money. `since` is when something came to stand where it stands."""

    def refund(self: Any, status: str, since: datetime, *, order: Order | None = None, **more: Any) -> Refund:
        """Of a delivered order that was paid, unless said otherwise: nothing else of it is stuck."""
        order = order or self.order("delivered", self.ago(days=9))
        paid = order.payments()[0]
        return Refund(
            **{
                "status": status, "status_since": since, "created_at": since, "payment_id": paid.id, "order_id": order.id,
                "customer_id": order.customer_id, "currency": "usd", "amount": 1500, "reason": "goodwill", "by": "Sam",
                "by_id": "usr_sam", "trace_id": "trc_test",
                "external_id": None if status == "submitted" else f"re_{self.word()}",
                **more,
            }
        ).add()  # fmt: skip

    def subscription(
        self: Any, status: str = "active", effective: Effective = Effective.ACTIVE, **more: Any
    ) -> Subscription:
        """It renews every month, is charged in ten days, and is of one product that needs a prescription."""
        customer = more.pop("customer", None) or self.customer()
        product = Product(
            sku=f"SKU-{self.word()}",
            name="Night cream",
            kind="prescription",
            needs_prescription=True,
            active=True,
        ).add()
        then = self.ahead(days=10)
        made = Subscription(
            **{
                "status": status, "status_since": self.ago(days=20), "effective": effective.value,
                "customer_id": customer.id, "external_id": f"sub_{self.word()}", "external_customer": f"cus_{self.word()}",
                "currency": "usd", "started_at": self.ago(days=80), "anchor_at": then, "period_start": self.ago(days=20),
                "period_end": then, "next_charge_at": then, "fetched_at": self.now, **more,
            }
        ).add()  # fmt: skip
        SubscriptionItem(
            subscription_id=made.id, external_id=f"si_{self.word()}", price_key=f"price_{self.word()}",
            product_id=product.id, quantity=1, currency="usd", amount=5000, interval="month", interval_count=1,
            period_start=self.ago(days=20), period_end=then,
        ).add()  # fmt: skip
        return made

    def invoice(self: Any, status: str = "open", *, of: Subscription | None = None, **more: Any) -> Invoice:
        """Of a renewal of 50.00."""
        one = of or self.subscription()
        return Invoice(
            **{
                "status": status, "status_since": self.ago(days=1), "created_at": self.ago(days=1),
                "customer_id": one.customer_id, "subscription_id": one.id, "external_id": f"in_{self.word()}",
                "external_customer": one.external_customer, "external_subscription": one.external_id,
                "billing_reason": "subscription_cycle", "currency": "usd", "subtotal": 5000, "tax": 0, "total": 5000,
                "due": 5000, "paid": 0, "remaining": 5000, "starting_balance": 0, "ending_balance": 0, "credited_before": 0,
                "credited_after": 0, "lines": [], "payments": [], "auto_advance": True, "fetched_at": self.now, **more,
            }
        ).add()  # fmt: skip

    def held_invoice(self: Any, since: datetime, until: datetime | None) -> Invoice:
        """A draft that Finn holds."""
        made = self.invoice("draft", auto_advance=False, created_at=since)
        InvoiceHold(
            invoice_id=made.id,
            reason="amount",
            by="Finn Marsh",
            by_id="usr_finn",
            until=until,
            created_at=since,
        ).add()
        return made

    def dunning(
        self: Any, status: str, since: datetime, *, invoice: Invoice | None = None, **more: Any
    ) -> Dunning:
        """What is done about an open invoice whose card was declined."""
        of = invoice or self.invoice(finalized_at=since)
        return Dunning(
            **{
                "status": status, "status_since": since, "created_at": since, "started_at": since, "invoice_id": of.id,
                "subscription_id": of.subscription_id, "customer_id": of.customer_id,
                "policy_id": LifecyclePolicy.active().id,
                "next_step_at": self.ahead(days=2) if status == "running" else None, "decline_code": "insufficient_funds",
                "tried": 1, "by": "Stripe", "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip

    def notice(self: Any, closes_in: int, **more: Any) -> Notice:
        """Of a renewal fifteen days after its window closes, which is so many days from now."""
        one = self.subscription(next_charge_at=self.ahead(days=closes_in + 15))
        closes = (self.now + timedelta(days=closes_in)).date()
        return Notice(
            **{
                "status": "due", "subscription_id": one.id, "customer_id": one.customer_id,
                "policy_id": LifecyclePolicy.active().id, "kind": "renewal", "about_on": closes + timedelta(days=15),
                "opens_on": closes - timedelta(days=30), "closes_on": closes, "due_at": self.now - timedelta(days=15),
                "zone": "America/New_York", "law": True, "source": "a state's law", "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip

    def approval(self: Any, since: datetime, **more: Any) -> Approval:
        """A request for a refund over the limit."""
        order = self.order("delivered", self.ago(days=9))
        return Approval(
            **{
                "status": "waiting", "status_since": since, "created_at": since, "act": "refunds.issue",
                "about_id": order.id,
                "inputs": {}, "hash": self.word(), "seen": {}, "asked_by": "Sam Rivera", "asked_by_id": "usr_sam",
                "needs": [{"why": "That makes $150.00.", "measure": "customer_7d", "total": 15000}],
                "says": "Refund of $150.00", "expires_at": self.ahead(hours=20), "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip

    def drift(self: Any, kind: str, subject: str, since: datetime, **more: Any) -> Drift:
        run = ReconciliationRun(
            status="done", fix=False, since=self.ago(days=2), parts=[], by="the clock"
        ).add()
        fix = {"act": "reconciliation.repair", "url": "/reconciliation", "label": "Bring ours up to date"}
        return Drift(
            **{
                "status": "open", "status_since": since, "created_at": since, "run_id": run.id, "kind": kind,
                "subject": subject, "port": "billing", "external_id": f"sub_{self.word()}", "ours": "active",
                "theirs": "past due", "suggests": fix, "last_seen_at": self.now, **more,
            }
        ).add()  # fmt: skip

    def case(self: Any, reason: str, subject_id: str, since: datetime, **more: Any) -> Case:
        return Case(
            **{
                "status": "open", "status_since": since, "created_at": since, "reason": reason, "subject_id": subject_id,
                "says": "Something is wrong.", "trace_id": "trc_test", "about": [subject_id], **more,
            }
        ).add()  # fmt: skip

    def promise(
        self: Any, payment: Payment, status: str, since: datetime, about: list[str], **more: Any
    ) -> Promise:
        """A call by which a payment is read."""
        return Promise(
            **{
                "status": status, "status_since": since, "created_at": since, "kind": "payments.read", "port": "payments",
                "method": "fetch_payment", "arguments": {"id": payment.external_id}, "subject_id": payment.id,
                "lane": f"{payment.lane}:read", "says": "Read the payment", "trace_id": "trc_test", "entry_id": "aud_test",
                "about": about, "due_at": since, "ref": f"prf_{self.word()}", "attempts": 5, "last_words": "no answer",
                **more,
            }
        ).add()  # fmt: skip

    def event(self: Any, status: str, since: datetime, about: list[str], **more: Any) -> InboxEvent:
        return InboxEvent(
            **{
                "status": status, "status_since": since, "created_at": since, "source": "stripe",
                "external_id": f"evt_{self.word()}", "kind": "payment_intent.succeeded", "object_kind": "payment",
                "object_id": f"pi_{self.word()}", "occurred_at": since, "via": "webhook", "body": b"{}", "about": about,
                **more,
            }
        ).add()  # fmt: skip

    def banner(self: Any, order: Order, kind: str, since: datetime, **more: Any) -> Banner:
        return Banner(
            **{
                "status": "standing", "status_since": since, "created_at": since, "kind": kind, "subject_id": order.id,
                "customer_id": order.customer_id, "reason": "The bank says so.", "by": "stripe", **more,
            }
        ).add()  # fmt: skip

    def resuming(self: Any, one: Subscription, on: datetime) -> Change:
        """An agreed day on which it goes on."""
        return Change(
            status="scheduled", verb="subscriptions.resume", subscription_id=one.id, customer_id=one.customer_id,
            method="resume", arguments={}, says="Resume it", starts_at=on, by="Sam", by_id="usr_sam", trace_id="trc_test",
        ).add()  # fmt: skip
