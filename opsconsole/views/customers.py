"""Customers: the registry as the shop feeds it, what other systems hold of each, and putting right what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import EmailField, Form, FormField, HiddenField, SelectMultipleField, StringField

from ..lib.refusal import Invalid
from ..models import Correction, Customer, ExternalId, Invoice, Profile, Quote, Subscription
from ..services import audit, cases, customers, messages, orders, outbox, refunds, sight
from . import adjustments, balances
from ._acting import Asked, NoInput, performs
from ._addressing import ShipToForm, address_of
from ._browser import at, now
from ._fields import MappingField, text
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import live
from ._masking import told as told_pii
from ._masking import written
from ._noting import noting
from ._standing import told_banners
from ._undoing import sending, undo
from ._who import actor, reads
from .attachments import beside
from .banners import raise_on
from .messages import send_to
from .phi import break_on

pages = Blueprint("customers", __name__)
noting(pages, customers.note, Customer)


def told(customer: Customer, money: Sequence[customers.Summary]) -> dict[str, Any]:
    """`money` only for who may read payments."""
    ids = customer.external_ids()
    return common(customer, acts_of(customer, ids)) | {
        "reference": customer.reference,
        **told_pii(customer, "name", "email", "phone", *(("ship_to",) if _alone(customer) else ())),
        **_told_alone(customer),
        "external_ids": {known.system: known.external_id for known in ids},
        "banners": told_banners(customer),
        "money": [{name: figure.as_json for name, figure in one.figures.items()} for one in money]
        if actor().may("payments.read")
        else None,
    }


def _told_alone(customer: Customer) -> dict[str, Any]:
    """In JSON of one customer: a list would write down a view of each birth date, and be long."""
    if not _alone(customer):
        return {}
    return {"birth_date": born(customer), "ship_to_fetched_at": at(customer.ship_to_fetched_at)}


def _alone(customer: Customer) -> bool:
    return (request.view_args or {}).get("customer_id") == customer.id


def born(customer: Customer) -> str | None:
    """The birth date as who asks may see it: None is masked, or not known."""
    found: str | None = sight.shown(customer, "birth_date", to=actor(), patient=customer.id)
    return found


def acts_of(customer: Customer, known: Sequence[ExternalId] | None = None) -> Acts:
    correct = act_on(customer, "customers.correct", f"{customer.url}/correct", "Correct")
    elsewhere = act_on(
        customer, "customers.readdress", f"{customer.url}/readdress", "Change address",
        why_not=customers.why_not_readdress(customer, known),
    )  # fmt: skip
    return [send_to(customer), correct, elsewhere, raise_on(customer), *break_on(customer)]


def refreshing(customer: Customer, panel: customers.Panel) -> dict[str, Any]:
    """The act of reading a system anew, as its panel offers it."""
    url = f"{customer.url}/refresh?system={panel.system.code}"
    why_not = None if panel.external_id else f"No {panel.system.name} id of this customer is known."
    return act_on(customer, "customers.refresh", url, "Refresh", why_not=why_not)


@pages.get("/customers")
@reads("customers", customers.LIST)
def list() -> ResponseReturnValue:
    page = found()
    money = cache(lambda: customers.money_of([customer.id for customer in page.items]))
    return listed(page, lambda customer: told(customer, money()[customer.id]), "customers/list.html")


class RecordForm(Form):
    reference = StringField(
        "Your reference", text(100, needed=True), description="The shop's own id of the customer."
    )
    name = StringField("Name", text(200, needed=True))
    email = EmailField("E-mail", text(320))
    phone = StringField("Phone", text(40))
    birth_date = StringField("Birth date", text(10), description="1990-02-28. Kept sealed.")
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
            "birth_date": form.birth_date.data or None,
            "external_ids": form.external_ids.data or {},
        },
    )


@pages.get("/customers/<customer_id>")
@reads("customers")
def show(customer_id: str) -> ResponseReturnValue:
    customer = Customer.require(customer_id)
    known = customers.known(customer, at=now())
    return shown(
        customer,
        lambda: (
            told(customer, customers.money(customer.id))
            | adjustments.told_waiting(customer)
            | {"profiles": _profiles(known)}
        ),
        "customers/show.html",
        lambda: {
            "customer": customer,
            "acts": acts_of(customer, known.external_ids),
            "move": customers.underway(customer.id),
            "fields": customers.fields(known),
            "panels": customers.panels(known),
            "born": born(customer),
            "external_ids": known.external_ids,
            "cases": cases.of(customer.id),
            "money": customers.money(customer.id),
            "orders": orders.find(customer=customer.id).items,
            "subscriptions": Subscription.of_customer(customer.id),
            "invoices": Invoice.of_customer(customer.id, limit=6),
            "refunds": refunds.find(customer=customer.id).items,
            "messages": messages.find(customer=customer.id).items,
            "templates": messages.TEMPLATES,
            "timeline": happened(customer),
            **beside(customer),
            **adjustments.beside(customer),
            **balances.beside(customer),
        },
    )


def _profiles(known: customers.Known) -> dict[str, Any]:
    return {panel.system.code: _mirror(panel) for panel in customers.panels(known)}


def _mirror(panel: customers.Panel) -> dict[str, Any]:
    return {
        "fetched_at": at(panel.profile.fetched_at) if panel.profile else None,
        "stale": panel.stale,
        "facts": sight.facts(panel.facts, to=actor()),
    }


# ------------------------------------------------------------------ panels


@pages.get("/customers/<customer_id>/panels/<system>")
@reads("customers")
def show_panel(customer_id: str, system: str) -> ResponseReturnValue:
    """What we have of one system: a part of the customer's page, a page of its own, or JSON. No vendor is asked."""
    customer = Customer.require(customer_id)
    panel = _panel(customer, system)
    alone = not request.htmx  # type: ignore[attr-defined]
    return shown(
        customer,
        lambda: _told_panel(customer, panel),
        "customers/show_panel.html" if alone else "customers/_panel.html",
        lambda: {
            "customer": customer,
            "panel": panel,
            "refresh": refreshing(customer, panel),
            "level": 2,
        },
    )


