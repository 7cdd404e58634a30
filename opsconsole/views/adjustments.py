"""Charges and credits between invoices: written down in increments, sent to Stripe in sums; and the customer's own pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import FieldList, Form, FormField, SelectField, StringField
from wtforms.validators import Length, Regexp

from ..lib import ids
from ..lib.money import Money
from ..lib.refusal import Invalid, Refused
from ..models import Adjustment, AdjustmentBatch, AdjustmentStatus, Customer, Invoice, InvoiceStatus
from ..services import audit, billing, cases, outbox, perform
from ._acting import Asked, NoInput, inputs_of, key_of, performs, said_no
from ._browser import at
from ._fields import MoneyField, SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import live
from ._masking import written
from ._reading import read, wants_json
from ._undoing import sending
from ._who import actor, reads, require

pages = Blueprint("adjustments", __name__)
BY_HAND = "console"  # the source of what people charge


# ------------------------------------------------------------------ what is there


def told(one: Adjustment) -> dict[str, Any]:
    return common(one, acts_of(one)) | {
        "customer": f"/customers/{one.customer_id}",
        "amount": one.money.as_json,
        "description": one.description,
        "source": one.source,
        "reference": one.reference,
        "batch": f"/adjustment-batches/{one.batch_id}" if one.batch_id else None,
        "invoice": f"/invoices/{one.invoice_id}" if one.invoice_id else None,
        "goes_at": at(one.compiles_at) if one.status == AdjustmentStatus.PENDING else None,
        "by": one.by,
    }


def acts_of(one: Adjustment, on: Invoice | None = None) -> Acts:
    """`on` is the invoice that it is on, where that was looked for."""
    gone = billing.why_not_changed(one, on)
    drop = act_on(one, "billing.drop_charge", f"{one.url}/drop_charge", "Take it away", why_not=gone)
    move = act_on(one, "billing.move_charge", f"{one.url}/move_charge", "Choose the invoice", why_not=gone)
    return [drop, move]


@pages.get("/adjustments")
@reads("adjustments", billing.ADJUSTMENTS)
def list() -> ResponseReturnValue:
    page = found()
    if wants_json():
        return listed(page, told, "")
    of = {name: _id(request.args.get(name)) for name in ("customer", "batch")}
    return listed(
        page, told, "adjustments/list.html", statuses=AdjustmentStatus, sums=billing.sums(**of),
        of_all=not any(of.values()), customers=Customer.each({one.customer_id for one in page.items}),
    )  # fmt: skip


def _id(given: str | None) -> str | None:
    return given.rsplit("/", 1)[-1] if given else None


@pages.get("/adjustments/<adjustment_id>")
@reads("adjustments")
def show(adjustment_id: str) -> ResponseReturnValue:
    one = Adjustment.require(adjustment_id)
    on = one.batch().invoice() if one.batch_id else None
    return shown(
        one,
        lambda: told(one),
        "adjustments/show.html",
        lambda: {
            "one": one,
            "acts": acts_of(one, on),
            "customer": Customer.require(one.customer_id),
            "batch": one.batch() if one.batch_id else None,
            "chosen": Invoice.get(one.invoice_id) if one.invoice_id else None,
            "invoice": on,
            "timeline": happened(one),
        },
    )


def told_batch(batch: AdjustmentBatch) -> dict[str, Any]:
    on = batch.invoice()
    return common(batch) | {
        "customer": f"/customers/{batch.customer_id}",
        "amount": batch.money.as_json,
        "count": batch.count,
        "from": at(batch.from_at),
        "to": at(batch.to_at),
        "lines": [{**line, "amount": Money(line["amount"], batch.currency).as_json} for line in batch.lines],
        "external_id": batch.external_id,
        "invoice": on.url if on else None,
        "failure_code": batch.failure_code,
        "failure_reason": written(batch.failure_reason),
        "trace": batch.trace_id,
    }


@pages.get("/adjustment-batches/<batch_id>")
@reads("adjustments")
def show_batch(batch_id: str) -> ResponseReturnValue:
    batch = AdjustmentBatch.require(batch_id)
    looks = [batch.status, batch.amount, audit.movement(batch.id)]
    return live(
        looks,
        lambda: shown(
            batch, lambda: told_batch(batch), "adjustments/show_batch.html", lambda: _batch_page(batch)
        ),
        final=batch.final,
    )


def _batch_page(batch: AdjustmentBatch) -> dict[str, Any]:
    return sending(batch) | {
        "batch": batch,
        "customer": Customer.require(batch.customer_id),
        "draft": Invoice.get(batch.invoice_id) if batch.invoice_id else None,
        "invoice": batch.invoice(),
        "breakers": [one for one in outbox.health() if one.opened_at and one.method == "charge"],
        "cases": cases.of(batch.id),
        "timeline": happened(batch),
    }


# ------------------------------------------------------------------ on the customer's page


def beside(customer: Customer) -> dict[str, Any]:
    """What a customer's page shows of charges, for templates/adjustments/_beside.html."""
    if not actor().may("adjustments.read"):
        return {"charges": None}
    waiting = billing.waiting(customer.id)
    return {"charges": {"waiting": waiting, "acts": acts_on(customer, waiting)}}


