"""A payment that was made for one of our collections tells how that went: at once, or days later."""

from __future__ import annotations

from datetime import datetime

from ...models import Collection, CollectionStatus, Customer, Order
from ...vendors.payments import PaymentFacts, PaymentState
from .. import cases, outbox

_C = CollectionStatus
_STATUS = {
    PaymentState.SUCCEEDED: _C.SUCCEEDED,
    PaymentState.PROCESSING: _C.PROCESSING,
    PaymentState.AUTHORISED: _C.PROCESSING,
    PaymentState.REQUIRES_ACTION: _C.REQUIRES_ACTION,
    PaymentState.REQUIRES_PAYMENT: _C.FAILED,
    PaymentState.CANCELED: _C.FAILED,
}
FAILED = "charge_failed"  # the reason of the case


def collection_of(facts: PaymentFacts) -> Collection | None:
    """The collection that a payment names, if it is of that customer. Its order is locked: that comes before payments."""
    named = facts.tags.get("opsconsole_subject")
    found = Collection.get(named) if named else None
    if found is None or facts.customer is None:
        return None
    customer = Customer.by_external("stripe", facts.customer)
    if customer is None or customer.id != found.customer_id:
        return None
    Order.lock(found.order_id)
    return found


def follow(collection_id: str, facts: PaymentFacts, *, fetched_at: datetime) -> None:
    """Bring the collection up to its payment. A no to a call that is under way is the worker's to tell, and what an
    earlier round's card did not pay is no news."""
    collection = Collection.lock(collection_id)
    status = _STATUS.get(facts.state)
    if status is None or (collection.fetched_at and fetched_at < collection.fetched_at):
        return
    if status is _C.FAILED and collection.external_id != facts.id:
        return
    if collection.status in (_C.WITHDRAWN, _C.SUCCEEDED):
        return _too_late(collection, facts)
    if collection.status == _C.SUBMITTED:
        outbox.proven(collection.id)
    elif collection.status == _C.FAILED and status is not _C.FAILED:
        outbox.moot(collection.id, "the payment went on")
        cases.close_when_solved(FAILED, collection.id, "the payment went on")
    collection.external_id = facts.id
    collection.fetched_at = fetched_at
    if status is not _C.FAILED:
        collection.failure_reason = None
        collection.move_to(status)
    elif collection.status != _C.FAILED:
        _failed(collection, facts)


def _failed(collection: Collection, facts: PaymentFacts) -> None:
    """It was taken in, and came to nothing after all."""
    collection.failure_reason = (facts.failure_words or "Stripe gave no reason.")[:500]
    collection.move_to(_C.FAILED)
    again = f"/orders/{collection.order_id}/collect"
    cases.open_case(
        FAILED,
        collection.id,
        says=f"{collection.money} could not be collected from {collection.card}: {collection.failure_reason}",
        suggests={"act": "payments.collect", "url": again, "label": "Charge the saved card again"},
        about=collection.related(),
    )


def _too_late(collection: Collection, facts: PaymentFacts) -> None:
    """Money that came in although it was undone here, or twice, is for a person to look at."""
    if facts.state is not PaymentState.SUCCEEDED or collection.external_id == facts.id:
        return
    came = "was undone here" if collection.status == _C.WITHDRAWN else "had been collected"
    cases.open_case(
        "our_fault",
        collection.id,
        says=f"{collection.money} {came}, yet Stripe charged {facts.id}. Tell finance and engineering.",
        about=collection.related(),
    )