def _panel(customer: Customer, system: str) -> customers.Panel:
    wanted, known = customers.named(system), customers.known(customer, at=now())
    return next(panel for panel in customers.panels(known) if panel.system.code == wanted.code)


def _told_panel(customer: Customer, panel: customers.Panel) -> dict[str, Any]:
    act, quote = refreshing(customer, panel), panel.quote
    return {
        "system": panel.system.code,
        "customer": customer.url,
        "external_id": panel.external_id,
        "page": panel.page,
        **_mirror(panel),
        "trouble": panel.trouble,
        "differs": {name: sight.fact(name, ours, to=actor()) for name, ours in panel.differs.items()},
        "quote": {"id": quote.id, "outcome": quote.outcome, "fetched_at": at(quote.fetched_at)}
        if quote
        else None,
        "acts": [{name: act[name] for name in ("act", "url", "allowed", "why_not")}],
    }


class RefreshForm(Form):
    """`quote` is the id of what was seen; without one the system is asked now."""

    system = HiddenField("System", text(40))
    quote = HiddenField("What was seen", text(40))


@pages.route("/customers/<customer_id>/refresh", methods=["GET", "POST"])
@performs(customers.refresh, RefreshForm)
def refresh(form: RefreshForm, customer_id: str) -> Asked:
    """The vendor is asked first, with no transaction open; then the act, or its preview, takes that in."""
    customer = Customer.require(customer_id)
    form.system.data = form.system.data or request.args.get("system")
    if not form.system.data:
        raise Invalid({"system": ["Say which system: ?system=stripe."]})
    system = customers.named(form.system.data)
    if request.method == "GET" or not form.quote.data:
        read = customers.ask(customer_id, system)
        form.quote.data = read.id if read else None
    return Asked(
        customer_id,
        lambda: {"system": system.code, "quote": form.quote.data or None},
        context={
            "customer": customer,
            "panel": _panel(customer, system.code),
            "in_sync": _in_sync(customer, form.quote.data),
            "submit": f"Take in what {system.name} holds",
        },
        done=f"What {system.name} holds is shown now.",
        then=customer.url,
    )