def acts_on(customer: Customer, waiting: Sequence[billing.Waiting]) -> Acts:
    there = None if waiting else "Stripe has everything already."
    return [
        act_on(customer, "billing.sync", f"{customer.url}/sync", "Send to Stripe now", why_not=there),
        act_on(customer, "billing.charge", f"{customer.url}/charge", "Charge or credit"),
        act_on(customer, "billing.portal", f"{customer.url}/portal", "Link to their billing pages"),
    ]


def told_waiting(customer: Customer) -> dict[str, Any]:
    """The same for JSON."""
    if not actor().may("adjustments.read"):
        return {"not_at_stripe": None}
    return {
        "not_at_stripe": [
            {
                "money": one.money.as_json,
                "count": one.count,
                "since": at(one.since),
                "goes_at": at(one.goes_at),
            }
            for one in billing.waiting(customer.id)
        ]
    }


# ------------------------------------------------------------------ charging


_PLAIN = Regexp(
    r"^[^\W_][\w .,:#/()&+'’×-]*$", message="Letters, digits and plain punctuation, beginning with a letter."
)
_CURRENCY = Regexp("^[a-z]{3}$", message="Three small letters, like usd.")
_NEUTRAL = "The customer reads it on the invoice. Nothing about medicines or health."


class OneForm(Form):
    amount = MoneyField("Amount", required(), description="Below zero is a credit.")
    currency = StringField("Currency", [_CURRENCY], default="usd")
    description = StringField("For what", [*text(80, needed=True), _PLAIN], description=_NEUTRAL)
    source = StringField("From", text(40, needed=True))
    reference = StringField("Your reference", text(100, needed=True))


class ChargeForm(Form):
    """One increment, or `charges`: a list of them."""

    amount = MoneyField("Amount", text(20), description="With a minus in front it is a credit.")
    currency = StringField("Currency", [_CURRENCY], default="usd")
    description = StringField("For what", [*text(80), _PLAIN], description=_NEUTRAL)
    source = StringField("From", text(40), description="The name of your program.")
    reference = StringField(
        "Reference", text(100), description="The same one again is the same charge, and is not charged twice."
    )
    charges = FieldList(
        FormField(OneForm),
        "Several at once",
        [Length(max=billing.MOST_AT_ONCE, message=f"At most {billing.MOST_AT_ONCE} at once.")],
        max_entries=billing.MOST_AT_ONCE + 1,
    )


