"""Visits up to their answers: inviting a patient, and calling a visit off."""

from __future__ import annotations

from wtforms import Form, SelectField, StringField

from ..models import Customer, Order, OrderStatus, Visit
from ..services import orders, questionnaires, visits
from ._acting import Asked, performs
from ._fields import Reason, SelectChoice
from ._fields import text as at_most
from .visits import pages

_KINDS = [SelectChoice(kind.value, kind.words) for kind in visits.KINDS]


class InviteForm(Form):
    form = SelectField("They answer", validate_choice=False)
    kind = SelectField("It is a", choices=_KINDS, validate_choice=False)
    order = StringField("For the order", at_most(100), description="Its id or URL; empty for none.")


@pages.route("/customers/<customer_id>/invite", methods=["GET", "POST"])
@performs(visits.invite, InviteForm)
def invite(form: InviteForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    form.form.choices = [SelectChoice(one.key, f"{one.title} ({one.key})") for one in questionnaires.forms()]
    waiting = orders.find(customer=customer.id, status=OrderStatus.AWAITING_VISIT).items
    if form.order.data is None and waiting:
        form.order.data = waiting[0].url
    return Asked(
        customer_id,
        lambda: {"form": form.form.data or "", "kind": form.kind.data, "order": form.order.data or None},
        context={"customer": customer, "waiting": waiting, "submit": "Invite them"},
        done="The patient is invited.",
    )


@pages.route("/visits/<visit_id>/cancel", methods=["GET", "POST"])
@performs(visits.cancel, Reason)
def cancel(form: Reason, visit_id: str) -> Asked:
    visit = Visit.require(visit_id)
    return Asked(
        visit_id,
        lambda: {"reason": form.reason.data},
        context={
            "visit": visit,
            "customer": Customer.require(visit.customer_id),
            "order": Order.get(visit.order_id) if visit.order_id else None,
            "submit": "Call it off",
        },
        done="The visit is called off.",
    )
