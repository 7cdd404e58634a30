"""What Stripe keeps of subscriptions and invoices in our words (API 2026-10-28.endive).

Enumerations are open: a value Stripe has added since is `UNKNOWN`, with Stripe's own word kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .._stripe.fields import (
    WrongShape,
    amount,
    array,
    currency,
    expect,
    id_of,
    instant,
    mapping,
    metadata,
    objects,
    optional_flag,
    optional_instant,
    optional_int,
    optional_signed,
    optional_text,
    own_id,
    signed,
    text,
)
from . import (
    CreditFacts,
    CreditNoteFacts,
    EntryFacts,
    InvoiceFacts,
    InvoiceLineFacts,
    InvoiceState,
    ItemFacts,
    PayoutFacts,
    PendingItemFacts,
    PreviewFacts,
    PriceFacts,
    SubscriptionFacts,
    SubscriptionState,
)

SUBSCRIPTION_STATES = {state.value: state for state in SubscriptionState if state != "unknown"}
# https://docs.stripe.com/invoicing/overview#invoice-statuses; that one was deleted its status does not say
INVOICE_STATES = {
    state.value: state for state in InvoiceState if state not in (InvoiceState.UNKNOWN, InvoiceState.DELETED)
}
# Their clock and ours may be apart by this much.
AT_ONCE = timedelta(minutes=5)
BEFORE_ALL = datetime.fromtimestamp(0, UTC)


# subscriptions


def price_facts(data: Any) -> PriceFacts:
    """A deleted price is one that nobody can subscribe to any more."""
    expect(data, "price")
    recurring = mapping(data.get("recurring"))
    return PriceFacts(
        id=own_id(data),
        product=id_of(data.get("product")),
        amount=optional_signed(data, "unit_amount"),
        currency=currency(data),
        interval=optional_text(recurring, "interval"),
        interval_count=optional_int(recurring, "interval_count"),
        active=data.get("active") is True and data.get("deleted") is not True,
        tags=metadata(data),
    )


def item_facts(data: Any) -> ItemFacts:
    """A metered item has no quantity; what it costs is one times what was used."""
    expect(data, "subscription_item")
    quantity = optional_int(data, "quantity")
    return ItemFacts(
        id=own_id(data),
        price=price_facts(data.get("price")),
        quantity=1 if quantity is None else quantity,
        period_start=instant(data, "current_period_start"),
        period_end=instant(data, "current_period_end"),
    )


def subscription_facts(data: Any) -> SubscriptionFacts:
    """https://docs.stripe.com/api/subscriptions/object"""
    expect(data, "subscription")
    status = text(data, "status")
    pause = mapping(data.get("pause_collection"))
    details = mapping(data.get("cancellation_details"))
    return SubscriptionFacts(
        id=own_id(data),
        customer=_required_id(data, "customer"),
        state=SUBSCRIPTION_STATES.get(status, SubscriptionState.UNKNOWN),
        raw_status=status,
        currency=currency(data),
        created_at=instant(data, "created"),
        started_at=instant(data, "start_date"),
        anchor_at=instant(data, "billing_cycle_anchor"),
        items=tuple(item_facts(item) for item in objects(data.get("items"))),
        pause_behavior=optional_text(pause, "behavior"),
        pauses_until=optional_instant(pause, "resumes_at"),
        trial_start=optional_instant(data, "trial_start"),
        trial_end=optional_instant(data, "trial_end"),
        cancel_at=optional_instant(data, "cancel_at"),
        cancel_at_period_end=optional_flag(data, "cancel_at_period_end") or False,
        canceled_at=optional_instant(data, "canceled_at"),
        ended_at=optional_instant(data, "ended_at"),
        cancel_reason=optional_text(details, "reason"),
        cancel_feedback=optional_text(details, "feedback"),
        flexible=mapping(data.get("billing_mode")).get("type") == "flexible",
        collects_by_itself=data.get("collection_method") == "charge_automatically",
        schedule=id_of(data.get("schedule")),
        pending_update=bool(mapping(data.get("pending_update"))),
        latest_invoice=id_of(data.get("latest_invoice")),
        payment_method=id_of(data.get("default_payment_method")),
        tags=metadata(data),
    )


# invoices


