"""Messages: writing to a customer by a template, and what became of each e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField

from .. import vendors
from ..models import Customer, Message, MessageStatus, Order, Refund
from ..services import audit, cases, messages, orders, outbox, refunds
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import SelectChoice, required
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import live
from ._masking import told as told_pii
from ._masking import written
from ._undoing import sending, undo
from ._who import reads

pages = Blueprint("messages", __name__)


def told(message: Message) -> dict[str, Any]:
    return common(message, acts_of(message)) | {
        "external_id": message.external_id,
        "raw_status": message.raw_status,
        "customer": f"/customers/{message.customer_id}",
        "order": f"/orders/{message.order_id}" if message.order_id else None,
        "refund": f"/refunds/{message.refund_id}" if message.refund_id else None,
        "subscription": f"/subscriptions/{message.subscription_id}" if message.subscription_id else None,
        "template": message.template,
        "data": message.data,
        "reads": messages.text(message.template, message.data),
        "to": (to := told_pii(message, "to_address"))["to_address"],
        "masked": ["to"] if to["masked"] else [],
        "failure_reason": written(message.failure_reason),
        "by": message.by,
        "trace": message.trace_id,
        "fetched_at": at(message.fetched_at),
    }


def acts_of(message: Message) -> Acts:
    return [undo(message, "messages.withdraw", "Customer.io has been asked already.")]


def send_to(customer: Customer) -> dict[str, Any]:
    """The act of writing to a customer, as their page offers it."""
    why_not = None if customer.email else "We know no e-mail address of this customer."
    if not vendors.connected("crm"):
        why_not = "No CRM is connected."
    return act_on(customer, "messages.send", f"{customer.url}/message", "Send message", why_not=why_not)


@pages.get("/messages")
@reads("messages", messages.LIST)
def list() -> ResponseReturnValue:
    return listed(found(), told, "messages/list.html", statuses=MessageStatus, templates=messages.TEMPLATES)


@pages.get("/messages/<message_id>")
@reads("messages")
def show(message_id: str) -> ResponseReturnValue:
    message = Message.require(message_id)
    looks = [message.status, message.fetched_at, audit.movement(message.id)]
    return live(
        looks,
        lambda: shown(message, lambda: told(message), "messages/show.html", lambda: _page(message)),
        final=message.final,
    )


def _page(message: Message) -> dict[str, Any]:
    return sending(message) | {
        "message": message,
        "breakers": [one for one in outbox.health() if one.opened_at and one.port == "crm"],
        "label": messages.TEMPLATES[message.template].label,
        "reads": messages.text(message.template, message.data),
        "customer": Customer.require(message.customer_id),
        "order": Order.get(message.order_id) if message.order_id else None,
        "refund": Refund.get(message.refund_id) if message.refund_id else None,
        "cases": cases.of(message.id),
        "timeline": happened(message),
    }


class SendForm(Form):
    """Choices of `order` and `refund` come from the customer."""

    template = SelectField("Message", required("Choose what to tell them."), validate_choice=False)
    order = SelectField(
        "Order", validate_choice=False, description="Only for a message that is about an order."
    )
    refund = SelectField(
        "Refund", validate_choice=False, description="Only for a message that is about a refund."
    )


@pages.route("/customers/<customer_id>/message", methods=["GET", "POST"])
@performs(messages.send, SendForm)
def send(form: SendForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    bought = orders.find(customer=customer.id).items
    numbers = {order.id: order.reference for order in bought}
    form.template.choices = _choices((code, one.label) for code, one in messages.BY_HAND.items())
    form.order.choices = _choices((order.id, order.reference) for order in bought)
    form.refund.choices = _choices(
        (one.id, f"{one.money}, order {numbers.get(one.order_id or '', 'unknown')}")
        for one in refunds.find(customer=customer.id).items
    )
    return Asked(
        customer_id,
        lambda: {
            "template": form.template.data,
            "order": form.order.data or None,
            "refund": form.refund.data or None,
        },
        context={"customer": customer, "templates": messages.BY_HAND, "submit": "Send message"},
        done="The message is planned. It goes out in a minute; until then you can undo it.",
    )


def _choices(options: Any) -> Sequence[SelectChoice]:
    return [SelectChoice("", "Choose…"), *(SelectChoice(code, words) for code, words in options)]


@pages.route("/messages/<message_id>/withdraw", methods=["GET", "POST"])
@performs(messages.withdraw)
def withdraw(form: NoInput, message_id: str) -> Asked:
    message = Message.require(message_id)
    context = {
        "message": message,
        "label": messages.TEMPLATES[message.template].label,
        "reads": messages.text(message.template, message.data),
        "submit": "Undo this message",
    }
    return Asked(message_id, context=context, done="The message was undone.")
