"""What the demo's people have subscribed to: all that staff will meet, and in the console as it is at Stripe."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from opsconsole import vendors
from opsconsole.config import Settings
from opsconsole.db import db
from opsconsole.demo import seed
from opsconsole.demo._cast import CAST
from opsconsole.models import Invoice, Subscription, SubscriptionItem
from opsconsole.services import STRIPE, subscriptions

from ..house import House
from .test_seed import now, settings

AS_OF = datetime.now(
    UTC
).date()  # the sandbox's time is the real one: what is due later must still be to come
FIXED = ("number", "total", "paid", "due", "paid_at", "finalized_at", "created_at", "billing_reason", "tried")
__all__ = ["settings"]  # the fixture


def as_it_is(one: Any, *but: str) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in one.__table__.c if column.name not in but}


def test_everything_is_there_and_as_stripe_has_it(house: House, settings: Settings, sandbox_url: str) -> None:
    seed(settings, len(CAST), AS_OF, sandbox_url)
    with house.app.app_context():
        every = list(db.session.scalars(select(Subscription)))
        assert len(every) > len(CAST) / 3
        assert {one.effective for one in every} >= {
            "active", "trial", "paused", "collection_paused", "canceling", "canceled", "blocked",
        }  # fmt: skip
        assert {one.pause_behavior for one in every} == {None, "void", "keep_as_draft"}
        held = listed(vendors.port("billing").subscriptions)
        assert len(held) == len(every)
        for one in every:
            facts = held[one.external_id]
            before = [as_it_is(one, "fetched_at", "latest_invoice_id"), *map(as_it_is, one.items())]
            db.session.rollback()
            subscriptions.settle(one.external_id, facts=facts, fetched_at=now(), by=STRIPE)
            after = Subscription.require(one.id)
            assert [
                as_it_is(after, "fetched_at", "latest_invoice_id"),
                *map(as_it_is, after.items()),
            ] == before
        [twice] = [one for one in subscriptions.faults() if one.reason == "double_subscription"]
        assert len(twice.others) == 1 and len(subscriptions.faults()) == 1
        invoices = listed(vendors.port("billing").invoices)
        for invoice in db.session.scalars(select(Invoice)):
            told = invoices[invoice.external_id]
            for name in (
                "number",
                "total",
                "paid",
                "due",
                "paid_at",
                "finalized_at",
                "created_at",
                "billing_reason",
                "tried",
            ):
                assert getattr(invoice, name) == getattr(told, name), (invoice.external_id, name)
            assert [told.payments, told.ending_balance, told.period_start] == [
                tuple(invoice.payments), invoice.ending_balance, invoice.period_start,
            ]  # fmt: skip
            [line], [ours] = told.lines, invoice.lines
            assert ours == {name: _plain(getattr(line, name)) for name in ours}
        assert (
            db.session.scalar(select(SubscriptionItem.id).where(SubscriptionItem.product_id.is_(None)))
            is None
        )


def listed(pages: Any) -> dict[str, Any]:
    """All that a list of Stripe's holds, by id."""
    found, after = {}, None
    while True:
        page = pages(after=after)
        found |= {one.id: one for one in page.items}
        if (after := page.next) is None:
            return found


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def test_what_happens_in_the_first_minutes(house: House, settings: Settings, sandbox_url: str) -> None:
    """Banks say no, one invoice is a draft for hours, one is held and one was voided: at Stripe."""
    seed(settings, len(CAST), AS_OF, sandbox_url)
    with house.app.app_context():
        found = listed(vendors.port("billing").invoices).values()
    states = [invoice.state.value for invoice in found if invoice.state.value != "paid"]
    assert {"draft", "void"} <= set(states)
    drafts = [invoice for invoice in found if invoice.state.value == "draft"]
    assert [one.finalizes_at for one in drafts if not one.auto_advance] == [None]
    assert max(one.finalizes_at for one in drafts if one.auto_advance)
