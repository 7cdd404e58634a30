"""Products: the registry, as the shop feeds it, with every system's key, and the keys that nobody knows yet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import Length, NumberRange, Optional, Regexp

from ..lib.refusal import Invalid
from ..models import Product, ProductKey, ProductKind, Record, UnmappedKey, UnmappedStatus
from ..services import products
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import MoneyField, SelectChoice, TrueUnlessSaid, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
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
        "quantity": None if product.quantity is None else float(product.quantity),
        "unit": product.unit,
        "days_supply": product.days_supply,
        "min_age": product.min_age,
        "not_in_pregnancy": product.not_in_pregnancy,
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
    system = StringField(
        "System", text(100, needed=True), description="stripe_price, pharmacy, compound, ndc, rxnorm…"
    )
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
    quantity = DecimalField(
        "Quantity of a fill",
        [Optional(), NumberRange(min=0.001, max=100_000)],
        description="In its unit, like 30.",
    )
    unit = StringField("Unit", text(40), description="Like g or mL.")
    days_supply = IntegerField("Days it lasts", [Optional(), NumberRange(min=1, max=730)])
    min_age = IntegerField("For nobody younger than", [Optional(), NumberRange(min=0, max=120)])
    not_in_pregnancy = BooleanField("Not in pregnancy")
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
            "quantity": form.quantity.data,
            "unit": form.unit.data or None,
            "days_supply": form.days_supply.data,
            "min_age": form.min_age.data,
            "not_in_pregnancy": form.not_in_pregnancy.data,
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


# ---------------------------------------------------------------- keys that nobody knows yet


def told_key(unmapped: UnmappedKey) -> dict[str, Any]:
    return common(unmapped, acts_of(unmapped)) | {
        "system": unmapped.system,
        "key": unmapped.key,
        "named": unmapped.named,
        "product": f"/products/{unmapped.product_id}" if unmapped.product_id else None,
        "waiting": {noun: [one.url for one in them] for noun, them in products.what_waits(unmapped).items()},
    }


def acts_of(unmapped: UnmappedKey) -> Acts:
    may_map, may_ignore = products.why_not_map(unmapped), products.why_not_ignore(unmapped)
    return [
        act_on(unmapped, "products.map", f"{unmapped.url}/map", "Say which product", why_not=may_map),
        act_on(
            unmapped, "products.ignore_key", f"{unmapped.url}/ignore_key", "None of ours", why_not=may_ignore
        ),
    ]


@pages.get("/unmapped-keys")
@reads("products", products.UNMAPPED)
def list_unmapped() -> ResponseReturnValue:
    found = products.find_unmapped(**asked())
    waiting = {one.id: _waiting(one) for one in found.items}
    return listed(found, told_key, "products/list_unmapped.html", statuses=UnmappedStatus, waiting=waiting)


def _waiting(unmapped: UnmappedKey) -> Sequence[Record]:
    """Everything that waits for it, the oldest first."""
    them = [one for some in products.what_waits(unmapped).values() for one in some]
    return sorted(them, key=lambda one: (one.created_at, one.id))


@pages.get("/unmapped-keys/<unmapped_key_id>")
@reads("products")
def show_unmapped(unmapped_key_id: str) -> ResponseReturnValue:
    unmapped = UnmappedKey.require(unmapped_key_id)
    return shown(
        unmapped,
        lambda: told_key(unmapped),
        "products/show_unmapped.html",
        lambda: {
            "unmapped": unmapped,
            "waiting": _waiting(unmapped),
            "product": Product.get(unmapped.product_id) if unmapped.product_id else None,
            "acts": acts_of(unmapped),
            "timeline": happened(unmapped),
        },
    )


class MapForm(Form):
    product = StringField("Product", text(60, needed=True), description="Its SKU.")


@pages.route("/unmapped-keys/<unmapped_key_id>/map", methods=["GET", "POST"])
@performs(products.map_, MapForm)
def map(form: MapForm, unmapped_key_id: str) -> Asked:
    unmapped = UnmappedKey.require(unmapped_key_id)
    return Asked(
        unmapped_key_id,
        lambda: {"product": form.product.data},
        context={"unmapped": unmapped, "waiting": _waiting(unmapped), "submit": "It is this product"},
        done="Known from now on. What waited for it has gone on.",
    )


@pages.route("/unmapped-keys/<unmapped_key_id>/ignore_key", methods=["GET", "POST"])
@performs(products.ignore_key)
def ignore_key(form: NoInput, unmapped_key_id: str) -> Asked:
    unmapped = UnmappedKey.require(unmapped_key_id)
    return Asked(
        unmapped_key_id,
        context={"unmapped": unmapped, "waiting": _waiting(unmapped), "submit": "It is none of ours"},
        done="It is left alone from now on.",
    )
