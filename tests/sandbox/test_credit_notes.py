"""Credit notes: what is not owed any more, and where what was paid goes back to."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .conftest import World
from .plans import Shop, refused

TEXAS = {"country": "US", "state": "TX", "postal_code": "78701", "line1": "1 Main St"}


class Books(Shop):
    """A customer with a card, and invoices of 30.00 and 20.00."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.buyer = self.customer()

    def opened(self, *amounts: int, **more: Any) -> stripe.Invoice:
        params: Any = {"customer": self.buyer, **more}
        draft = self.api.invoices.create(params)
        for amount in amounts or (3000, 2000):
            self.api.invoice_items.create({"customer": self.buyer, "invoice": draft.id, "amount": amount})
        return self.api.invoices.finalize_invoice(draft.id)

    def paid(self, *amounts: int, **more: Any) -> stripe.Invoice:
        return self.api.invoices.pay(self.opened(*amounts, **more).id)

    def note(self, invoice: stripe.Invoice, **params: Any) -> stripe.CreditNote:
        wanted: Any = {"invoice": invoice.id, **params}
        return self.api.credit_notes.create(wanted)

    def again(self, invoice: stripe.Invoice) -> stripe.Invoice:  # type: ignore[override]
        return self.api.invoices.retrieve(invoice.id)

    @property
    def balance(self) -> int:
        return self.api.customers.retrieve(self.buyer).balance or 0


@pytest.fixture
def books(world: World) -> Books:
    return Books(world)


def test_before_it_is_paid_less_is_due(books: Books) -> None:
    invoice = books.opened()
    note = books.note(invoice, amount=1200, reason="order_change", memo="One vial less")
    assert (note.type, note.pre_payment_amount, note.post_payment_amount) == ("pre_payment", 1200, 0)
    assert note.number == f"{invoice.number}-CN-01" and note.refunds == []
    less = books.again(invoice)
    assert (less.amount_due, less.amount_remaining, less.total) == (3800, 3800, 5000)
    assert less.pre_payment_credit_notes_amount == 1200
    (payment,) = books.api.invoice_payments.list({"invoice": invoice.id}).data
    assert payment.amount_requested == 3800
    assert books.api.credit_notes.void_credit_note(note.id).status == "void"
    assert books.again(invoice).amount_due == 5000
    assert refused(lambda: books.api.credit_notes.void_credit_note(note.id))
    books.note(invoice, amount=1000)
    paid = books.api.invoices.pay(invoice.id)
    assert (paid.amount_paid, paid.pre_payment_credit_notes_amount) == (4000, 1000)
    assert [entry["amount"] for entry in books.world.sandbox.ledger("payment")] == [4000]


def test_all_of_it_credited_is_paid(books: Books) -> None:
    invoice = books.opened()
    books.note(invoice, amount=5000)
    paid = books.again(invoice)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 0, 0)
    (payment,) = books.api.invoice_payments.list({"invoice": invoice.id}).data
    assert payment.status == "canceled" and books.world.sandbox.ledger("payment") == []


def test_what_was_paid_goes_back_where_it_is_said_to(books: Books) -> None:
    invoice = books.paid()
    note = books.note(invoice, amount=1000, refund_amount=300, credit_amount=600, out_of_band_amount=100)
    assert (note.type, note.post_payment_amount, note.out_of_band_amount) == ("post_payment", 1000, 100)
    (back,) = note.refunds
    assert isinstance(back.refund, str) and back.amount_refunded == 300
    refund = books.api.refunds.retrieve(back.refund)
    assert (refund.amount, refund.status) == (300, "succeeded")
    assert books.balance == -600 and books.again(invoice).post_payment_credit_notes_amount == 1000
    assert isinstance(note.customer_balance_transaction, str)
    ledger = books.api.customers.balance_transactions
    entry = ledger.retrieve(books.buyer, note.customer_balance_transaction)
    assert (entry.type, entry.amount, entry.credit_note) == ("credit_note", -600, note.id)
    assert refused(lambda: books.api.credit_notes.void_credit_note(note.id))
    assert [one["amount"] for one in books.world.sandbox.ledger("refund")] == [300]
    assert books.world.types().count("credit_note.created") == 1


#: (what is asked for, the parameter at fault)
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"amount": 1000}, "refund_amount"),
    ({"amount": 1000, "refund_amount": 999}, "refund_amount"),
    ({"amount": 1000, "refund_amount": 1000, "credit_amount": 1}, "refund_amount"),
    ({"amount": 5001, "refund_amount": 5001}, "amount"),
    ({}, "amount"),
    (
        {"amount": 10, "lines": [{"type": "custom_line_item", "unit_amount": 10, "description": "x"}]},
        "amount",
    ),
    (
        {"lines": [{"type": "custom_line_item", "unit_amount": 10}], "refund_amount": 10},
        "lines[0][unit_amount]",
    ),
    (
        {"lines": [{"type": "invoice_line_item", "invoice_line_item": "il_no"}]},
        "lines[0][invoice_line_item]",
    ),
    (
        {"lines": [{"type": "invoice_line_item", "invoice_line_item": "LINE", "amount": 3001}]},
        "lines[0][amount]",
    ),
    ({"amount": 10, "refunds": [{"refund": "re_no"}]}, "refunds[0][refund]"),
    ({"amount": 10, "refunds": [{"refund": "OTHER"}]}, "refunds[0][refund]"),
    ({"amount": 10, "reason": "goodwill"}, "reason"),
    ({"amount": 10, "refund": "re_1"}, "refund"),
    ({"amount": 0}, "amount"),
]


