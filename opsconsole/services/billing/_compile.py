"""Many increments become one item at Stripe: add up -> ask -> applied.

Per customer, currency and window one call. What came to nothing makes none; what is less than nothing is a credit item.
While the call still waits, newer increments are added to the same sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, union, update

from ...db import db, instant
from ...lib.money import Money
from ...models import (
    Adjustment,
    AdjustmentBatch,
    AdjustmentStatus,
    BatchStatus,
    Customer,
    Invoice,
    InvoiceStatus,
    Promise,
    PromiseStatus,
)
from ...vendors.billing import PendingItemFacts
from .. import outbox
from .._act import act, concerns, performing, say
from .._actor import Actor
from .._transaction import after_commit
from ..outbox import Reopened, hint, keeper, promise
from ._window import BEFORE_FINALISING, PACE, stripe_id

LINES = 6  # descriptions in an item; the rest is told as a number
# Stripe takes 250 lines an invoice (https://docs.stripe.com/billing/invoices/subscription). One item a batch: from here on
# the clock waits for the next invoice, and leaves the last ones to whoever asks for a customer's charges at once.
MOST_BY_THE_CLOCK, MOST_LINES = 200, 240


@dataclass(frozen=True)
class _Part:
    """Increments that go to Stripe as one item: of one currency, on one draft or on the next invoice."""

    currency: str
    chosen_id: str | None


def due(limit: int = 200) -> list[str]:
    """The customers whose increments are to go to Stripe now: their turn has come, or their draft is about to go out."""
    turn = select(Adjustment.customer_id).where(
        Adjustment.status == AdjustmentStatus.PENDING.value, Adjustment.compiles_at <= instant()
    )
    going_out = (
        select(Adjustment.customer_id)
        .join(Invoice, Invoice.customer_id == Adjustment.customer_id)
        .where(
            Adjustment.status == AdjustmentStatus.PENDING.value, Invoice.status == InvoiceStatus.DRAFT.value,
            Invoice.auto_advance, Invoice.finalizes_at <= instant() + BEFORE_FINALISING,
        )
    )  # fmt: skip
    return list(db.session.scalars(union(turn, going_out).limit(limit)))


@act(robots=("clock",))
def compile_(customer_id: str, *, by: Actor) -> Customer:
    """Add up what a customer is charged and credited, and have Stripe told at the next free place."""
    customer = Customer.lock(customer_id)
    made = add_up(customer, at_once=False)
    say(
        f"Added up for Stripe: {told(made)}"
        if made
        else "Waits for the next invoice: Stripe has many lines already"
    )
    return customer


def add_up(customer: Customer, *, at_once: bool) -> list[AdjustmentBatch]:
    """In an act, with the customer locked: what is pending becomes batches, each with its promise.

    `at_once` is for somebody who waits for it: Stripe is asked now, also about what was planned for later."""
    made = []
    for part in _parts(customer.id):
        target = _target(customer.id, part)
        waiting = _waiting(customer.id, part.currency, target)
        if waiting is None and _lines_at_stripe(customer.id, part.currency) >= (
            MOST_LINES if at_once else MOST_BY_THE_CLOCK
        ):
            _wait(customer.id, part)
            continue
        made.append(_gathered(customer, part, target, waiting, at_once=at_once))
    if at_once:
        _hasten(customer.id)
    return made


def told(batches: Sequence[AdjustmentBatch]) -> str:
    """What batches come to, for people: "$12.00 of 37"."""
    return ", ".join(f"{one.money} of {one.count}" for one in batches)


def _parts(customer_id: str) -> list[_Part]:
    query = (
        select(Adjustment.currency, Adjustment.invoice_id)
        .where(*pending(customer_id))
        .group_by(Adjustment.currency, Adjustment.invoice_id)
        .order_by(Adjustment.currency, Adjustment.invoice_id)
    )
    return [_Part(*row) for row in db.session.execute(query)]


def pending(customer_id: str) -> tuple[Any, ...]:
    """The condition of a customer's increments that are in no sum yet."""
    return Adjustment.customer_id == customer_id, Adjustment.status == AdjustmentStatus.PENDING.value


def _of(customer_id: str, part: _Part) -> tuple[Any, ...]:
    chosen = Adjustment.invoice_id.is_not_distinct_from(part.chosen_id)
    return *pending(customer_id), Adjustment.currency == part.currency, chosen


