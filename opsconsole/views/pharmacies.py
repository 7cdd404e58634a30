"""Pharmacies: who they are, where they are licensed, what they have and take a day, whether they answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, Form, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Optional

from .. import vendors
from ..lib.money import Money
from ..models import Pharmacy, PharmacyOffer, Stock
from ..services import outbox, pharmacies
from ._acting import Asked, performs
from ._fields import MoneyField, SelectChoice, required, text
from ._listing import Acts, act_on, asked, common, listed, shown
from ._page import now
from ._who import reads

pages = Blueprint("pharmacies", __name__)


def told(pharmacy: Pharmacy) -> dict[str, Any]:
    return common(pharmacy, acts_of(pharmacy)) | {
        "name": pharmacy.name,
        "adapter": pharmacy.adapter,
        "active": pharmacy.active,
        "connected": vendors.connected(pharmacy.port),
        "rank": pharmacy.rank,
        "capacity": pharmacy.capacity,
        "licences": [
            {
                "state": one.state,
                "number": one.number,
                "expires_on": one.expires_on.isoformat() if one.expires_on else None,
            }
            for one in pharmacy.licences()
        ],
    }


def told_whole(pharmacy: Pharmacy) -> dict[str, Any]:
    """One pharmacy also tells what it has, and how many fills it got today."""
    return told(pharmacy) | {
        "fills_today": pharmacies.load(now().date()).get(pharmacy.id, 0),
        "offers": [
            {
                "sku": one.sku, "stock": one.stock, "back_on": one.back_on.isoformat() if one.back_on else None,
                "cost": _cost(one).as_json,
            }
            for one in pharmacies.offers(pharmacy)
        ],
    }  # fmt: skip


def _cost(offer: PharmacyOffer) -> Money:
    return Money(offer.cost, offer.currency)


def acts_of(pharmacy: Pharmacy) -> Acts:
    return [
        act_on(pharmacy, "pharmacies.offer", f"{pharmacy.url}/offers", "Stock and cost"),
        act_on(pharmacy, "pharmacies.limit", f"{pharmacy.url}/limit", "Capacity"),
    ]


@pages.get("/pharmacies")
@reads("pharmacies", pharmacies.LIST)
def list() -> ResponseReturnValue:
    found = pharmacies.find(**asked())
    licences = {one.id: one.licences() for one in found.items}
    return listed(
        found,
        told,
        "pharmacies/list.html",
        licences=licences,
        connected=vendors.connected,
        today=now().date(),
    )


@pages.get("/pharmacies/<pharmacy_id>")
@reads("pharmacies")
def show(pharmacy_id: str) -> ResponseReturnValue:
    pharmacy = Pharmacy.require(pharmacy_id)
    return shown(
        pharmacy,
        lambda: told_whole(pharmacy),
        "pharmacies/show.html",
        lambda: {
            "pharmacy": pharmacy,
            "acts": acts_of(pharmacy),
            "offers": pharmacies.offers(pharmacy),
            "cost": _cost,
            "fills_today": pharmacies.load(now().date()).get(pharmacy.id, 0),
            "licences": pharmacy.licences(),
            "connected": vendors.connected(pharmacy.port),
            "breakers": [one for one in outbox.health() if one.opened_at and one.port == pharmacy.port],
            "today": now().date(),
        },
    )


STOCK = {Stock.IN_STOCK: "In stock", Stock.LOW: "Low: another pharmacy is better asked", Stock.OUT: "Out"}


class OfferForm(Form):
    sku = StringField("SKU", text(60, needed=True), description="As orders write it.")
    stock = SelectField(
        "Stock",
        required("Say whether it has it."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(one.value, words) for one, words in STOCK.items()),
        ],
        validate_choice=False,
    )
    cost = MoneyField(
        "Cost of one",
        text(40),
        description="In US dollars; what it charges us. Empty: as it was told before.",
    )
    back_on = DateField("Back on", [Optional()], description="For what is out, where somebody said so.")


@pages.route("/pharmacies/<pharmacy_id>/offers", methods=["GET", "POST"])
@performs(pharmacies.offer, OfferForm)
def offer(form: OfferForm, pharmacy_id: str) -> Asked:
    pharmacy = Pharmacy.require(pharmacy_id)
    known = {one.sku: one for one in pharmacies.offers(pharmacy)} if request.method == "GET" else {}
    if (one := known.get(form.sku.data or "")) and not form.stock.data:
        form.stock.data, form.cost.data, form.back_on.data = one.stock, _cost(one).amount, one.back_on
    return Asked(
        pharmacy_id,
        lambda: {
            "sku": form.sku.data,
            "stock": form.stock.data,
            "cost": form.cost.minor,
            "back_on": form.back_on.data,
        },
        context={"pharmacy": pharmacy, "submit": "Set it"},
        done="It is set. Orders that are sent from now on go by it.",
    )


class LimitForm(Form):
    """What is left empty stays as it is."""

    capacity = IntegerField(
        "Fills a day",
        [Optional(), NumberRange(1, 100_000, "Between 1 and 100,000.")],
        description="When it has as many, orders go elsewhere where they can. Empty: as it is.",
    )
    unlimited = BooleanField("It takes any number")
    active = SelectField(
        "Do orders go there, yes or no?",
        choices=[SelectChoice("", "As it is"), SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
        default="",
    )


@pages.route("/pharmacies/<pharmacy_id>/limit", methods=["GET", "POST"])
@performs(pharmacies.limit, LimitForm)
def limit(form: LimitForm, pharmacy_id: str) -> Asked:
    return Asked(
        pharmacy_id,
        lambda: {
            "capacity": form.capacity.data,
            "unlimited": form.unlimited.data,
            "active": {"yes": True, "no": False}.get(form.active.data or ""),
        },
        context={
            "pharmacy": Pharmacy.require(pharmacy_id),
            "fills_today": pharmacies.load(now().date()).get(pharmacy_id, 0),
            "submit": "Set it",
        },
        done="It is set.",
    )