def test_a_note_that_stripe_refuses(books: Books) -> None:
    invoice = books.paid()
    other = books.world.refund(books.world.pay(1000), 10)
    names = {"LINE": invoice.lines.data[0].id, "OTHER": other.id}
    for params, param in REFUSED:
        for one in [*params.get("lines", []), *params.get("refunds", [])]:
            one.update({name: names[value] for name, value in one.items() if value in names})
        assert refused(lambda: books.note(invoice, **params)).param == param, params  # noqa: B023  (called at once)
    assert books.api.credit_notes.list().data == [] and books.balance == 0
    assert len(books.world.sandbox.ledger("refund")) == 1


def test_no_more_goes_back_than_was_paid(books: Books) -> None:
    invoice = books.paid()
    books.note(invoice, amount=4000, credit_amount=4000)
    assert refused(lambda: books.note(invoice, amount=1001, credit_amount=1001)).param == "amount"
    (payment,) = books.api.invoice_payments.list(
        {"invoice": invoice.id, "expand": ["data.payment.payment_intent"]}
    ).data
    intent: Any = payment.payment.payment_intent
    books.world.refund(intent, 4500)
    assert refused(lambda: books.note(invoice, amount=1000, refund_amount=1000)).param == "amount"
    outside = books.api.invoices.pay(books.opened().id, {"paid_out_of_band": True})
    assert refused(lambda: books.note(outside, amount=10, refund_amount=10)).param == "refund_amount"
    assert books.note(outside, amount=10, out_of_band_amount=10).status == "issued"
    void = books.api.invoices.void_invoice(books.opened().id)
    assert refused(lambda: books.note(void, amount=10)).param == "invoice"


def test_a_refund_that_was_made_already_is_named_once(books: Books) -> None:
    invoice = books.paid()
    (payment,) = books.api.invoice_payments.list(
        {"invoice": invoice.id, "expand": ["data.payment.payment_intent"]}
    ).data
    intent: Any = payment.payment.payment_intent
    refund = books.world.refund(intent, 800)
    note = books.note(invoice, amount=500, refunds=[{"refund": refund.id, "amount_refunded": 500}])
    assert note.refunds[0].refund == refund.id and len(books.world.sandbox.ledger("refund")) == 1
    assert refused(
        lambda: books.note(invoice, amount=800, refunds=[{"refund": refund.id, "amount_refunded": 800}])
    ).param
    assert books.note(invoice, amount=300, refunds=[{"refund": refund.id}]).refunds[0].amount_refunded == 300


def test_a_line_takes_its_discount_and_its_tax_along(books: Books) -> None:
    address: Any = TEXAS
    books.api.customers.update(books.buyer, {"address": address})
    books.api.coupons.create({"id": "tenth", "percent_off": 10, "duration": "once"})
    invoice = books.paid(8000, 1000, automatic_tax={"enabled": True}, discounts=[{"coupon": "tenth"}])
    assert invoice.total == 9000 - 900 + 506  # 6.25 % of 72.00 and of 9.00
    line = invoice.lines.data[0].id
    part = {"type": "invoice_line_item", "invoice_line_item": line}
    foreseen: Any = {"invoice": invoice.id, "lines": [part | {"amount": 2000}]}
    draft = books.api.credit_notes.preview(foreseen)
    # 20.00 less 10 %, and 1.125 of tax, which is half a cent up
    assert (draft.subtotal, draft.discount_amount, draft.total) == (2000, 200, 1913)
    wrong: Any = foreseen | {"credit_amount": 1912}
    assert refused(lambda: books.api.credit_notes.preview(wrong)).param == "refund_amount"
    assert books.api.credit_notes.list().data == [] and books.balance == 0
    note = books.note(invoice, lines=[part | {"amount": 2000}], credit_amount=1913)
    assert (note.total, note.total_excluding_tax) == (draft.total, 1800)
    assert note.lines.data[0].invoice_line_item == line
    preview_lines: Any = {"invoice": invoice.id, "lines": [part | {"amount": 6000}], "credit_amount": 5738}
    assert [one.amount for one in books.api.credit_notes.preview_lines.list(preview_lines).data] == [6000]
    assert (
        refused(lambda: books.note(invoice, lines=[part | {"amount": 6001}], credit_amount=1)).param
        == "lines[0][amount]"
    )


def test_only_words_of_a_note_change(books: Books) -> None:
    note = books.note(books.opened(), amount=100)
    assert books.api.credit_notes.update(note.id, {"memo": "Sorry", "metadata": {"ref": "1"}}).memo == "Sorry"
    assert books.world.types()[-1] == "credit_note.updated"
    amount: Any = {"amount": 5}
    assert refused(lambda: books.api.credit_notes.update(note.id, amount)).code == "parameter_unknown"
    assert [one.id for one in books.api.credit_notes.list({"customer": books.buyer}).data] == [note.id]