def _target(customer_id: str, part: _Part) -> Invoice | None:
    """The draft that it goes on: the chosen one, else the next that goes out by itself and has room; None for Stripe to put
    it on the customer's next invoice."""
    chosen = Invoice.get(part.chosen_id) if part.chosen_id else None
    if chosen and chosen.status == InvoiceStatus.DRAFT:
        return chosen
    query = select(Invoice).where(
        Invoice.customer_id == customer_id, Invoice.status == InvoiceStatus.DRAFT.value, Invoice.auto_advance,
        Invoice.currency == part.currency, Invoice.finalizes_at > instant(),
        func.jsonb_array_length(Invoice.lines) < MOST_LINES,
    )  # fmt: skip
    return db.session.scalar(query.order_by(Invoice.finalizes_at, Invoice.id).limit(1))


def _waiting(customer_id: str, currency: str, target: Invoice | None) -> AdjustmentBatch | None:
    """The batch, locked, that Stripe was surely not asked about yet: more can be added to it."""
    query = select(AdjustmentBatch.id).where(
        AdjustmentBatch.customer_id == customer_id, AdjustmentBatch.currency == currency,
        AdjustmentBatch.status == BatchStatus.PLANNED.value,
        AdjustmentBatch.invoice_id.is_not_distinct_from(target.id if target else None),
    )  # fmt: skip
    found = db.session.scalar(query.order_by(AdjustmentBatch.created_at.desc()).limit(1))
    if found is None:
        return None
    batch, owed = AdjustmentBatch.lock(found), _promise_of(found)
    untouched = owed is not None and owed.status == PromiseStatus.WAITING and owed.request is None
    return batch if untouched and batch.status == BatchStatus.PLANNED else None


def _promise_of(batch_id: str) -> Promise | None:
    promises = outbox.of(batch_id)
    return Promise.lock(promises[-1].id) if promises else None


def _lines_at_stripe(customer_id: str, currency: str) -> int:
    """Items at Stripe that no invoice has taken in yet, as far as we can tell: those made since the last invoice."""
    last = (
        select(func.max(Invoice.created_at))
        .where(Invoice.customer_id == customer_id, Invoice.currency == currency)
        .scalar_subquery()
    )
    query = select(func.count()).where(
        AdjustmentBatch.customer_id == customer_id, AdjustmentBatch.currency == currency,
        AdjustmentBatch.amount != 0, AdjustmentBatch.created_at > func.coalesce(last, func.to_timestamp(0)),
    )  # fmt: skip
    return db.session.scalar(query) or 0


def _wait(customer_id: str, part: _Part) -> None:
    """Looked at again in a day, and once there is a draft that goes out."""
    later = (
        update(Adjustment).where(*_of(customer_id, part)).values(compiles_at=instant() + timedelta(days=1))
    )
    db.session.execute(later.execution_options(synchronize_session=False))


def _gathered(
    customer: Customer,
    part: _Part,
    target: Invoice | None,
    waiting: AdjustmentBatch | None,
    *,
    at_once: bool,
) -> AdjustmentBatch:
    now = performing().now
    batch = waiting or AdjustmentBatch(
        status=BatchStatus.PLANNED, customer_id=customer.id, invoice_id=target.id if target else None,
        currency=part.currency, amount=0, count=0, from_at=now, to_at=now, trace_id=performing().trace, created_at=now,
    ).add()  # fmt: skip
    Adjustment.move_all(*_of(customer.id, part), to=AdjustmentStatus.BATCHED, batch_id=batch.id)
    _sum_up(batch)
    concerns(*batch.related())
    if not batch.amount:
        _comes_to_nothing(batch, had_promise=waiting is not None)
    elif waiting:
        _say_anew(batch)
    else:
        asked = asks(batch)
        promise(
            _compiles, batch, lane=f"stripe:{asked.arguments['customer']}", says=asked.says,
            arguments=asked.arguments, due_in=timedelta(0) if at_once else PACE.reserve(),
        )  # fmt: skip
    return batch


def _sum_up(batch: AdjustmentBatch) -> None:
    """All of it anew from its increments, so that nothing can get lost between two sums."""
    a = Adjustment
    query = (
        select(
            a.description, func.count(), func.sum(a.amount), func.min(a.created_at), func.max(a.created_at)
        )
        .where(a.batch_id == batch.id)
        .group_by(a.description)
    )
    found = db.session.execute(query).all()
    rows = [(text, int(count), int(amount), first, last) for text, count, amount, first, last in found]
    rows.sort(key=lambda row: (-abs(row[2]), row[0]))
    batch.amount = sum(row[2] for row in rows)
    batch.count = sum(row[1] for row in rows)
    batch.from_at, batch.to_at = min(row[3] for row in rows), max(row[4] for row in rows)
    batch.lines = [
        {"description": text, "count": count, "amount": amount} for text, count, amount, *_ in rows
    ]
    db.session.flush()


