"""Invoices from the first line to the last cent: the window before they are sent, and what each end means."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .conftest import World
from .plans import DAY, HOUR, Shop, ends, lines, refused

CALIFORNIA = {
    "country": "US",
    "state": "CA",
    "postal_code": "94110",
    "line1": "1 Main St",
    "city": "San Francisco",
}
Params = dict[str, Any]


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def bill(shop: Shop, customer: str, *amounts: int, **more: Any) -> stripe.Invoice:
    """A draft with a line for each amount."""
    params: Params = {"customer": customer, **more}
    draft = shop.api.invoices.create(params)  # type: ignore[arg-type]
    for amount in amounts:
        shop.api.invoice_items.create({"customer": customer, "invoice": draft.id, "amount": amount})
    return shop.api.invoices.retrieve(draft.id)


def opened(shop: Shop, customer: str, *amounts: int, **more: Any) -> stripe.Invoice:
    return shop.api.invoices.finalize_invoice(bill(shop, customer, *amounts, **more).id)


def update(shop: Shop, invoice: stripe.Invoice, **params: Any) -> stripe.Invoice:
    wanted: Any = params
    return shop.api.invoices.update(invoice.id, wanted)


def test_a_draft_can_be_changed_for_an_hour_and_is_charged_then(shop: Shop) -> None:
    customer = shop.customer()
    draft = bill(shop, customer, 1500, 500, auto_advance=True)
    assert (draft.status, draft.total, draft.amount_due, draft.number) == ("draft", 2000, 2000, None)
    assert draft.automatically_finalizes_at == draft.next_payment_attempt == draft.created + HOUR
    shop.world.sandbox.advance(HOUR - 60)
    assert shop.api.invoices.retrieve(draft.id).status == "draft"
    before = len(shop.world.types())
    shop.world.sandbox.advance(120)
    paid = shop.api.invoices.retrieve(draft.id)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 2000, 0)
    assert (paid.attempted, paid.attempt_count, paid.auto_advance) == (True, 1, False)
    assert (
        paid.automatically_finalizes_at is None and paid.number is not None and paid.number.endswith("-0001")
    )
    assert paid.status_transitions.finalized_at == paid.status_transitions.paid_at == draft.created + HOUR
    assert shop.world.types()[before:] == [
        "payment_intent.created", "invoice.updated", "invoice.finalized", "charge.succeeded",
        "payment_intent.succeeded", "invoice_payment.paid", "invoice.updated", "invoice.paid",
        "invoice.payment_succeeded",
    ]  # fmt: skip


def test_a_draft_is_held_let_go_and_put_off(shop: Shop) -> None:
    customer = shop.customer()
    held, later = (bill(shop, customer, 900, auto_advance=True) for _ in range(2))
    assert update(shop, held, auto_advance=False).automatically_finalizes_at is None
    at = later.created + 5 * HOUR
    assert update(shop, later, automatically_finalizes_at=at).automatically_finalizes_at == at
    shop.world.sandbox.advance(4 * HOUR)
    assert {shop.api.invoices.retrieve(one.id).status for one in (held, later)} == {"draft"}
    assert update(shop, held, auto_advance=True).automatically_finalizes_at is not None
    shop.world.sandbox.advance(HOUR + 1)
    assert {shop.api.invoices.retrieve(one.id).status for one in (held, later)} == {"paid"}
    draft, wrong = (
        bill(shop, customer, 900, auto_advance=True),
        (later.created, later.created + 6 * 366 * DAY),
    )
    for moment in wrong:
        error = refused(lambda: update(shop, draft, automatically_finalizes_at=moment))  # noqa: B023  (called at once)
        assert error.param == "automatically_finalizes_at"
    held = bill(shop, customer, 900)
    assert held.auto_advance is False
    assert (
        refused(lambda: update(shop, held, automatically_finalizes_at=at + DAY)).param
        == "automatically_finalizes_at"
    )


def test_pending_items_wait_until_an_invoice_wants_them(shop: Shop) -> None:
    customer, one_off = (
        shop.customer(),
        shop.api.prices.create({"product": shop.product, "currency": "usd", "unit_amount": 250}),
    )
    items = shop.api.invoice_items
    plain = items.create(
        {"customer": customer, "amount": 700, "currency": "usd", "description": "Consultation"}
    )
    priced = items.create({"customer": customer, "pricing": {"price": one_off.id}, "quantity": 3})
    assert (plain.invoice, priced.amount, priced.description) == (None, 750, "Plan A")
    assert items.update(priced.id, {"quantity": 2}).amount == 500
    assert [one.id for one in items.list({"customer": customer, "pending": True}).data] == [
        priced.id,
        plain.id,
    ]
    assert bill(shop, customer).lines.data == []
    taken = bill(shop, customer, pending_invoice_items_behavior="include")
    assert lines(taken) == [700, 500] and items.retrieve(plain.id).invoice == taken.id
    assert items.list({"customer": customer, "pending": True}).data == []
    items.update(plain.id, {"amount": 800})
    items.delete(priced.id)
    assert lines(shop.api.invoices.retrieve(taken.id)) == [800]
    shop.api.invoices.delete(taken.id)
    assert items.retrieve(plain.id).invoice is None, "what was pending is so again"
    assert refused(lambda: shop.api.invoices.retrieve(taken.id)).code == "resource_missing"


#: (what is asked for, the parameter at fault)
REFUSED: list[tuple[Params, str]] = [
    ({"amount": 1, "currency": "usd", "colour": "red"}, "colour"),
    ({"currency": "usd"}, "amount"),
    ({"amount": 1}, "currency"),
    ({"amount": 1, "currency": "usd", "quantity": 2}, "quantity"),
    ({"amount": 1, "currency": "xxx"}, "currency"),
    ({"pricing": {"price": "month"}}, "pricing[price]"),
    ({"pricing": {"price": "price_no"}}, "pricing[price]"),
    ({"amount": 1, "currency": "usd", "period": {"start": 9, "end": 8}}, "period[end]"),
    ({"amount": 1, "currency": "usd", "invoice": "in_no"}, "invoice"),
    ({"amount": 1, "currency": "usd", "subscription": "sub_no"}, "subscription"),
    ({"amount": 1, "currency": "usd", "customer": "cus_no"}, "customer"),
    ({"amount": 1, "currency": "usd", "coupon": "half"}, "coupon"),
]


def test_an_item_that_stripe_refuses(shop: Shop) -> None:
    customer = shop.customer(None)
    for params, told in REFUSED:
        if params.get("pricing") == {"price": "month"}:
            params = {"pricing": {"price": shop.prices["month"]}}
        wanted: Any = {"customer": customer, **params}
        error = refused(lambda: shop.api.invoice_items.create(wanted))  # noqa: B023  (called at once)
        assert error.param == told, params
    assert shop.api.invoice_items.list().data == []


def test_lines_are_added_changed_and_removed_while_it_is_a_draft(shop: Shop) -> None:
    customer = shop.customer()
    waiting = shop.api.invoice_items.create({"customer": customer, "amount": 300, "currency": "usd"})
    api, draft = shop.api.invoices, bill(shop, customer)
    draft = api.add_lines(
        draft.id,
        {
            "lines": [{"invoice_item": waiting.id}, {"amount": 1000, "description": "Kit"}, {"amount": 50}],
            "invoice_metadata": {"ref": "7"},
        },
    )
    assert lines(draft) == [300, 1000, 50] and draft.metadata is not None and draft.metadata["ref"] == "7"
    assert all(line.parent and line.parent.type == "invoice_item_details" for line in draft.lines.data)
    first, second, third = (line.id for line in draft.lines.data)
    changed = api.update_lines(draft.id, {"lines": [{"id": second, "amount": 900, "metadata": {"a": "b"}}]})
    assert changed.total == 1250
    item: Any = changed.lines.data[1].parent
    assert shop.api.invoice_items.retrieve(item.invoice_item_details.invoice_item).amount == 900
    gone = api.remove_lines(
        draft.id, {"lines": [{"id": first, "behavior": "unassign"}, {"id": third, "behavior": "delete"}]}
    )
    assert lines(gone) == [900]
    assert [one.id for one in shop.api.invoice_items.list({"pending": True}).data] == [waiting.id]
    assert shop.api.invoices.line_items.update(draft.id, second, {"description": "Box"}).description == "Box"
    paid = api.finalize_invoice(draft.id)
    for act in (
        lambda: api.add_lines(draft.id, {"lines": [{"amount": 1}]}),
        lambda: api.update_lines(draft.id, {"lines": [{"id": second, "amount": 1}]}),
        lambda: api.remove_lines(draft.id, {"lines": [{"id": second, "behavior": "delete"}]}),
        lambda: shop.api.invoice_items.create({"invoice": draft.id, "amount": 1, "customer": customer}),
        lambda: shop.api.invoice_items.update(item.invoice_item_details.invoice_item, {"amount": 1}),
        lambda: shop.api.invoice_items.delete(item.invoice_item_details.invoice_item),
        lambda: update(shop, paid, description="x"),
        lambda: api.delete(draft.id),
        lambda: api.finalize_invoice(draft.id),
    ):
        assert refused(act).code == "invoice_not_editable"
    assert shop.api.invoices.retrieve(draft.id).total == 900
    assert update(shop, paid, metadata={"ref": "8"}, auto_advance=True).status == "open"


def test_what_a_subscription_bills_is_reworded_but_not_billed_otherwise(shop: Shop) -> None:
    subscription = shop.subscribe()
    shop.world.sandbox.advance(ends(subscription) - subscription.created + 60)
    draft = shop.latest(subscription)
    assert (draft.status, draft.billing_reason, draft.auto_advance) == ("draft", "subscription_cycle", True)
    assert draft.parent and draft.parent.subscription_details
    assert draft.parent.subscription_details.subscription == subscription.id
    line = draft.lines.data[0]
    worded = shop.api.invoices.update_lines(draft.id, {"lines": [{"id": line.id, "description": "August"}]})
    assert worded.lines.data[0].description == "August"
    amount: Any = {"lines": [{"id": line.id, "amount": 1}]}
    assert refused(lambda: shop.api.invoices.update_lines(draft.id, amount)).param == "lines[0][amount]"
    gone: Any = {"lines": [{"id": line.id, "behavior": "delete"}]}
    assert refused(lambda: shop.api.invoices.remove_lines(draft.id, gone)).param == "lines[0][id]"
    assert refused(lambda: shop.api.invoices.delete(draft.id)).code == "invoice_not_editable"
    shop.api.invoices.add_lines(draft.id, {"lines": [{"amount": -500, "description": "Sorry"}]})
    shop.world.sandbox.advance(HOUR)
    assert shop.latest(subscription).amount_paid == 2500


def test_lines_come_page_by_page_and_are_at_most_250(shop: Shop) -> None:
    draft = bill(shop, shop.customer())
    many: Any = {"lines": [{"amount": number + 1} for number in range(250)]}
    full = shop.api.invoices.add_lines(draft.id, many)
    assert len(full.lines.data) == 10 and full.lines.has_more and full.total == 250 * 251 // 2
    assert [line.amount for line in full.lines.auto_paging_iter()] == list(range(1, 251))
    page = shop.api.invoices.line_items.list(draft.id, {"limit": 3, "ending_before": full.lines.data[5].id})
    assert [line.amount for line in page.data] == [3, 4, 5] and page.has_more
    one: Any = {"lines": [{"amount": 1}]}
    assert "250" in str(refused(lambda: shop.api.invoices.add_lines(draft.id, one)).user_message)


@pytest.mark.parametrize(
    ("balance", "amounts", "due", "left", "kinds"),
    [
        (0, [1000], 1000, 0, []),
        (-300, [1000], 700, 0, ["applied_to_invoice"]),
        (-1500, [1000], 0, -500, ["applied_to_invoice"]),
        (400, [1000], 1400, 0, ["applied_to_invoice"]),
        (0, [1000, -1600], 0, -600, ["applied_to_invoice"]),
        (0, [30], 0, 30, ["invoice_too_small"]),
        (0, [], 0, 0, []),
    ],
)
def test_the_customers_balance_pays_first(
    shop: Shop, balance: int, amounts: list[int], due: int, left: int, kinds: list[str]
) -> None:
    customer, ledger = shop.customer(), shop.api.customers.balance_transactions
    if balance:
        entry = ledger.create(customer, {"amount": balance, "currency": "usd", "description": "Goodwill"})
        assert (entry.type, entry.ending_balance) == ("adjustment", balance)
    draft = bill(shop, customer, *amounts)
    assert (draft.amount_due, draft.starting_balance, draft.ending_balance) == (due, balance, None)
    paid = shop.api.invoices.pay(draft.id)
    assert (paid.status, paid.amount_due, paid.amount_paid) == ("paid", due, due)
    assert (paid.starting_balance, paid.ending_balance) == (balance, left)
    assert shop.api.customers.retrieve(customer).balance == left
    entries = ledger.list(customer, {"invoice": paid.id}).data
    assert [(one.type, one.amount) for one in entries] == [(kind, left - balance) for kind in kinds]
    told = shop.world.types()
    assert told[-2:] == ["invoice.paid", "invoice.payment_succeeded"]
    assert ("charge.succeeded" in told) == (due > 0)


def test_the_ledger_of_a_balance_is_in_one_currency_and_is_told_of(shop: Shop) -> None:
    customer, ledger = shop.customer(None), shop.api.customers.balance_transactions
    shop.api.customers.update(customer, {"balance": -250})
    shop.api.customers.update(customer, {"balance": -100})
    assert [one.amount for one in ledger.list(customer).data] == [150, -250]
    assert shop.world.types()[-2:] == ["customer.updated"] * 2
    assert refused(lambda: ledger.create(customer, {"amount": 1, "currency": "eur"})).param == "currency"
    (last, first) = ledger.list(customer).data
    assert ledger.update(customer, first.id, {"metadata": {"ref": "1"}}).metadata is not None
    changed: Any = {"amount": 5}
    assert refused(lambda: ledger.update(customer, last.id, changed)).code == "parameter_unknown"
    assert refused(lambda: ledger.retrieve(shop.customer(None), first.id)).code == "resource_missing"


def test_tax_is_reckoned_per_line_or_stands_in_the_way(shop: Shop) -> None:
    customer = shop.customer()
    taxed = {"automatic_tax": {"enabled": True}, "auto_advance": True}
    draft = bill(shop, customer, 1000, 999, **taxed)
    assert (draft.automatic_tax.status, draft.total) == ("requires_location_inputs", 1999)
    error = refused(lambda: shop.api.invoices.finalize_invoice(draft.id))
    assert error.code == "customer_tax_location_invalid"
    shop.world.sandbox.advance(2 * HOUR)
    failed = shop.api.invoices.retrieve(draft.id)
    assert failed.status == "draft" and failed.last_finalization_error is not None
    assert shop.world.types().count("invoice.finalization_failed") >= 2
    address: Any = CALIFORNIA
    shop.api.customers.update(customer, {"address": address})
    shop.world.sandbox.advance(2 * HOUR)
    paid = shop.api.invoices.retrieve(draft.id)
    # 7.25 % of 10.00 is 0.725, of 9.99 is 0.724: halves go up, line by line
    assert (paid.status, paid.total, paid.total_excluding_tax) == ("paid", 1999 + 73 + 72, 1999)
    assert paid.automatic_tax.status == "complete" and paid.last_finalization_error is None
    assert paid.total_taxes is not None and [tax.amount for tax in paid.total_taxes] == [145]

    given_up = bill(shop, shop.customer(), 1000, **taxed)
    shop.world.sandbox.advance(5 * DAY)
    stuck = shop.api.invoices.retrieve(given_up.id)
    assert (stuck.status, stuck.automatically_finalizes_at) == ("draft", None)

    exempt: Any = {"tax_exempt": "exempt"}
    shop.api.customers.update(customer, exempt)
    assert bill(shop, customer, 1000, **taxed).total == 1000
    shop.world.control("POST", "stripe/tax", {"working": False})
    down = bill(shop, customer, 1000, **taxed)
    assert down.automatic_tax.status == "failed"
    with pytest.raises(stripe.APIError):
        shop.api.invoices.finalize_invoice(down.id)
    shop.world.control("POST", "stripe/tax", {"working": True})
    assert shop.api.invoices.finalize_invoice(down.id).status == "open"


def test_tax_may_be_within_the_price_and_comes_after_discounts(shop: Shop) -> None:
    address: Any = CALIFORNIA
    customer = shop.api.customers.create({"address": address}).id
    shop.api.coupons.create({"id": "half", "percent_off": 50, "duration": "once"})
    draft = bill(shop, customer, 2000, automatic_tax={"enabled": True}, discounts=[{"coupon": "half"}])
    item: Any = {"customer": customer, "invoice": draft.id, "amount": 1000, "tax_behavior": "inclusive"}
    shop.api.invoice_items.create(item)
    now = shop.api.invoices.retrieve(draft.id, {"expand": ["discounts"]})
    # exclusive: half of 20.00 and 7.25 % of it; inclusive: half of 10.00, of which 0.34 is tax
    assert (now.subtotal, now.total, now.total_excluding_tax) == (3000, 1000 + 73 + 500, 1500 - 34)
    assert now.total_discount_amounts is not None and now.total_discount_amounts[0].amount == 1500
    assert [line.taxes[0].tax_behavior for line in now.lines.data if line.taxes] == ["exclusive", "inclusive"]
    assert now.discounts[0].source.coupon == "half"  # type: ignore[union-attr]
    assert shop.api.coupons.retrieve("half").times_redeemed == 1
    assert update(shop, now, discounts="").total == 2000 + 145 + 1000


def test_a_no_leaves_the_invoice_open_and_says_why(shop: Shop) -> None:
    customer = shop.customer("pm_card_visa")
    invoice = opened(shop, customer, 2000)
    api = shop.api.invoices
    for card, code, decline in (
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_authenticationRequired", "invoice_payment_intent_requires_action", None),
    ):
        with pytest.raises(stripe.CardError) as caught:
            api.pay(
                invoice.id,
                {"payment_method": shop.api.payment_methods.attach(card, {"customer": customer}).id},
            )
        assert caught.value.code == code and caught.value.error is not None
        assert getattr(caught.value.error, "decline_code", None) == decline
    assert refused(lambda: api.pay(invoice.id, {"payment_method": "pm_card_visa"})).code == "resource_missing"
    after = api.retrieve(
        invoice.id, {"expand": ["payments.data.payment.payment_intent", "confirmation_secret"]}
    )
    assert (after.status, after.attempted, after.attempt_count, after.amount_paid) == ("open", True, 1, 0)
    (payment,) = after.payments.data  # type: ignore[union-attr]
    intent: Any = payment.payment.payment_intent
    assert (payment.status, intent.status, intent.amount) == ("open", "requires_action", 2000)
    assert after.confirmation_secret is not None
    told = shop.world.types()
    assert told.count("invoice.payment_failed") == 3 and told.count("invoice.payment_action_required") == 1
    assert (
        refused(lambda: shop.api.payment_intents.cancel(intent.id)).code == "payment_intent_unexpected_state"
    )
    confirmed = shop.api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert confirmed.status == "succeeded"
    assert api.retrieve(invoice.id).status == "paid", "who confirms the payment has paid the invoice"
    assert refused(lambda: api.pay(invoice.id)).code == "invoice_already_paid"
    assert len(shop.world.sandbox.ledger("payment")) == 1


def test_without_a_card_nobody_is_charged(shop: Shop) -> None:
    invoice = opened(shop, shop.customer(None), 2000)
    assert refused(lambda: shop.api.invoices.pay(invoice.id)).code == "resource_missing"
    automatic = bill(shop, shop.customer(None), 2000, auto_advance=True)
    shop.world.sandbox.advance(HOUR + 1)
    after = shop.api.invoices.retrieve(automatic.id)
    assert (after.status, after.attempt_count) == ("open", 1) and after.next_payment_attempt is not None
    assert isinstance(after.customer, str) and shop.api.customers.retrieve(after.customer).delinquent is True
    assert shop.world.sandbox.ledger("payment") == []


def test_paid_outside_of_stripe(shop: Shop) -> None:
    invoice = opened(shop, shop.customer(), 2000)
    paid = shop.api.invoices.pay(invoice.id, {"paid_out_of_band": True})
    assert (paid.status, paid.amount_remaining, paid.amount_paid_off_stripe) == ("paid", 0, 2000)
    told = shop.world.types()
    assert (
        "invoice.paid" in told and "invoice.payment_succeeded" not in told and "charge.succeeded" not in told
    )
    (payment,) = shop.api.invoice_payments.list({"invoice": invoice.id}).data
    assert payment.status == "canceled"


def test_each_end_is_reached_only_from_where_it_can_be(shop: Shop) -> None:
    api = shop.api.invoices
    acts: dict[str, Any] = {
        "finalize": api.finalize_invoice, "pay": api.pay, "void": api.void_invoice, "mark": api.mark_uncollectible,
    }  # fmt: skip
    ways = {"draft": [], "open": ["finalize"], "paid": ["pay"], "void": ["finalize", "void"],
            "uncollectible": ["finalize", "mark"]}  # fmt: skip
    can = {
        "draft": {"finalize": "open", "pay": "paid"},
        "open": {"pay": "paid", "void": "void", "mark": "uncollectible"},
        "uncollectible": {"pay": "paid", "void": "void"},
        "paid": {},
        "void": {},
    }
    customer = shop.customer()
    for status, way in ways.items():
        for name, act in acts.items():
            invoice = bill(shop, customer, 700)
            for step in way:
                invoice = acts[step](invoice.id)
            assert invoice.status == status
            if name in can[status]:
                assert act(invoice.id).status == can[status][name], (status, name)
            else:
                refused(lambda: act(invoice.id))  # noqa: B023  (called at once)
                assert api.retrieve(invoice.id).status == status


def test_void_gives_the_balance_back_and_ends_the_payment(shop: Shop) -> None:
    customer = shop.customer()
    shop.api.customers.update(customer, {"balance": -300})
    invoice = opened(shop, customer, 1000)
    assert shop.api.customers.retrieve(customer).balance == 0
    void = shop.api.invoices.void_invoice(invoice.id)
    assert void.status_transitions.voided_at is not None
    assert shop.api.customers.retrieve(customer).balance == -300
    entry = shop.api.customers.balance_transactions.list(customer).data[0]
    assert (entry.type, entry.amount) == ("unapplied_from_invoice", -300)
    (payment,) = shop.api.invoice_payments.list(
        {"invoice": invoice.id, "expand": ["data.payment.payment_intent"]}
    ).data
    intent: Any = payment.payment.payment_intent
    assert (payment.status, intent.status) == ("canceled", "canceled")
    lost = opened(shop, customer, 1000)
    details: Any = shop.api.invoices.mark_uncollectible(lost.id).status_details
    assert details.uncollectible.reason == "user_forgiven"


def test_an_invoice_that_is_sent_falls_due(shop: Shop) -> None:
    customer = shop.customer(None)
    assert refused(lambda: bill(shop, customer, collection_method="send_invoice")).param == "days_until_due"
    assert refused(lambda: bill(shop, customer, days_until_due=3)).param == "days_until_due"
    yesterday = {"collection_method": "send_invoice", "due_date": 1}
    assert refused(lambda: bill(shop, customer, **yesterday)).param == "due_date"
    charged = opened(shop, customer, 500)
    assert refused(lambda: shop.api.invoices.send_invoice(charged.id)).code == "invoice_not_editable"
    draft = bill(shop, customer, 500, collection_method="send_invoice", days_until_due=7)
    sent = shop.api.invoices.send_invoice(draft.id)
    assert sent.status == "open" and sent.due_date is not None and sent.hosted_invoice_url is not None
    assert shop.world.types()[-1] == "invoice.sent"
    ahead: Any = {"gte": sent.due_date}
    assert [one.id for one in shop.api.invoices.list({"due_date": ahead}).data] == [sent.id]
    shop.world.sandbox.advance(7 * DAY + 60)
    assert "invoice.overdue" in shop.world.types()
    assert shop.api.customers.retrieve(customer).delinquent is True


def test_a_revision_takes_the_place_of_an_open_invoice(shop: Shop) -> None:
    customer = shop.customer()
    shop.api.customers.update(customer, {"balance": -300})
    old = opened(shop, customer, 1000, 200, description="First")
    assert old.amount_due == 900
    revised = shop.api.invoices.create({"from_invoice": {"action": "revision", "invoice": old.id}})
    assert lines(revised) == [1000, 200] and revised.from_invoice is not None
    assert shop.api.invoices.retrieve(old.id).latest_revision == revised.id
    change: Any = {"lines": [{"id": revised.lines.data[0].id, "amount": 950}]}
    shop.api.invoices.update_lines(revised.id, change)
    shop.api.invoices.add_lines(revised.id, {"lines": [{"amount": -50}]})
    assert shop.api.invoices.finalize_invoice(revised.id).amount_due == 800, (
        "the balance pays for this one now"
    )
    assert shop.api.invoices.retrieve(old.id).status == "void"


def test_nobody_is_billed_who_is_deleted(shop: Shop) -> None:
    customer, other = shop.customer(), shop.customer()
    draft, theirs = bill(shop, customer, 900, auto_advance=True), bill(shop, other, 900, auto_advance=True)
    shop.api.customers.delete(customer)
    shop.world.sandbox.advance(2 * HOUR)
    assert shop.api.invoices.retrieve(draft.id).status == "draft"
    assert shop.api.invoices.retrieve(theirs.id).status == "paid", "and time goes on for everybody else"


def test_invoices_are_found(shop: Shop) -> None:
    subscription = shop.subscribe()
    other = shop.customer()
    draft, open_ = bill(shop, other, 500), opened(shop, other, 600)

    def found(**params: Any) -> list[str]:
        wanted: Any = params
        return [one.id for one in shop.api.invoices.list(wanted).data]

    assert found(customer=other) == [open_.id, draft.id]
    assert found(status="draft") == [draft.id] and found(status="open") == [open_.id]
    assert found(subscription=subscription.id) == [shop.latest(subscription).id]
    assert found(collection_method="send_invoice") == []
    (payment,) = shop.api.invoice_payments.list({"status": "open"}).data
    intent: Any = payment.payment.payment_intent
    by: Any = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    assert [one.invoice for one in shop.api.invoice_payments.list(by).data] == [open_.id]
    assert refused(lambda: shop.api.invoice_payments.list({"payment": {"type": "payment_intent"}})).code == (
        "parameter_missing"
    )


#: Gone since basil, or never there.
GONE: Params = {
    "application_fee_amount": 5,
    "billing": "charge_automatically",
    "coupon": "half",
    "paid": True,
    "payment_intent": "pi_1",
    "subscription_details": {"metadata": {"a": "b"}},
    "tax_percent": 5,
}


def test_what_an_invoice_no_longer_takes(shop: Shop) -> None:
    for name, value in GONE.items():
        wanted: Any = {"customer": "cus_1", name: value}
        error = refused(lambda: shop.api.invoices.create(wanted))  # noqa: B023  (called at once)
        assert (error.code, error.param) == ("parameter_unknown", name)
