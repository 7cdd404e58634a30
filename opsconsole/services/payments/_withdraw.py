"""Undoing a collection before the processor is asked."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Collection, CollectionStatus, Order
from ...models.collection import UNDER_WAY
from .. import cases, outbox
from .._act import act, concerns, say
from .._actor import Actor
from ._follow import FAILED


class BeingCharged(Refused):
    """The processor was asked for the order's money and has not said how that ends."""


@act
def withdraw(collection_id: str, *, by: Actor) -> Collection:
    """Take a planned collection back: no card is charged, and the order still waits for its money.

    Raises AlreadyWithdrawn, and NotWithdrawable once the processor may have been asked.
    """
    Order.lock(Collection.require(collection_id).order_id)
    collection = Collection.lock(collection_id)
    if collection.status == CollectionStatus.WITHDRAWN:
        raise outbox.AlreadyWithdrawn("This was undone already.")
    outbox.withdraw(collection)
    collection.move_to(CollectionStatus.WITHDRAWN)
    say(f"Undid collecting {collection.money} from {collection.card}")
    return collection


def call_off(order: Order) -> None:
    """Nothing of a locked order is to be charged any more. Raises BeingCharged when it is too late for that."""
    for known in Collection.of_order(order.id):
        if known.status == CollectionStatus.FAILED:
            outbox.moot(known.id, "the order was canceled")
            cases.close_when_solved(FAILED, known.id, "the order was canceled")
        elif known.status in UNDER_WAY:
            _call_off(Collection.lock(known.id))


def _call_off(collection: Collection) -> None:
    try:
        outbox.withdraw(collection)
    except outbox.NotWithdrawable:
        words = "Stripe is charging the card for it: wait how that ends, then cancel it and refund."
        raise BeingCharged(words) from None
    collection.move_to(CollectionStatus.WITHDRAWN)
    concerns(collection.id)
