"""Deciding on several acts at once: all of them can be done, or none is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import (
    Customer,
    Intercept,
    Order,
    OrderStatus,
    Plan,
    PlanStep,
    Prescription,
    Product,
    Refund,
    Shipment,
    StepKind,
    Subscription,
)
from .. import messages, orders, outbox, prescriptions, refunds, shipments, subscriptions
from .._act import act, cannot_undo, concerns, performing, say, warn
from .._actor import Actor

ANSWER = "the pharmacy's answer"
_K = StepKind
_NAMES = {
    _K.STOP_PARCEL: "Stopping the parcel",
    _K.CANCEL: "Canceling",
    _K.STOP_PRESCRIPTION: "Canceling the prescription",
    _K.PAUSE: "Pausing",
    _K.REFUND: "Refunding",
    _K.TELL: "Telling",
}
_TRUE_WHEN_CANCELED, _TRUE_WHEN_REFUNDED = "order_canceled", "refund_issued"  # templates


class NoSuchStep(Refused):
    """There is nothing that this step could be about."""


@dataclass(frozen=True)
class RefundAsked:
    """So many minor units, or all that is left where `amount` is None. `reason` is a code of refunds.REASONS."""

    amount: int | None
    reason: str


@act(undo=60)
def make(
    order_id: str,
    *,
    refund: RefundAsked | None,
    cancel: str | None,
    stop_parcel: bool,
    tell: str | None,
    wait: bool,
    pause_until: date | None = None,
    prescription: str | None = None,
    by: Actor,
) -> Plan:
    """Do several things about an order together: have its parcel stopped, cancel it (`cancel` is a code of orders.REASONS),
    cancel a `prescription` of the customer's at its pharmacy (an id or URL), pause the subscription that it belongs to until
    a day, refund it, tell the customer by a template. Each is an act of its own, with its own right and limits; when one is
    refused, none is done, and the refusal names it; when one needs approval, all of it is asked for.

    While the pharmacy has the order, or is to cancel the prescription, `wait` sets the money apart until it has, so that
    nothing is given back for what ships. Raises what its steps raise, NoSuchStep, Invalid.
    """
    if not (refund or cancel or stop_parcel or tell or pause_until or prescription):
        raise Invalid({"cancel": ["Choose one step at least."]})
    Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    plan = Plan(
        order_id=order.id, customer_id=order.customer_id, by=by.label, by_id=by.id, trace_id=performing().trace,
        created_at=performing().now,
    ).add()  # fmt: skip
    made: list[PlanStep] = []
    if stop_parcel:
        made += _stop_parcel(plan, order, by)
    if cancel:
        made.append(_cancel(plan, order, cancel, by))
    if prescription:
        made.append(_stop_prescription(plan, order, prescription, by))
    if pause_until:
        made.append(_pause(plan, order, pause_until, by))
    asked = bool(cancel) and order.status != OrderStatus.CANCELED
    awaited = wait and (asked or bool(prescription))
    given = _refund(plan, order, refund, ANSWER if awaited else None, by) if refund else []
    made += given
    if tell:
        made.append(_tell(plan, order, tell, given, asked, by))
    for position, step in enumerate(made, 1):
        step.position = position
        step.add()
    _tell_of_answer(order, given, asked, bool(prescription))
    concerns(*plan.related())
    say(f"Plan for order {order.reference}: {', '.join(_K(step.kind).replace('_', ' ') for step in made)}")
    return plan


def _stop_parcel(plan: Plan, order: Order, by: Actor) -> list[PlanStep]:
    with _named(_K.STOP_PARCEL, {"": "stop_parcel"}):
        if why_not := why_not_parcel(order):
            raise NoSuchStep(why_not)
        found = []
        for parcel in _stoppable(order):
            shipments.intercept(parcel.id, reason="Part of a plan for its order", by=by)
            found.append(_step(plan, _K.STOP_PARCEL, Intercept.of(parcel.id)[0].id))
        return found


def _stoppable(order: Order) -> list[Shipment]:
    of_order = Shipment.of_order(order.id)
    return [one for one in of_order if not shipments.why_not_intercept(order, one, Intercept.of(one.id))]


def why_not_parcel(order: Order) -> str | None:
    """Why no parcel of an order can be stopped now; None when one can."""
    of_order = Shipment.of_order(order.id)
    if not of_order:
        return "No parcel of this order is known."
    why_not = [shipments.why_not_intercept(order, one, Intercept.of(one.id)) for one in of_order]
    return None if None in why_not else why_not[-1]


def _cancel(plan: Plan, order: Order, reason: str, by: Actor) -> PlanStep:
    with _named(_K.CANCEL, {"": "cancel"}):
        orders.cancel(order.id, reason=reason, by=by)
        return _step(plan, _K.CANCEL, order.id)


def _stop_prescription(plan: Plan, order: Order, prescription: str, by: Actor) -> PlanStep:
    with _named(_K.STOP_PRESCRIPTION, {"": "prescription", "reason": "prescription"}):
        rx = Prescription.get(prescription.rsplit("/", 1)[-1])
        if rx is None or rx.customer_id != order.customer_id:
            raise NoSuchStep("That is no prescription of this customer's.")
        return _step(
            plan, _K.STOP_PRESCRIPTION, prescriptions.cancel(rx.id, reason="customer_asked", by=by).id
        )


def _pause(plan: Plan, order: Order, until: date, by: Actor) -> PlanStep:
    with _named(_K.PAUSE, {"": "pause_until"}):
        one = subscription_of(order)
        if one is None:
            raise NoSuchStep("No live subscription of theirs is for what this order has.")
        change = subscriptions.pause(
            one.id, kind=None, behavior=None, resume_on=until, deliveries=None, reason="customer_request", note="", by=by
        )  # fmt: skip
        return _step(plan, _K.PAUSE, change.id)


def subscription_of(order: Order) -> Subscription | None:
    """The subscription that charges again for what the order has, where there is one."""
    skus = {line.sku for line in order.lines()}
    for one in Subscription.of_customer(order.customer_id):
        if subscriptions.why_not_pause(one) is None:
            products = Product.each(item.product_id for item in one.items()).values()
            if skus & {product.sku for product in products}:
                return one
    return None


def _refund(plan: Plan, order: Order, asked: RefundAsked, waits_for: str | None, by: Actor) -> list[PlanStep]:
    with _named(_K.REFUND, {"": "refund-amount", "reason": "refund-reason", "note": "refund-reason"}):
        found = []
        for amount, payment in _amounts(order, asked):
            one = refunds.issue(
                order.id, amount=amount, lines=(), shipping=None, reason=asked.reason, note="", payment=payment,
                confirm_fraud=False, waits_for=waits_for, by=by,
            )  # fmt: skip
            found.append(_step(plan, _K.REFUND, one.id, waits_for))
        return found


def _amounts(order: Order, asked: RefundAsked) -> list[tuple[int, str | None]]:
    """What goes back of which payment: all that is left of each, or so much of the only one."""
    if asked.amount is not None:
        return [(asked.amount, None)]
    left = [(one.left.refundable, one.payment.id) for one in order.paid() if one.left.refundable]
    if not left:
        raise refunds.NotRefundable("Nothing is left to refund.")
    return [*left]


def _tell(plan: Plan, order: Order, template: str, given: list[PlanStep], asked: bool, by: Actor) -> PlanStep:
    """A message that tells of the cancelation or of the refund goes out once that is so."""
    with _named(_K.TELL, {"": "tell"}):
        about_refund = template == _TRUE_WHEN_REFUNDED
        if about_refund and not given:
            raise NoSuchStep("That message is about a refund, and the plan has none.")
        waits = bool(given[0].waits_for) if about_refund else asked and template == _TRUE_WHEN_CANCELED
        after = outbox.of(given[0].subject_id)[0].id if about_refund and not waits else None
        one = messages.send(
            order.customer_id, template=template, order=order.id, refund=given[0].subject_id if about_refund else None,
            waits_for=ANSWER if waits else None, after=after, by=by,
        )  # fmt: skip
        return _step(plan, _K.TELL, one.id, ANSWER if waits else None)


def _step(plan: Plan, kind: StepKind, subject_id: str, waits_for: str | None = None) -> PlanStep:
    return PlanStep(
        plan_id=plan.id,
        kind=kind.value,
        subject_id=subject_id,
        waits_for=waits_for,
        created_at=performing().now,
    )


def _tell_of_answer(order: Order, given: list[PlanStep], asked: bool, prescription: bool) -> None:
    """What of it hangs on the pharmacy's answer."""
    if asked:
        cannot_undo()  # the pharmacy is asked at once: each minute counts
    if not given or not (asked or prescription):
        return
    sum_ = sum(Refund.require(step.subject_id).amount for step in given)
    money = Money(sum_, order.currency)
    if given[0].waits_for:
        warn(f"{money} goes back once the pharmacy has stopped it. If it would not, nothing goes back.")
    else:
        warn(f"{money} goes back whatever the pharmacy answers, also when it ships all the same.")


@contextmanager
def _named(kind: StepKind, fields: dict[str, str]) -> Iterator[None]:
    """What refuses a step refuses the plan, and says which step that is. `fields`: its inputs by their names here."""
    try:
        yield
    except Refused as no:
        at = fields.get(no.field or "", fields[""])
        words = f"{_NAMES[kind]}: {no.message}"
        raise Refused(words, field=at, code=no.code, more={**no.more, "step": kind.value}) from no
    except Invalid as no:
        raise Invalid({fields.get(name, fields[""]): said for name, said in no.errors.items()}) from no
