"""Invoices and all around them have the fields that stripe-python declares, at every depth."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .conftest import World
from .plans import DAY, Shop, refused
from .test_shapes import differences

#: Declared, but absent from Stripe's answers unless they apply or are asked for.
ONLY_WHEN_IT_APPLIES: dict[Any, str] = {
    stripe.Invoice: (
        "automatic_tax.liability.account confirmation_secret deleted issuer.account payments threshold_reason"
        " parent.subscription_details.subscription_proration_date"
        + "".join(
            f" last_finalization_error.{name}"
            for name in (
                *(
                    "advice_code",
                    "charge",
                    "decline_code",
                    "network_advice_code",
                    "network_decline_code",
                    "param",
                ),
                *(
                    "payment_intent",
                    "payment_method",
                    "payment_method_type",
                    "request_log_url",
                    "setup_intent",
                ),
                "source",
            )
        )
    ),
    stripe.InvoiceItem: "deleted parent.subscription_details.subscription_item",
    stripe.InvoicePayment: "payment.charge payment.payment_record",
    stripe.Balance: "connect_reserved instant_available issuing",
}
#: Gone since basil.
GONE = (
    *("application_fee_amount", "charge", "discount", "paid", "paid_out_of_band", "payment_intent", "quote"),
    *("subscription", "subscription_details", "tax", "total_tax_amounts", "transfer_data"),
)


@pytest.fixture
def objects(world: World) -> dict[Any, list[Any]]:
    shop = Shop(world)
    api, address = shop.api, {"country": "US", "state": "CA", "postal_code": "94110", "line1": "1 Main St"}
    customer = shop.customer()
    owed: Any = {"balance": -100, "address": address}
    api.customers.update(customer, owed)
    api.coupons.create({"id": "half", "percent_off": 50, "duration": "once"})
    subscription = shop.subscribe(customer=customer)
    one_off = api.prices.create({"product": shop.product, "currency": "usd", "unit_amount": 1234})
    api.invoice_items.create(
        {"customer": customer, "pricing": {"price": one_off.id}, "subscription": subscription.id}
    )
    world.sandbox.advance(DAY)
    shop.swap(subscription, "big")
    taxed: Any = {
        "customer": customer,
        "automatic_tax": {"enabled": True},
        "discounts": [{"coupon": "half"}],
        "pending_invoice_items_behavior": "include",
    }
    draft = api.invoices.create(taxed)
    api.invoices.add_lines(draft.id, {"lines": [{"amount": 5000, "description": "Kit"}]})
    paid = api.invoices.pay(draft.id)
    api.credit_notes.create({"invoice": paid.id, "amount": 500, "refund_amount": 200, "credit_amount": 300})
    line: Any = {"type": "invoice_line_item", "invoice_line_item": paid.lines.data[-1].id, "amount": 100}
    api.credit_notes.create({"invoice": paid.id, "lines": [line], "out_of_band_amount": 54})
    nowhere: Any = {"customer": shop.customer(), "automatic_tax": {"enabled": True}, "auto_advance": True}
    stuck = api.invoices.create(nowhere)
    refused(lambda: api.invoices.finalize_invoice(stuck.id))
    gone = api.invoices.create({"customer": customer})
    item = api.invoice_items.create({"customer": customer, "invoice": gone.id, "amount": 1})
    api.invoices.mark_uncollectible(_opened(shop, customer).id)
    world.sandbox.stripe.dispute(world.pay(900).id)
    world.sandbox.advance(5 * DAY)

    def get(path: str, method: str = "GET", **data: Any) -> Any:
        return world.call(method, f"/v1/{path}", data=data or None).json

    upcoming = get("invoices/create_preview", "POST", subscription=subscription.id)
    invoices = [*get("invoices?limit=100")["data"], upcoming]
    notes = get("credit_notes")["data"]
    flow = {"customer": customer, "flow_data[type]": "subscription_cancel"}
    flow["flow_data[subscription_cancel][subscription]"] = subscription.id
    return {
        stripe.Invoice: invoices,
        stripe.InvoiceLineItem: [line for invoice in invoices for line in invoice["lines"]["data"]],
        stripe.InvoiceItem: get("invoiceitems?limit=100")["data"],
        stripe.InvoicePayment: get("invoice_payments")["data"],
        stripe.CreditNote: notes,
        stripe.CreditNoteLineItem: [line for note in notes for line in note["lines"]["data"]],
        stripe.CustomerBalanceTransaction: get(f"customers/{customer}/balance_transactions")["data"],
        stripe.BalanceTransaction: get("balance_transactions?limit=100")["data"],
        stripe.Payout: get("payouts")["data"],
        stripe.Balance: [get("balance")],
        stripe.billing_portal.Configuration: get("billing_portal/configurations")["data"],
        stripe.billing_portal.Session: [
            get("billing_portal/sessions", "POST", customer=customer),
            get("billing_portal/sessions", "POST", **flow),
        ],
        "deleted": [get(f"invoiceitems/{item.id}", "DELETE"), get(f"invoices/{gone.id}", "DELETE")],
    }


def _opened(shop: Shop, customer: str) -> stripe.Invoice:
    draft = shop.api.invoices.create({"customer": customer})
    shop.api.invoice_items.create({"customer": customer, "invoice": draft.id, "amount": 9900})
    return shop.api.invoices.finalize_invoice(draft.id)


def test_all_around_invoices_has_the_declared_shape(objects: dict[Any, list[Any]]) -> None:
    for one in objects.pop("deleted"):
        assert sorted(one) == ["deleted", "id", "object"] and one["deleted"] is True
    for declared, shown in objects.items():
        assert shown, declared
        absent = {f"{name} is missing" for name in ONLY_WHEN_IT_APPLIES.get(declared, "").split()}
        for one in shown:
            assert set(differences(one, declared)) - absent == set(), declared
    for one in objects[stripe.Invoice]:
        assert not set(GONE) & set(one)
    for kind in (stripe.InvoiceItem, stripe.InvoiceLineItem):
        for one in objects[kind]:
            assert not {"price", "plan", "unit_amount", "tax_amounts", "invoice_item"} & set(one)
    assert {one["status"] for one in objects[stripe.Invoice]} == {"draft", "paid", "uncollectible"}
    assert {one["type"] for one in objects[stripe.CreditNoteLineItem]} == {
        "custom_line_item",
        "invoice_line_item",
    }
