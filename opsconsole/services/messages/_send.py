"""Writing to a customer, step one: a person or a program decides, and the message is planned."""

from __future__ import annotations

from typing import TypeVar

from ... import vendors
from ...lib.refusal import Invalid, Refused
from ...models import Customer, Message, MessageStatus, Order, Promise, Refund
from .._act import act, performing, say
from .._actor import Actor
from ..outbox import promise
from ._mail import asks, mail
from .templates import BY_HAND, Template, values

N = TypeVar("N", Order, Refund)


class NoCrm(Refused):
    """This installation does without a CRM."""


class NoAddress(Refused):
    """We know no e-mail address of the customer."""


class NotSo(Refused):
    """The message would tell the customer what is not so, or not yet."""


@act(undo=60)
def send(
    customer_id: str,
    *,
    template: str,
    order: str | None,
    refund: str | None,
    waits_for: str | None = None,
    after: str | None = None,
    by: Actor,
) -> Message:
    """E-mail a customer a neutral template, about one of their orders or refunds where it needs one.

    `order` and `refund` are our ids or URLs. Its values come from what it is about, nothing is typed. With `waits_for`, in
    words, it is written and goes out only by `let_go`; `after` is the id of a promise that has to be kept first. What it
    says need not be so yet then. Raises NoCrm, NoAddress, NotSo, Invalid.
    """
    if not vendors.connected("crm"):
        raise NoCrm("No CRM is connected: nobody can be written to from here.")
    chosen = _chosen(template)
    customer = Customer.lock(customer_id)
    about_refund = _theirs(Refund, refund, customer, "refund") if chosen.about == "refund" else None
    named = about_refund.order_id if about_refund else order if chosen.about == "order" else None
    about_order = _theirs(Order, named, customer, "order") if chosen.about else None
    if not (waits_for or after):
        _must_be_so(chosen, about_refund or about_order)
    if not customer.email:
        raise NoAddress("We know no e-mail address of this customer.")
    message = Message(
        status=MessageStatus.PLANNED,
        customer_id=customer.id,
        order_id=about_order.id if about_order else None,
        refund_id=about_refund.id if about_refund else None,
        template=chosen.code,
        data=values(chosen, about_order, about_refund),
        to_address=customer.email,
        waits_for=waits_for,
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    if waits_for is None:
        owe(message, Promise.get(after or ""))
    say(f"Message to the customer{f', after {waits_for}' if waits_for else ''}: {chosen.label.lower()}")
    return message


def owe(message: Message, after: Promise | None = None) -> None:
    """In an act: have a planned message handed to the CRM, once `after` is kept."""
    asked = asks(message)
    lane = f"crm:{message.customer_id}"
    made = promise(mail, message, lane=lane, says=asked.says, arguments=asked.arguments, after=after)
    message.external_id = vendors.port("crm").message_id(made.ref)  # so that every report finds it


def let_go(message_id: str, *, after: Promise | None = None) -> None:
    """What a message waited for has come: the act under way owes it, once `after` is kept."""
    message = Message.lock(message_id)
    if message.waits_for:
        message.waits_for = None
        owe(message, after)


def drop(message_id: str) -> None:
    """What a message waited for will not come: it would tell what is not so."""
    message = Message.lock(message_id)
    if message.waits_for:
        message.waits_for = None
        message.move_to(MessageStatus.WITHDRAWN)


def _chosen(code: str) -> Template:
    if code not in BY_HAND:
        raise Invalid({"template": [f"Choose one of: {', '.join(BY_HAND)}."]})
    return BY_HAND[code]


def _theirs(noun: type[N], id: str | None, customer: Customer, field: str) -> N:
    """The order or refund that the message is about, which must be this customer's."""
    found = noun.get((id or "").rsplit("/", 1)[-1])
    if found is None or found.customer_id != customer.id:
        words = (
            f"Choose one of this customer's {field}s." if not id else f"This customer has no such {field}."
        )
        raise Invalid({field: [words]})
    return found


def _must_be_so(template: Template, about: Order | Refund | None) -> None:
    if about is not None and about.state not in template.so_while:
        noun, status = about.noun(), about.status.replace("_", " ")
        raise NotSo(f"“{template.label}” would not be so: the {noun} is {status}.", field=noun)