def _in_sync(customer: Customer, quote_id: str | None) -> bool:
    read = Quote.get(quote_id or "")
    if read is None or read.outcome != Quote.FOUND:
        return False
    known = Profile.of(customer.id).get(read.source)
    return known is not None and known.facts == read.facts


# ------------------------------------------------------------------ where parcels go


class ReaddressForm(Form):
    ship_to = FormField(ShipToForm, "Ships to")
    orders = SelectMultipleField(
        "Also these orders", validate_choice=False, choices=[], description="Their ids; none unless given."
    )


@pages.route("/customers/<customer_id>/readdress", methods=["GET", "POST"])
@performs(customers.readdress, ReaddressForm)
def readdress(form: ReaddressForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    name = form.ship_to.form.name
    if request.method == "GET" and not name.data and not sight.hides(customer, "name", to=actor()):
        name.data = customer.ships_to.name if customer.ships_to else customer.name
    return Asked(
        customer_id,
        lambda: {"ship_to": address_of(form.ship_to.form), "orders": form.orders.data or []},
        context={
            "customer": customer,
            "unshipped": orders.unshipped(customer.id),
            "submit": "Change the address",
        },
        done="The healthcare system is asked. The address here changes once it confirms.",
    )


# ------------------------------------------------------------------ corrections


class CorrectForm(Form):
    name = StringField("Name", text(200))
    email = EmailField("E-mail", text(320))
    phone = StringField("Phone", text(40))
    birth_date = StringField(
        "Birth date", text(10), description="Only when it is wrong, and by itself: 1990-02-28 or 02/28/1990."
    )


@pages.route("/customers/<customer_id>/correct", methods=["GET", "POST"])
@performs(customers.correct, CorrectForm)
def correct(form: CorrectForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    if request.method == "GET" and not request.args:
        form.process(
            data={name: None if one else getattr(customer, name) for name, one in _hidden(customer).items()}
        )
    return Asked(
        customer_id,
        lambda: {
            "email": form.email.data or None,
            "phone": form.phone.data or None,
            "name": form.name.data or None,
            "birth_date": form.birth_date.data or None,
        },
        context={
            "customer": customer,
            "fields": {field.name: field for field in customers.fields(customers.known(customer, at=now()))},
            "submit": "Correct it",
        },
        done="Written down. E-mail and phone change here once their owner has confirmed them.",
    )


def _hidden(customer: Customer) -> dict[str, bool]:
    """Which fields of the form one sees masked: those stay empty, and what is left empty stays as it is."""
    return {name: sight.hides(customer, name, to=actor()) for name in ("name", "email", "phone")}


def told_correction(correction: Correction) -> dict[str, Any]:
    back = undo(correction, "customers.withdraw", "Customer.io has been asked already.")
    return common(correction, [back]) | {
        "customer": f"/customers/{correction.customer_id}",
        **told_pii(correction, "email", "phone"),
        "failure_reason": written(correction.failure_reason),
        "by": correction.by,
        "trace": correction.trace_id,
    }


@pages.get("/corrections/<correction_id>")
@reads("customers")
def show_correction(correction_id: str) -> ResponseReturnValue:
    correction = Correction.require(correction_id)
    looks = [correction.status, audit.movement(correction.id)]
    return live(
        looks,
        lambda: shown(
            correction,
            lambda: told_correction(correction),
            "customers/show_correction.html",
            lambda: _correction_page(correction),
        ),
        final=correction.final,
    )


def _correction_page(correction: Correction) -> dict[str, Any]:
    return sending(correction) | {
        "correction": correction,
        "customer": Customer.require(correction.customer_id),
        "breakers": [one for one in outbox.health() if one.opened_at and one.port == "crm"],
        "cases": cases.of(correction.id),
        "timeline": happened(correction),
    }


@pages.route("/corrections/<correction_id>/withdraw", methods=["GET", "POST"])
@performs(customers.withdraw)
def withdraw(form: NoInput, correction_id: str) -> Asked:
    correction = Correction.require(correction_id)
    return Asked(
        correction_id,
        context={
            "correction": correction,
            "customer": Customer.require(correction.customer_id),
            "submit": "Undo this correction",
        },
        done="The correction was undone.",
    )
