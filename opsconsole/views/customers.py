"""Customers: the registry, as the shop feeds it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import EmailField, Form, StringField

from ..models import Customer
from ..services import audit, customers, orders
from ._acting import Asked, performs
from ._fields import MappingField, text
from ._listing import Acts, after, common, filters, listed, shown
from ._who import reads
from .messages import send_to

pages = Blueprint("customers", __name__)
NEWEST, AT_MOST = 20, 200  # entries of the timeline, before and after somebody asks for the older ones


def told(customer: Customer) -> dict[str, Any]:
    return common(customer, acts_of(customer)) | {
        "reference": customer.reference,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "external_ids": {known.system: known.external_id for known in customer.external_ids()},
    }


def acts_of(customer: Customer) -> Acts:
    return [send_to(customer)]


@pages.get("/customers")
@reads("customers")
def list() -> ResponseReturnValue:
    found = customers.find(after=after(), **filters("email", "reference", "name"))
    return listed(found, told, "customers/list.html")


class RecordForm(Form):
    reference = StringField(
        "Your reference", text(100, needed=True), description="The shop's own id of the customer."
    )
    name = StringField("Name", text(200, needed=True))
    email = EmailField("E-mail", text(320))
    phone = StringField("Phone", text(40))
    external_ids = MappingField("Ids in other systems", description='{"stripe": "cus_…"}')


@pages.route("/customers", methods=["POST"])
@performs(customers.record, RecordForm)
def record(form: RecordForm) -> Asked:
    return Asked(
        None,
        lambda: {
            "reference": form.reference.data,
            "name": form.name.data,
            "email": form.email.data or None,
            "phone": form.phone.data or None,
            "external_ids": form.external_ids.data or {},
        },
    )


@pages.get("/customers/<customer_id>")
@reads("customers")
def show(customer_id: str) -> ResponseReturnValue:
    customer = Customer.require(customer_id)
    limit = AT_MOST if "older" in request.args else NEWEST
    return shown(
        customer,
        lambda: told(customer),
        "customers/show.html",
        lambda: {
            "customer": customer,
            "acts": acts_of(customer),
            "orders": orders.find(customer=customer.id).items,
            "timeline": audit.timeline(customer.id, limit=limit),
            "older_url": f"{customer.url}?older=1" if limit == NEWEST else "",
            "newest": NEWEST,
        },
    )
