"""A customer's balance at Stripe: what credit they have, how it came to be, granting more and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Regexp

from ..lib.money import Money
from ..models import BalanceMove, Customer, Order
from ..services import billing, refunds
from ._acting import Asked, performs
from ._browser import at
from ._fields import MoneyField, SelectChoice, required, text
from ._listing import Acts, act_on, shown
from ._masking import written
from ._who import actor, reads

pages = Blueprint("balances", __name__)
SHOWN = 5  # entries on the customer's page
_NO_HEALTH = "No health details: anybody in ops can read it."
_SENT = "Stripe is asked in a minute; until then you can undo it."


def beside(customer: Customer) -> dict[str, Any]:
    """What a customer's page shows of the balance, for templates/balances/_beside.html."""
    if not actor().may("invoices.read"):
        return {"balance": None}
    found = billing.ledger(customer.id)
    newest = [*reversed(found.entries)][:SHOWN] if found else []
    return {"balance": {"ledger": found, "rows": rows(newest), "acts": [granting(customer)]}}


def granting(customer: Customer) -> dict[str, Any]:
    return act_on(customer, "billing.grant", f"{customer.url}/grant", "Grant credit")


def rows(entries: Any) -> list[dict[str, Any]]:
    """Entries with what may be done about each, the way templates take them."""
    return [{"entry": one, "act": _take_back(one)} for one in entries]


def _take_back(entry: billing.Entry) -> dict[str, Any] | None:
    move = entry.move
    if move is None or move.reverses_id:
        return None
    return act_on(
        move, "billing.take_back", f"/balance-moves/{move.id}/take_back", "Take back",
        why_not=billing.why_not_take_back(move, entry.left),
    )  # fmt: skip


@pages.get("/customers/<customer_id>/balance")
@reads("invoices")
def show(customer_id: str) -> ResponseReturnValue:
    customer = Customer.require(customer_id)
    found = billing.ledger(customer_id)
    entries = [*reversed(found.entries)] if found else []
    return shown(
        customer,
        lambda: {
            "id": customer.id,
            "url": f"{customer.url}/balance",
            "customer": customer.url,
            "credit": found.credit.as_json if found else None,
            "owed": found.owed.as_json if found else None,
            "entries": [_told(one) for one in entries],
            "acts": [granting(customer)],
        },
        "balances/show.html",
        lambda: {
            "customer": customer,
            "ledger": found,
            "rows": rows(entries),
            "acts": [granting(customer)],
        },
    )


def _told(entry: billing.Entry) -> dict[str, Any]:
    move, act = entry.move, _take_back(entry)
    acts: Acts = [act] if act else []
    return {
        "id": move.id if move else None,
        "amount": entry.money.as_json,
        "credit": entry.amount < 0,
        "says": entry.words,
        "at": at(entry.at),
        "waits": entry.waits,
        "left": entry.left_money.as_json,
        "invoice": entry.invoice.url if entry.invoice else None,
        "credit_note": entry.note.url if entry.note else None,
        "eaten_by": [one.url for one, _ in entry.eaten_by if one],
        "reverses": move.reverses_id if move else None,
        "change": f"/changes/{move.change_id}" if move and move.change_id else None,
        "reason": move.reason if move else None,
        "note": written(move.note) if move else None,
        "by": move.by if move else None,
        "acts": acts,
    }


def _reason(choices: dict[str, str]) -> SelectField:
    return SelectField(
        "Reason",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(code, words) for code, words in choices.items()),
        ],
        validate_choice=False,
    )


class GrantForm(Form):
    amount = MoneyField("Amount", required("Write how much."))
    currency = StringField(
        "Currency", [Regexp("^[a-z]{3}$", message="Three small letters, like usd.")], default="usd"
    )
    reason = _reason({code: words for code, (words, _) in billing.GRANT_REASONS.items()})
    note = TextAreaField("Note for colleagues", text(2000), description=_NO_HEALTH)
    order = HiddenField("About the order", text(100), description="Its id, if it is about one.")


@pages.route("/customers/<customer_id>/grant", methods=["GET", "POST"])
@performs(billing.grant, GrantForm)
def grant(form: GrantForm, customer_id: str) -> Asked:
    customer, found = Customer.require(customer_id), billing.ledger(customer_id)
    if found and not form.currency.raw_data:
        form.currency.data = found.currency
    return Asked(
        customer_id,
        lambda: {
            "amount": form.amount.minor or 0,
            "currency": form.currency.data or "usd",
            "reason": form.reason.data,
            "note": form.note.data or "",
            "order": _order(form.order.data, customer_id),
        },
        context={"customer": customer, "ledger": found, "submit": "Grant it"},
        done=_SENT,
    )


def _order(given: str | None, customer_id: str) -> str | None:
    """Our id of the customer's order, where one is named."""
    found = Order.get(given.rsplit("/", 1)[-1]) if given else None
    return found.id if found and found.customer_id == customer_id else None


class GiveBackForm(Form):
    """Choices of `payment` and the currency come from the order."""

    to_card = MoneyField("Back to the card", text(40), description="It takes 5 to 10 days.")
    to_balance = MoneyField(
        "As account credit", text(40), description="Their next invoice is less by it, at once."
    )
    payment = SelectField("Payment", validate_choice=False)
    reason = _reason({code: one.label for code, one in refunds.REASONS.items() if code != "fraud"})
    note = TextAreaField("Note for colleagues", text(2000), description=_NO_HEALTH)
    currency = "usd"


@pages.route("/orders/<order_id>/give_back", methods=["GET", "POST"])
@performs(billing.give_back, GiveBackForm)
def give_back(form: GiveBackForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    form.currency = order.currency
    paid = [one for one in order.paid() if one.left.refundable]
    form.payment.choices = [
        SelectChoice("", "Choose which…"),
        *(SelectChoice(one.payment.id, f"{one.payment.card}, {one.left.money} left") for one in paid),
    ]
    return Asked(
        order_id,
        lambda: {
            "to_card": form.to_card.minor or 0,
            "to_balance": form.to_balance.minor or 0,
            "reason": form.reason.data,
            "note": form.note.data or "",
            "payment": form.payment.data or None,
        },
        context={
            "order": order,
            "customer": order.customer,
            "paid": order.paid(),
            "credited": Money(refunds.credited_instead(order.id), order.currency),
            "submit": "Give it back",
        },
        done="Planned. Stripe is asked in a minute; until then each part can be undone on its page.",
    )


class TakeBackForm(Form):
    reason = _reason(billing.TAKE_BACK_REASONS)
    note = TextAreaField("Note for colleagues", text(2000), description=_NO_HEALTH)


@pages.route("/balance-moves/<balance_move_id>/take_back", methods=["GET", "POST"])
@performs(billing.take_back, TakeBackForm)
def take_back(form: TakeBackForm, balance_move_id: str) -> Asked:
    move = BalanceMove.require(balance_move_id)
    found = billing.ledger(move.customer_id)
    return Asked(
        balance_move_id,
        lambda: {"reason": form.reason.data, "note": form.note.data or ""},
        context={
            "customer": Customer.require(move.customer_id),
            "move": move,
            "entry": found.of_move(move.id) if found else None,
            "submit": "Take it back",
        },
        done=_SENT,
    )