def _comes_to_nothing(batch: AdjustmentBatch, *, had_promise: bool) -> None:
    """Charges and credits that cancel out: Stripe need not know."""
    if had_promise:
        outbox.withdraw(batch)
    batch.move_to(BatchStatus.DONE)
    Adjustment.move_all(Adjustment.batch_id == batch.id, to=AdjustmentStatus.APPLIED)


def _say_anew(batch: AdjustmentBatch) -> None:
    owed, asked = _promise_of(batch.id), asks(batch)
    assert owed is not None
    owed.says, owed.arguments = asked.says, asked.arguments
    performing().promises.append(owed)


def _hasten(customer_id: str) -> None:
    """Whatever of the customer still waits is due now."""
    for batch in AdjustmentBatch.under_way(customer_id):
        owed = _promise_of(batch.id)
        if owed and owed.status == PromiseStatus.WAITING:
            owed.due_at = instant()
            if owed not in performing().promises:
                performing().promises.append(owed)
    db.session.flush()
    after_commit(hint)


# ------------------------------------------------------------------ what Stripe is asked, and says


def asks(batch: AdjustmentBatch) -> Reopened:
    """What Stripe is asked, and how people read it."""
    draft = Invoice.get(batch.invoice_id) if batch.invoice_id else None
    draft = draft if draft and draft.status == InvoiceStatus.DRAFT else None
    arguments = {
        "customer": stripe_id(batch.customer_id),
        "subscription": None,
        "amount": batch.amount,
        "currency": batch.currency,
        "description": "; ".join(_words(batch)),
        "invoice": draft.external_id if draft else None,
    }
    verb = "bills" if batch.amount > 0 else "credits"
    where = f"on {draft.called_as}" if draft else "with the next invoice"
    return Reopened(f"Stripe {verb} {Money(abs(batch.amount), batch.currency)} {where}", arguments)


def _words(batch: AdjustmentBatch) -> Iterator[str]:
    """The item's description on the invoice, well below Stripe's 500 characters."""
    for line in batch.lines[:LINES]:
        times = f" × {line['count']}" if line["count"] > 1 else ""
        yield f"{line['description']}{times}"[:70]
    if rest := sum(line["count"] for line in batch.lines[LINES:]):
        yield f"and {rest} more"


@act(robots=("worker",))
def compiled(batch_id: str, *, facts: PendingItemFacts, fetched_at: datetime, by: Actor) -> AdjustmentBatch:
    """Stripe has the item."""
    batch = AdjustmentBatch.lock(batch_id)
    _applied(batch, facts.id)
    say(f"Stripe has {batch.money} of {batch.count} charges and credits")
    return batch


def _applied(batch: AdjustmentBatch, external_id: str) -> None:
    batch.external_id = external_id
    batch.failure_code = batch.failure_reason = None
    batch.move_to(BatchStatus.DONE)
    Adjustment.move_all(Adjustment.batch_id == batch.id, to=AdjustmentStatus.APPLIED)


@act(robots=("worker",))
def uncompiled(batch_id: str, *, code: str, words: str, by: Actor) -> AdjustmentBatch:
    """Stripe said no, and bills nothing of it. The outbox opens the case."""
    batch = AdjustmentBatch.lock(batch_id)
    batch.failure_code, batch.failure_reason = code[:100], words[:500]
    _failed(batch)
    say(f"Stripe would not take {batch.money}: {words}")
    return batch


def _failed(batch: AdjustmentBatch) -> None:
    batch.move_to(BatchStatus.FAILED)
    Adjustment.move_all(Adjustment.batch_id == batch.id, to=AdjustmentStatus.FAILED)


def _reopened(batch_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person has it asked again: on the draft if it still is one, else with the next invoice."""
    batch = AdjustmentBatch.lock(batch_id)
    if batch.status != BatchStatus.FAILED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    batch.failure_code = batch.failure_reason = None
    batch.move_to(BatchStatus.PLANNED)
    Adjustment.move_all(Adjustment.batch_id == batch.id, to=AdjustmentStatus.BATCHED)
    return asks(batch)


def _done_outside(batch_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody made the item at Stripe by hand, and names it."""
    _applied(AdjustmentBatch.lock(batch_id), external_id)


def _dropped(batch_id: str) -> None:
    """Somebody found out that Stripe has not got it, and that it need not."""
    batch = AdjustmentBatch.lock(batch_id)
    if batch.status in (BatchStatus.PLANNED, BatchStatus.SUBMITTED):
        batch.failure_reason = "Given up."
        _failed(batch)


_compiles = keeper(
    "billing.compile",
    call="billing.charge",
    then=compiled,
    declined=uncompiled,
    locks=AdjustmentBatch.lock,
    reopened=_reopened,
    done_outside=_done_outside,
    dropped=_dropped,
    pace=PACE,
)
