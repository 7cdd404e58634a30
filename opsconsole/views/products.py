"""Products: the registry, as the shop feeds it, with every system's key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FieldList, Form, FormField, SelectField, StringField
from wtforms.validators import Length, Regexp

from ..lib.refusal import Invalid
from ..models import Product, ProductKey, ProductKind
from ..services import products
from ._acting import Asked, performs
from ._browser import at
from ._fields import MoneyField, SelectChoice, TrueUnlessSaid, required, text
from ._happened import happened
from ._listing import asked, common, listed, shown
from ._who import reads

pages = Blueprint("products", __name__)


def told(product: Product, keys: Sequence[ProductKey]) -> dict[str, Any]:
    return common(product) | {
        "sku": product.sku,
        "name": product.name,
        "kind": product.kind,
        "form": product.form,
        "strength": product.strength,
        "needs_prescription": product.needs_prescription,
        "active": product.active,
        "price": product.price_money.as_json if product.price_money else None,
        "keys": [{"system": one.system, "key": one.key, "as_of": at(one.as_of)} for one in keys],
    }


@pages.get("/products")
@reads("products", products.LIST)
def list() -> ResponseReturnValue:
    found = products.find(**asked())
    keys = cache(lambda: ProductKey.of([product.id for product in found.items]))
    return listed(
        found, lambda product: told(product, keys()[product.id]), "products/list.html", kinds=ProductKind
    )


class KeyForm(Form):
    system = StringField("System", text(40, needed=True), description="stripe_price, pharmacy, rxnorm, ndc…")
    key = StringField("Key", text(255, needed=True))


class RecordForm(Form):
    sku = StringField("SKU", text(60, needed=True))
    name = StringField("Name", text(200, needed=True))
    kind = SelectField(
        "Kind",
        required("Say which kind."),
        choices=[SelectChoice(one.value, one.value) for one in ProductKind],
    )
    form = StringField("Form", text(60), description="Cream, gel…")
    strength = StringField("Strength", text(100))
    needs_prescription = BooleanField("Needs a prescription")
    active = TrueUnlessSaid("Can be bought now", description="True unless it is sent as false.")
    price = MoneyField("Price of one", description="Today's, before tax. Without one it cannot be reordered.")
    currency = StringField(
        "Currency", [Regexp("^[a-z]{3}$", message="Three small letters, like usd.")], default="usd"
    )
    keys = FieldList(
        FormField(KeyForm),
        "Keys in other systems",
        [Length(max=50, message="At most 50 keys.")],
        max_entries=51,
    )


@pages.route("/products", methods=["POST"])
@performs(products.record, RecordForm)
def record(form: RecordForm) -> Asked:
    return Asked(
        None,
        lambda: {
            "sku": form.sku.data,
            "name": form.name.data,
            "kind": form.kind.data,
            "form": form.form.data or None,
            "strength": form.strength.data or None,
            "needs_prescription": form.needs_prescription.data,
            "active": form.active.data,
            "price": _at_least_nothing(form.price),
            "currency": form.currency.data or "usd",
            "keys": [
                products.KeyFacts(row.form.system.data or "", row.form.key.data or "") for row in form.keys
            ],
        },
    )


def _at_least_nothing(field: MoneyField) -> int | None:
    if field.minor is not None and field.minor < 0:
        raise Invalid({field.name: ["A price cannot be below zero."]})
    return field.minor


@pages.get("/products/<product_id>")
@reads("products")
def show(product_id: str) -> ResponseReturnValue:
    product = Product.require(product_id)
    keys = product.keys()
    return shown(
        product,
        lambda: told(product, keys),
        "products/show.html",
        lambda: {"product": product, "keys": keys, "timeline": happened(product)},
    )
