"""What all decisions have in common: who may sign, what is locked, and what follows for order, patient and visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from ...lib.money import Money
from ...lib.zones import today_in
from ...models import (
    Customer,
    Order,
    OrderStatus,
    Provider,
    ProviderLicence,
    Subscription,
    Visit,
    VisitStatus,
)
from ...vendors.healthcare import VisitFacts
from .. import cases, messages, payments
from .._act import act, performing, say, tell_change, warn
from .._actor import Actor
from ..outbox import keeper, promise
from ._claim import take
from ._clock import LATE
from ._licences import licence_to_decide
from ._who import deciding

UNDO = 120  # seconds
REJECTED = "clinically_rejected"  # the reason of the case, and of the refund that it suggests
NOT_REPLACED = "rx_not_replaced"
ANSWERED, ASKS = "clinician_answered", "clinician_asks"  # what the patient is told, in neutral words
_S = VisitStatus


@dataclass(frozen=True)
class Decided:
    """Who decides on what: all of it locked, the licence too."""

    visit: Visit
    customer: Customer
    order: Order | None
    provider: Provider
    licence: ProviderLicence
    at: datetime

    @property
    def today(self) -> date:
        """Which day it is where the patient is."""
        return today_in(self.visit.patient_state, self.at)


def begin(visit_id: str, provider: str | None, by: Actor) -> Decided:
    """Whoever decides has the visit, or takes it by deciding. Raises NotToDecide, Taken, NotLicensed, NotAClinician,
    Invalid."""
    known, at = Visit.require(visit_id), performing().now
    customer = Customer.lock(known.customer_id)
    order = Order.lock(known.order_id) if known.order_id else None
    visit = Visit.lock(visit_id)
    signs = deciding(by, provider, visit, at)
    take(visit, signs)
    return Decided(visit, customer, order, signs, licence_to_decide(visit, signs, at), at)


def end(decided: Decided, status: VisitStatus) -> None:
    """The visit is decided on: the healthcare system closes it, and the patient is told that there is an answer."""
    visit = decided.visit
    visit.decided_at = decided.at
    visit.opinion_asked_at = visit.opinion_of_id = visit.opinion_for_id = None
    visit.move_to(status)
    cases.close_when_solved(LATE, visit.id, "decided")
    if visit.external_id:
        promise(
            close,
            visit,
            lane=visit.lane,
            says="The healthcare system closes the visit",
            arguments={
                "visit": visit.external_id,
                "practitioner": decided.provider.external_id,
                "status": "finished",
            },
        )
    tell_patient(decided, ANSWERED)


def tell_patient(decided: Decided, template: str) -> None:
    if why_not := messages.why_not_write(decided.customer):
        warn(f"The patient is not told: {why_not[0].lower()}{why_not[1:]}")
        return
    messages.write(decided.customer, template=template, data={})
    tell_change(decided.visit, "message to the patient", "", messages.text(template, {}))


def nothing_is_prescribed(decided: Decided) -> None:
    """Nothing of the order is sent, and what was paid for it waits for a person to give it back."""
    visit, order = decided.visit, decided.order
    if visit.prescription_id:
        _not_replaced(visit, order)
    elif order and order.status == OrderStatus.IN_REVIEW:
        payments.call_off(order)
        order.move_to(OrderStatus.REJECTED)
        offer_refund(order)
    elif order and order.status == OrderStatus.ON_HOLD:
        warn(f"Order {order.reference} is held: nothing of it is sent. Cancel it once it is released.")
        offer_refund(order)
    if not visit.prescription_id:
        tell_subscriptions(decided, "goes on unless somebody cancels it")


def offer_refund(order: Order) -> None:
    """Nobody gives money back by deciding: Support does, from a form that is filled in already."""
    left = [paid for paid in order.paid() if paid.left.refundable]
    total = sum(paid.left.refundable for paid in left)
    if not left:
        tell_change(order, "money", "", "nothing was charged, and nothing will be")
        return
    first, money = left[0], Money(total, order.currency)
    prefilled = {
        "payment": first.payment.id,
        "amount": Money(first.left.refundable, order.currency).amount,
        "reason": REJECTED,
    }
    cases.open_case(
        REJECTED,
        order.id,
        says=f"A clinician declined order {order.reference}, and {money} of it was paid: give it back.",
        suggests={"act": "refunds.issue", "url": f"{order.url}/refund?{urlencode(prefilled)}", "label": f"Refund {money}"},
        about=order.related(),
    )  # fmt: skip
    tell_change(order, "money", "", f"{money} was paid: Support gets a case to refund all of it")


def _not_replaced(visit: Visit, order: Order | None) -> None:
    subject = order.id if order else visit.prescription_id or visit.id
    about = visit.related()
    cases.open_case(
        NOT_REPLACED,
        subject,
        says="A clinician will not prescribe it anew. What waits for it cannot be filled: cancel it, or ask the patient.",
        suggests={"act": "orders.cancel", "url": f"{order.url}/plan", "label": "Cancel and refund"} if order else None,
        about=about,
    )  # fmt: skip
    tell_change(visit, "the present prescription", "", "stays as it is: nothing is filled from it")
    if order:
        tell_change(order, "money", "", "nothing moves by itself: Support gets a case")


def tell_money(order: Order) -> None:
    """What an approval means for the order's money."""
    paid = sum(one.left.refundable for one in order.paid())
    if order.is_paid():
        money = Money(paid, order.currency)
        words = f"{money} is paid already: nothing more is charged" if paid else "there is nothing to pay"
    else:
        words = f"{order.total_money} is to be paid once the prescription is there"
    tell_change(order, "money", "", words)


def tell_subscriptions(decided: Decided, otherwise: str = "") -> None:
    """When what renews is charged next."""
    for one in Subscription.of_customer(decided.customer.id):
        if one.live and one.next_charge_at:
            words = f"charged next on {one.next_charge_at:%-d %b %Y}"
            tell_change(one, "renewal", "", f"{words}; {otherwise}" if otherwise else words)


@act(robots=("worker",))
def closed(visit_id: str, *, facts: VisitFacts, fetched_at: datetime, by: Actor) -> Visit:
    """The healthcare system has closed it."""
    visit = Visit.lock(visit_id)
    visit.raw_status, visit.source_version = facts.raw_status[:60], facts.version
    visit.source_updated_at, visit.fetched_at = facts.updated_at, fetched_at
    if visit.status in (_S.APPROVED, _S.DENIED, _S.REFERRED):
        visit.move_to(_S.COMPLETED)
    say("The healthcare system closed the visit")
    return visit


@act(robots=("worker",))
def not_closed(visit_id: str, *, code: str, words: str, by: Actor) -> Visit:
    """The healthcare system would not close it: the decision holds all the same. The outbox opens the case."""
    visit = Visit.lock(visit_id)
    say(f"The healthcare system did not close the visit: {words}")
    return visit


close = keeper("visits.close", call="healthcare.close_visit", then=closed, declined=not_closed)
