"""Taking in a payout as the processor holds it, and what it is made of once that can be read."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...models import Payout, PayoutStatus, PromiseStatus
from ...vendors.billing import Listed, PayoutFacts
from .. import cases, outbox
from .._act import act, say
from .._actor import Actor
from ..outbox import keeper, promise
from ._entries import take_in

CAME_BACK = "payout_failed"
ITEMISES = "payouts.itemise"
RECONCILED = "completed"  # the processor's word for: what it is made of can be read


@act(robots=("stripe", "worker"))
def settle(payout_ref: str, *, facts: PayoutFacts | None, fetched_at: datetime, by: Actor) -> Payout | None:
    """Mirror a payout. An older fetch never overwrites a newer one. `payout_ref` is the processor's id."""
    if facts is None:
        say(f"Stripe has no payout {payout_ref}")
        return None
    payout = mirror(facts, fetched_at)
    say(f"Payout of {payout.money}: {payout.state.value.replace('_', ' ')}")
    return payout


def mirror(facts: PayoutFacts, fetched_at: datetime) -> Payout:
    """In an act: bring our copy up to what was fetched, and promise to read what it is made of once that is known."""
    payout = _locked(facts, fetched_at)
    if fetched_at < payout.fetched_at:
        return payout
    payout.fetched_at, payout.raw_status = fetched_at, facts.status[:60]
    payout.amount, payout.currency, payout.arrives_on = facts.amount, facts.currency, facts.arrives_on
    payout.automatic, payout.reconciled, payout.failure_code = (
        facts.automatic,
        facts.reconciled,
        facts.failure_code,
    )
    payout.move_to(_status(facts.status))
    _watch(payout)
    if (
        payout.automatic
        and payout.reconciled == RECONCILED
        and not payout.read_at
        and not _being_read(payout)
    ):
        _read_page(payout, after=None)
    return payout


@act(robots=("worker",))
def itemised(payout_id: str, *, facts: Listed, fetched_at: datetime, by: Actor) -> Payout:
    """Take in a page of what a payout is made of."""
    payout = Payout.lock(payout_id)
    fresh = take_in(facts.items)
    say(f"Read {len(facts.items)} entries of the payout of {payout.money}, {fresh} of them new to us")
    if facts.next:
        _read_page(payout, after=facts.next)
    else:
        payout.read_at = fetched_at
    return payout


_itemise = keeper(ITEMISES, call="billing.entries", then=itemised, changes=False)


def _locked(facts: PayoutFacts, fetched_at: datetime) -> Payout:
    if found := Payout.by_external(facts.id):
        return Payout.lock(found.id)
    return Payout(
        status=PayoutStatus.PENDING,
        external_id=facts.id,
        currency=facts.currency,
        amount=facts.amount,
        arrives_on=facts.arrives_on,
        automatic=facts.automatic,
        created_at=facts.created_at,
        fetched_at=fetched_at,
    ).add()


def _status(word: str) -> PayoutStatus:
    return next((one for one in PayoutStatus if one == word), PayoutStatus.UNKNOWN)


def _being_read(payout: Payout) -> bool:
    under_way = (PromiseStatus.WAITING, PromiseStatus.CLAIMED, PromiseStatus.MANUAL_INTERVENTION)
    return any(one.status in under_way for one in outbox.of(payout.id))


def _read_page(payout: Payout, *, after: str | None) -> None:
    promise(
        _itemise,
        payout,
        lane=payout.lane,
        says=f"Stripe lists what the payout of {payout.money} is made of",
        arguments={"payout": payout.external_id, "after": after},
        due_in=timedelta(0),
    )


def _watch(payout: Payout) -> None:
    if payout.status == PayoutStatus.UNKNOWN:
        cases.open_case(
            "vendor_status_unknown",
            payout.id,
            says=f"Stripe calls this payout “{payout.raw_status}”, a word we do not know.",
        )
    else:
        cases.close_when_solved("vendor_status_unknown", payout.id, "Stripe uses a word we know again")
    if payout.status == PayoutStatus.FAILED:
        why = (payout.failure_code or "the bank gave no reason").replace("_", " ")
        cases.open_case(
            CAME_BACK,
            payout.id,
            says=f"The bank sent the payout of {payout.money} back: {why}. The money is on our balance at Stripe again.",
            suggests={
                "act": "payouts.read",
                "url": payout.url,
                "label": "See it, then check the bank account in Stripe",
            },
        )
    else:
        cases.close_when_solved(CAME_BACK, payout.id, f"it is {payout.state.value.replace('_', ' ')}")
