"""Comparing subscriptions and invoices: the processor's lists are read page by page, and what differs is read again by
itself before our copy follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ...db import db
from ...models import Change, Drift, DriftStatus, Invoice, ReconciliationRun, Subscription, SubscriptionItem
from ...models.reconciliation_run import ENDED, LIST
from ...vendors.billing import InvoiceFacts, Listed, SubscriptionFacts
from .. import billing, subscriptions
from .._act import act, performing, say
from .._actor import STRIPE, Actor
from ..outbox import keeper, promise
from ._answered import mending
from ._compare_billing import PORT, of_invoice, of_subscription
from ._finding import Finding
from ._finish import finish
from ._held import told_soon
from ._record import _kept, close_unseen, end, write

SUBSCRIPTIONS, INVOICES = "subscriptions", "invoices"  # what is read, in this order
DIFFERS = frozenset(("subscription_differs", "invoice_differs"))
_AT_ONCE = timedelta(0)


def read_on(run: ReconciliationRun) -> None:
    """Promise the next page. Its place is what is listed, and behind what."""
    what, after = _place(run)
    asked: dict[str, Any] = {"after": after}
    if what == INVOICES:
        asked["since"] = int(run.since.timestamp())
    says = f"Stripe lists its {what}{f' since {run.since:%d %b %Y}' if what == INVOICES else ''}"
    which = _list_invoices if what == INVOICES else _list_subscriptions
    promise(which, run, lane=f"{PORT}:compare", says=says, arguments=asked, due_in=_AT_ONCE)


def _place(run: ReconciliationRun) -> tuple[str, str | None]:
    what, _, after = (run.part(PORT).after or SUBSCRIPTIONS).partition(" ")
    return what, after or None


@act(robots=("worker",))
def billed(run_id: str, *, facts: Listed, fetched_at: datetime, by: Actor) -> ReconciliationRun:
    """Take in a page of subscriptions or of invoices: what is the same comes right, what differs is found."""
    run = ReconciliationRun.lock(run_id)
    if run.final:
        say("It is over: nobody waits for this any more")
        return run
    what, _ = _place(run)
    soon = told_soon(PORT, [one.id for one in facts.items])
    told = [one for one in facts.items if one.id not in soon]
    compared, found = (_invoices if what == INVOICES else _subscriptions)(told, fetched_at)
    for finding in found:
        if not run.fix:
            write(run, [finding])
        elif drift := _kept(run, finding):
            ask(drift)
    if compared:
        close_unseen(run, DIFFERS, found, subjects=compared)
    say(f"Compared {len(told)} {what} that Stripe listed, {len(found)} of them other than here")
    _advance(run, what, facts)
    return run


def _advance(run: ReconciliationRun, what: str, facts: Listed) -> None:
    looked = len(facts.items)
    if facts.next or what == SUBSCRIPTIONS:
        place = f"{what} {facts.next}" if facts.next else INVOICES
        run.advance(PORT, step=LIST, after=place, looked=looked)
        read_on(run)
    elif run.advance(PORT, step=ENDED, after=None, looked=looked):
        finish(run)


def _subscriptions(
    told: Sequence[SubscriptionFacts], fetched_at: datetime
) -> tuple[list[str], list[Finding]]:
    """The subjects that were compared, and what differs."""
    query = select(Subscription).where(Subscription.external_id.in_([one.id for one in told]))
    held = {one.external_id: one for one in db.session.scalars(query)}
    items: dict[str, list[SubscriptionItem]] = {one.id: [] for one in held.values()}
    for item in db.session.scalars(
        select(SubscriptionItem).where(SubscriptionItem.subscription_id.in_(items))
    ):
        items[item.subscription_id].append(item)
    settled = {
        facts.id: held.get(facts.id) for facts in told if _older(held.get(facts.id), fetched_at)
    }  # fmt: skip
    found = (
        of_subscription(one, items[one.id] if one else (), facts)
        for facts in told
        if facts.id in settled
        for one in [settled[facts.id]]
    )
    return _subjects(settled.items()), [
        one for one in found if one and not Change.now_of(subscription_id=one.subject)
    ]


def _invoices(told: Sequence[InvoiceFacts], fetched_at: datetime) -> tuple[list[str], list[Finding]]:
    """The subjects that were compared, and what differs."""
    query = select(Invoice).where(Invoice.external_id.in_([one.id for one in told]))
    held = {one.external_id: one for one in db.session.scalars(query)}
    settled = {facts.id: held.get(facts.id) for facts in told if _older(held.get(facts.id), fetched_at)}
    found = (of_invoice(settled[facts.id], facts) for facts in told if facts.id in settled)
    return _subjects(settled.items()), [
        one for one in found if one and not Change.now_of(invoice_id=one.subject)
    ]


def _older(ours: Subscription | Invoice | None, fetched_at: datetime) -> bool:
    """Else news that came after the page was read has been taken in already, and the page is old."""
    return ours is None or ours.fetched_at <= fetched_at


def _subjects(pairs: Iterable[tuple[str, Subscription | Invoice | None]]) -> list[str]:
    """Ours, and what stood for it while it was missing here."""
    return [subject for id, one in pairs for subject in (f"{PORT}:{id}", *([one.id] if one else []))]


# ------------------------------------------------------------ putting it right


def ask(drift: Drift) -> None:
    """In an act: have it read by itself, and our copy follow."""
    if drift.external_id is None:
        return
    drift.asked_at = performing().now
    invoice = drift.kind == "invoice_differs"
    says = f"Read {'the invoice' if invoice else 'the subscription'} {drift.external_id} from Stripe"
    promise(
        _read_invoice if invoice else _read_subscription, drift, lane=f"{PORT}:{drift.external_id}", says=says,
        arguments={"id": drift.external_id}, due_in=_AT_ONCE,
    )  # fmt: skip


@act(robots=("worker",))
def subscription_read(
    drift_id: str, *, facts: SubscriptionFacts | None, fetched_at: datetime, by: Actor
) -> Drift:
    """Stripe told how it stands: our copy follows."""
    drift = Drift.lock(drift_id)
    if facts and drift.status == DriftStatus.OPEN:
        one = subscriptions.settle(facts.id, facts=facts, fetched_at=fetched_at, by=STRIPE)
        _follow(drift, of_subscription(one, one.items() if one else (), facts))
    say(f"Stripe says: {facts.raw_status if facts else 'not there'}")
    return drift


@act(robots=("worker",))
def invoice_read(drift_id: str, *, facts: InvoiceFacts | None, fetched_at: datetime, by: Actor) -> Drift:
    """Stripe told how it stands: our copy follows."""
    drift = Drift.lock(drift_id)
    if facts and drift.status == DriftStatus.OPEN:
        _follow(
            drift, of_invoice(billing.settle(facts.id, facts=facts, fetched_at=fetched_at, by=STRIPE), facts)
        )
    say(f"Stripe says: {facts.raw_status if facts else 'not there'}")
    return drift


def _follow(drift: Drift, left: Finding | None) -> None:
    if left is None:
        run = ReconciliationRun.lock(drift.run_id)
        end(run if run.fix else mending(drift), drift)
    else:
        drift.ours, drift.theirs = left.ours[:300], left.theirs[:300]


_list_subscriptions = keeper(
    "reconciliation.subscriptions", call="billing.subscriptions", then=billed, changes=False
)
_list_invoices = keeper("reconciliation.invoices", call="billing.invoices", then=billed, changes=False)
_read_subscription = keeper(
    "reconciliation.subscription", call="billing.fetch_subscription", then=subscription_read, changes=False
)
_read_invoice = keeper(
    "reconciliation.invoice", call="billing.fetch_invoice", then=invoice_read, changes=False
)
