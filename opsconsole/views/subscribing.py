"""Subscriptions, continued: what they are for, their end, and taking them up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField
from wtforms.validators import AnyOf, Optional

from ..models import Price, Product, Subscription, SubscriptionItem
from ..services import payments, subscriptions
from ..services.subscriptions import Intent, When
from ..vendors.billing import Proration
from ._acting import Asked, NoInput, performs
from ._fields import SelectChoice, required, text
from ._page import now
from .subscriptions import WhyForm, asking, context_of, pages


class TermsForm(WhyForm):
    """Items to choose from come from the subscription."""

    item = SelectField("Which", [Optional()], validate_choice=False)
    proration = SelectField(
        "The difference until the next charge",
        [Optional(), AnyOf([*Proration], message=f"Write one of {', '.join(Proration)}.")],
        choices=[SelectChoice(each.value, words) for each, words in subscriptions.PRORATION_WORDS.items()],
        default=Proration.NONE.value,
        validate_choice=False,
    )


class AlterForm(TermsForm):
    price = SelectField("How often, for how much", [Optional()], validate_choice=False)
    quantity = IntegerField("How many", [Optional()])


class SwapForm(TermsForm):
    price = SelectField("For what", required("Choose what they shall have instead."), validate_choice=False)


def _priced(prices: Sequence[Price]) -> Sequence[SelectChoice]:
    skus = {id: product.sku for id, product in Product.each(price.product_id for price in prices).items()}
    named = [
        SelectChoice(price.id, f"{price.money}, {price.cadence}", optgroup=skus.get(price.product_id or ""))
        for price in prices
    ]
    return [SelectChoice("", "As it is"), *named]


def _choices(form: AlterForm | SwapForm, context: dict[str, Any], *, other: bool) -> None:
    items: Sequence[SubscriptionItem] = context["items"]
    products = context["products"]
    form.price.choices = _priced(subscriptions.prices_for(items, other=other))
    form.item.choices = [
        SelectChoice(
            item.id, products[item.product_id].sku if item.product_id in products else item.price_key
        )
        for item in items
    ]


@pages.route("/subscriptions/<subscription_id>/alter", methods=["GET", "POST"])
@performs(subscriptions.alter, AlterForm)
def alter(form: AlterForm, subscription_id: str) -> Asked:
    context = context_of(subscription_id, "Change it")
    _choices(form, context, other=False)
    asked = {
        "item": form.item.data or None,
        "price": form.price.data or None,
        "quantity": form.quantity.data,
        "proration": form.proration.data or Proration.NONE.value,
    }
    return Asked(
        subscription_id,
        lambda: asked | {"reason": form.reason.data, "quoted": asking(subscription_id, _to_alter(asked))},
        context=context,
        done="It is changed in a minute; until then you can undo it.",
    )


@pages.route("/subscriptions/<subscription_id>/swap", methods=["GET", "POST"])
@performs(subscriptions.swap, SwapForm)
def swap(form: SwapForm, subscription_id: str) -> Asked:
    context = context_of(subscription_id, "Swap it")
    _choices(form, context, other=True)
    asked = {
        "item": form.item.data or None,
        "price": form.price.data,
        "proration": form.proration.data or Proration.NONE.value,
    }
    return Asked(
        subscription_id,
        lambda: (
            asked
            | {
                "reason": form.reason.data,
                "quoted": asking(subscription_id, _to_alter(asked | {"quantity": None})),
            }
        ),
        context=context,
        done="It is swapped in a minute, or once a prescription covers it; until then you can undo it.",
    )


def _to_alter(asked: dict[str, Any]) -> Any:
    now_ = now()

    def intend(one: Subscription, items: Sequence[SubscriptionItem]) -> Intent:
        return subscriptions.to_alter(one, items, now=now_, **asked)

    return intend


class CancelForm(WhyForm):
    when = SelectField(
        "When",
        required("Choose when it ends."),
        choices=[
            SelectChoice("", "Choose when…"),
            SelectChoice(When.PERIOD_END.value, "With the period that is paid for"),
            SelectChoice(When.ON.value, "On a day"),
            SelectChoice(When.NOW.value, "Now, for good"),
        ],
        validate_choice=False,
    )
    on = DateField("The day", [Optional()])
    feedback = SelectField(
        "What they say",
        [Optional()],
        choices=[
            SelectChoice("", "Nothing"),
            *(SelectChoice(*each) for each in subscriptions.FEEDBACK.items()),
        ],
        validate_choice=False,
    )
    comment = StringField("In their words", text(500), description="Kept at Stripe: no health details.")
    cancel_orders = BooleanField("Cancel what has not left yet, too")


@pages.route("/subscriptions/<subscription_id>/cancel", methods=["GET", "POST"])
@performs(subscriptions.cancel, CancelForm)
def cancel(form: CancelForm, subscription_id: str) -> Asked:
    context = context_of(subscription_id, "End it")
    return Asked(
        subscription_id,
        lambda: {
            "when": form.when.data,
            "on": form.on.data,
            "feedback": form.feedback.data or None,
            "comment": form.comment.data or None,
            "cancel_orders": form.cancel_orders.data,
            "reason": form.reason.data,
        },
        context=context | {"unshipped": subscriptions.unshipped(context["subscription"], context["items"])},
        done="It ends as you chose, from in a minute on; until then you can undo it.",
    )


@pages.route("/subscriptions/<subscription_id>/keep", methods=["GET", "POST"])
@performs(subscriptions.keep)
def keep(form: NoInput, subscription_id: str) -> Asked:
    return Asked(
        subscription_id,
        lambda: {"quoted": asking(subscription_id, subscriptions.to_keep)},
        context=context_of(subscription_id, "Keep it"),
        done="It goes on. Stripe is asked in a minute; until then you can undo it.",
    )


class ReactivateForm(WhyForm):
    starts_on = DateField("First charged on", [Optional()], description="Leave it empty to begin now.")


@pages.route("/subscriptions/<subscription_id>/reactivate", methods=["GET", "POST"])
@performs(subscriptions.reactivate, ReactivateForm)
def reactivate(form: ReactivateForm, subscription_id: str) -> Asked:
    """Its card is asked for first, with no transaction open."""
    context = context_of(subscription_id, "Take it up again")
    one: Subscription = context["subscription"]

    def inputs() -> dict[str, Any]:
        card = payments.ask_card(one.customer_id) if one.final and one.customer_id else None
        return {"starts_on": form.starts_on.data, "card": card, "reason": form.reason.data}

    return Asked(
        subscription_id,
        inputs,
        context=context,
        done="It is taken up again in a minute; until then you can undo it.",
    )