def invoice_facts(data: Any) -> InvoiceFacts:
    """An Invoice with `payments` expanded. One that we issued again belongs to the subscription that its metadata names:
    https://docs.stripe.com/api/invoices/object has no other place for it."""
    expect(data, "invoice")
    if data.get("deleted") is True:
        return InvoiceFacts(own_id(data), None, InvoiceState.DELETED, "deleted", "", BEFORE_ALL)
    status = optional_text(data, "status") or ""
    moments = mapping(data.get("status_transitions"))
    taxes = mapping(data.get("automatic_tax"))
    error = mapping(data.get("last_finalization_error"))
    tags = metadata(data)
    return InvoiceFacts(
        id=own_id(data),
        customer=id_of(data.get("customer")),
        state=INVOICE_STATES.get(status, InvoiceState.UNKNOWN),
        raw_status=status,
        currency=currency(data),
        created_at=instant(data, "created"),
        subscription=_subscription_of(data) or tags.get("opsconsole_subscription"),
        number=optional_text(data, "number"),
        billing_reason=optional_text(data, "billing_reason"),
        subtotal=signed(data, "subtotal"),
        tax=_tax(data),
        total=signed(data, "total"),
        due=signed(data, "amount_due"),
        paid=signed(data, "amount_paid"),
        remaining=signed(data, "amount_remaining"),
        starting_balance=signed(data, "starting_balance"),
        ending_balance=optional_signed(data, "ending_balance"),
        pre_payment_credit=amount(data, "pre_payment_credit_notes_amount"),
        post_payment_credit=amount(data, "post_payment_credit_notes_amount"),
        auto_advance=optional_flag(data, "auto_advance") or False,
        finalizes_at=optional_instant(data, "automatically_finalizes_at"),
        finalized_at=optional_instant(moments, "finalized_at"),
        paid_at=optional_instant(moments, "paid_at"),
        voided_at=optional_instant(moments, "voided_at"),
        due_at=optional_instant(data, "due_date"),
        next_try_at=optional_instant(data, "next_payment_attempt"),
        tried=amount(data, "attempt_count"),
        out_of_band=_paid_elsewhere(data),
        tax_status=optional_text(taxes, "status") if taxes.get("enabled") is True else None,
        error_code=optional_text(error, "code"),
        error_words=optional_text(error, "message"),
        period_start=optional_instant(data, "period_start"),
        period_end=optional_instant(data, "period_end"),
        lines=_lines(data),
        lines_complete=mapping(data.get("lines")).get("has_more") is False,
        payments=_payments(data),
        tags=tags,
    )


def line_facts(data: Any) -> InvoiceLineFacts:
    """https://docs.stripe.com/api/invoice-line-item/object"""
    expect(data, "line_item")
    parent = mapping(data.get("parent"))
    added = mapping(parent.get("invoice_item_details"))
    renewed = mapping(parent.get("subscription_item_details"))
    period = mapping(data.get("period"))
    return InvoiceLineFacts(
        id=own_id(data),
        amount=signed(data, "amount"),
        description=optional_text(data, "description"),
        quantity=optional_int(data, "quantity"),
        price=id_of(mapping(mapping(data.get("pricing")).get("price_details")).get("price")),
        item=id_of(added.get("invoice_item")) or id_of(renewed.get("invoice_item")),
        subscription_item=id_of(renewed.get("subscription_item")),
        proration=added.get("proration") is True or renewed.get("proration") is True,
        period_start=optional_instant(period, "start"),
        period_end=optional_instant(period, "end"),
        tags=metadata(data),
    )


def preview_facts(data: Any, *, as_of: datetime, starts_at: datetime | None) -> PreviewFacts:
    """An invoice that Stripe computed and did not keep: its `created` is when it would be made. One made at once is charged
    at once. With `starts_at` that is one for nothing, and the first charge comes then."""
    expect(data, "invoice")
    made_at = instant(data, "created")
    at_once = as_of if made_at - as_of < AT_ONCE else None
    return PreviewFacts(
        id=own_id(data),
        currency=currency(data),
        subtotal=signed(data, "subtotal"),
        tax=_tax(data),
        total=signed(data, "total"),
        due=signed(data, "amount_due"),
        lines=_lines(data),
        as_of=as_of,
        next_charge_at=starts_at or at_once or optional_instant(data, "next_payment_attempt") or made_at,
    )


def _lines(invoice: Mapping[str, Any]) -> tuple[InvoiceLineFacts, ...]:
    return tuple(line_facts(line) for line in objects(invoice.get("lines")))


def _payments(invoice: Mapping[str, Any]) -> tuple[str, ...]:
    made = [payment for payment in objects(invoice.get("payments")) if payment.get("status") != "canceled"]
    found = (id_of(mapping(payment.get("payment")).get("payment_intent")) for payment in made)
    return tuple(id for id in found if id)


def _paid_elsewhere(invoice: Mapping[str, Any]) -> bool:
    """No field of its own says so any more: the amount does, or that it is paid and no payment is left on it."""
    if (optional_int(invoice, "amount_paid_off_stripe") or 0) > 0:
        return True
    paid = invoice.get("status") == "paid" and (optional_int(invoice, "amount_paid") or 0) > 0
    return paid and isinstance(invoice.get("payments"), dict) and not _payments(invoice)