@pages.route("/customers/<customer_id>/charge", methods=["GET", "POST"])
@performs(billing.charge, ChargeForm)
def charge(form: ChargeForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    if not wants_json():
        form.source.data = form.source.data or BY_HAND
        form.reference.data = form.reference.data or ids.new("ref")
    return Asked(
        customer_id,
        lambda: _asked(form),
        context={"customer": customer, "waiting": billing.waiting(customer_id), "submit": "Write it down"},
        done="Written down. Stripe is told within the hour, together with what comes until then.",
        then=None if wants_json() else customer.url,
    )


def _asked(form: ChargeForm) -> dict[str, Any]:
    charges = tuple(_one(row.form) for row in form.charges)
    if not charges:
        lacks = [
            field.name
            for field in (form.amount, form.description, form.source, form.reference)
            if not field.data
        ]
        if lacks:
            raise Invalid({name: ["This is needed."] for name in lacks})
    return {
        "amount": form.amount.minor,
        "currency": form.currency.data or "usd",
        "description": form.description.data or "",
        "source": form.source.data or "",
        "reference": form.reference.data or "",
        "charges": charges,
    }


def _one(form: Any) -> billing.ChargeAsked:
    return billing.ChargeAsked(
        form.amount.minor or 0,
        form.currency.data,
        form.description.data,
        form.source.data,
        form.reference.data,
    )


@pages.route("/adjustments/<adjustment_id>/drop_charge", methods=["GET", "POST"])
@performs(billing.drop_charge)
def drop_charge(form: NoInput, adjustment_id: str) -> Asked:
    one = Adjustment.require(adjustment_id)
    return Asked(
        adjustment_id,
        context={"one": one, "customer": Customer.require(one.customer_id), "submit": "Take it away"},
        done="Taken away: it is not billed.",
    )


class MoveForm(Form):
    invoice = SelectField("Bill it on", validate_choice=False, choices=[])


@pages.route("/adjustments/<adjustment_id>/move_charge", methods=["GET", "POST"])
@performs(billing.move_charge, MoveForm)
def move_charge(form: MoveForm, adjustment_id: str) -> Asked:
    one = Adjustment.require(adjustment_id)
    drafts = [
        draft
        for draft in Invoice.of_customer(one.customer_id)
        if draft.status == InvoiceStatus.DRAFT and draft.currency == one.currency
    ]
    form.invoice.choices = [
        SelectChoice("", "The next invoice"),
        *(
            SelectChoice(draft.id, f"Draft of {draft.money('total')}, made {draft.created_at:%d %b}")
            for draft in drafts
        ),
    ]
    return Asked(
        adjustment_id,
        lambda: {"invoice": form.invoice.data or None},
        context={"one": one, "customer": Customer.require(one.customer_id), "submit": "Bill it there"},
        done="It goes on that invoice.",
    )


@pages.route("/customers/<customer_id>/sync", methods=["GET", "POST"])
@performs(billing.sync)
def sync(form: NoInput, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    return Asked(
        customer_id,
        context={"customer": customer, "waiting": billing.waiting(customer_id), "submit": "Send it now"},
        done="Stripe is told now.",
        then=customer.url,
    )


# ------------------------------------------------------------------ the customer's own pages at Stripe


class PortalForm(Form):
    flow = SelectField(
        "It leads to",
        validate_choice=False,
        choices=[
            SelectChoice("", "All of their billing pages"),
            *(SelectChoice(*one) for one in billing.FLOWS.items()),
        ],
    )
    subscription = StringField("Subscription", text(60), description="Only to cancel one of several: its id.")


def _about(form: PortalForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    return Asked(
        customer_id,
        lambda: {"flow": form.flow.data or None, "subscription": form.subscription.data or None},
        context={"customer": customer, "waiting": billing.waiting(customer_id), "submit": "Make the link"},
    )


_shows_portal = performs(billing.portal, PortalForm)(_about)  # the form and its preview


@pages.route("/customers/<customer_id>/portal", methods=["GET", "POST"])
def portal(customer_id: str) -> ResponseReturnValue:
    """A door of its own: what it answers is handed on once and kept nowhere, so no answer is stored under a key either.
    The same key again is refused (link_not_kept)."""
    if request.method == "GET" or request.args.get("preview"):
        answer: ResponseReturnValue = _shows_portal(customer_id=customer_id)
        return answer
    require(billing.portal.name)
    form = read(PortalForm)
    asked = _about(form, customer_id)
    try:
        return _hand_out(customer_id, inputs_of(form, asked))
    except (Invalid, Refused) as error:
        if wants_json():
            raise
        return said_no(form, asked, error)


portal.permission = billing.portal.name  # type: ignore[attr-defined]
portal.act, portal.form = billing.portal, PortalForm  # type: ignore[attr-defined]


def _hand_out(customer_id: str, inputs: dict[str, Any]) -> ResponseReturnValue:
    """Stripe is told what it does not have, then asked for the link; that it was made is written down last."""
    lacks = billing.bring_up_to_date(customer_id, by=actor())
    url = billing.link(customer_id, **inputs)
    done = perform(billing.portal, customer_id, inputs, by=actor(), key=key_of())
    if done.replayed:
        raise billing.LinkNotKept("That link was shown once and is kept nowhere. Make another one.")
    late = [f"{one.money} is not at Stripe yet" for one in lacks]
    return _shown_once(customer_id, url, done.body, late)


def _shown_once(customer_id: str, url: str, done: dict[str, Any], late: Sequence[str]) -> ResponseReturnValue:
    within = int(billing.OPENS_WITHIN.total_seconds())
    if wants_json():
        body = {name: done[name] for name in ("act", "subject", "trace")}
        warned = [f"{words}: the customer does not see it there." for words in late]
        response = jsonify(
            body | {"url": url, "expires_in": within, "at_stripe": not late, "warnings": warned}
        )
        response.status_code = 201
    else:
        customer = Customer.require(customer_id)
        page = render_template(
            "adjustments/link.html", customer=customer, link=url, late=late, minutes=within // 60
        )
        response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