def _tax(invoice: Mapping[str, Any]) -> int:
    return sum(signed(mapping(tax), "amount") for tax in array(invoice, "total_taxes"))


def _subscription_of(invoice: Mapping[str, Any]) -> str | None:
    parent = mapping(invoice.get("parent"))
    return id_of(mapping(parent.get("subscription_details")).get("subscription"))


# what waits, and what was given back


def pending_facts(data: Any) -> PendingItemFacts:
    expect(data, "invoiceitem")
    parent = mapping(data.get("parent"))
    return PendingItemFacts(
        id=own_id(data),
        customer=_required_id(data, "customer"),
        amount=signed(data, "amount"),
        currency=currency(data),
        description=optional_text(data, "description"),
        created_at=instant(data, "date"),
        invoice=id_of(data.get("invoice")),
        subscription=id_of(mapping(parent.get("subscription_details")).get("subscription")),
        tags=metadata(data),
    )


def credit_note_facts(data: Any) -> CreditNoteFacts:
    """https://docs.stripe.com/api/credit_notes/object: what is neither refunded nor settled elsewhere was credited."""
    expect(data, "credit_note")
    refunds = [mapping(refund) for refund in array(data, "refunds")]
    refunded = sum(amount(refund, "amount_refunded") for refund in refunds)
    elsewhere = optional_int(data, "out_of_band_amount") or 0
    return CreditNoteFacts(
        id=own_id(data),
        invoice=_required_id(data, "invoice"),
        number=optional_text(data, "number"),
        status=text(data, "status"),
        reason=optional_text(data, "reason"),
        currency=currency(data),
        amount=amount(data, "amount"),
        refunded=refunded,
        credited=max(amount(data, "post_payment_amount") - refunded - elsewhere, 0),
        out_of_band=elsewhere,
        refunds=tuple(id for refund in refunds if (id := id_of(refund.get("refund")))),
        created_at=instant(data, "created"),
        tags=metadata(data),
    )


def credit_facts(data: Any) -> CreditFacts:
    expect(data, "customer_balance_transaction")
    return CreditFacts(
        id=own_id(data),
        customer=_required_id(data, "customer"),
        amount=signed(data, "amount"),
        currency=currency(data),
        kind=text(data, "type"),
        balance=signed(data, "ending_balance"),
        description=optional_text(data, "description"),
        invoice=id_of(data.get("invoice")),
        created_at=instant(data, "created"),
        tags=metadata(data),
    )


# our own balance


def entry_facts(data: Any, *, payout: str | None) -> EntryFacts:
    """A balance transaction with `source` expanded; that it was paid out with `payout` is known from having asked so."""
    expect(data, "balance_transaction")
    kind, source = text(data, "type"), data.get("source")
    return EntryFacts(
        id=own_id(data),
        kind=kind,
        source=id_of(source),
        amount=signed(data, "amount"),
        fee=signed(data, "fee"),
        net=signed(data, "net"),
        currency=currency(data),
        created_at=instant(data, "created"),
        available_on=instant(data, "available_on").date(),
        payout=payout or (id_of(source) if kind == "payout" else None),
        payment=id_of(mapping(source).get("payment_intent")),
    )


def payout_facts(data: Any) -> PayoutFacts:
    expect(data, "payout")
    return PayoutFacts(
        id=own_id(data),
        status=text(data, "status"),
        amount=signed(data, "amount"),
        currency=currency(data),
        created_at=instant(data, "created"),
        arrives_on=instant(data, "arrival_date").date(),
        automatic=data.get("automatic") is True,
        reconciled=optional_text(data, "reconciliation_status"),
        failure_code=optional_text(data, "failure_code"),
    )


def why_unpaid(payment: Mapping[str, Any]) -> tuple[str, str]:
    """The code and Stripe's words of what went wrong with a PaymentIntent last."""
    error = mapping(payment.get("last_payment_error"))
    code = optional_text(error, "decline_code") or optional_text(error, "code")
    return code or "not_paid", optional_text(error, "message") or "No card paid for it."


def portal_link(data: Any) -> str:
    expect(data, "billing_portal.session")
    link = text(data, "url")
    if not link.startswith(("https://", "http://")):
        raise WrongShape("url")
    return link


def carries(data: Mapping[str, Any], ref: str) -> bool:
    """Whether the promise `ref` left its mark on this object. Safe with anything."""
    return mapping(data.get("metadata")).get("opsconsole_ref") == ref


def _required_id(data: Mapping[str, Any], key: str) -> str:
    found = id_of(data.get(key))
    if found is None:
        raise WrongShape(key)
    return found
