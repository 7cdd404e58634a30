"""What keeps an order or a prescription from being filled: told on its page, and put right from there.

The wizard is the door of `prescriptions.fix`. What is offered are acts with doors of their own: their forms are read and
shown here, with what the diagnosis knows filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, request
from wtforms import Form, SelectField, StringField

from ..lib.refusal import Refused
from ..models import Order, Prescription
from ..services import prescriptions, visits
from ..services.prescriptions import Finding, Known, Offer
from ._acting import Asked, performs
from ._fields import SelectChoice, required, text
from ._offers import as_it_is, controls, door, has_door, own_page
from ._page import now
from ._reading import read
from ._who import actor

pages = Blueprint("causes", __name__)
Subject = Order | Prescription


# ---------------------------------------------------------------- what is told of it


def findings_of(subject: Subject, known: Known | None = None) -> Sequence[Finding]:
    """What keeps it from being filled, the most harmful first, with what has a door."""
    return [
        replace(one, offers=[offer for offer in one.offers if has_door(offer)])
        for one in prescriptions.diagnose(subject, now(), known)
    ]


def told_findings(subject: Subject, known: Known | None = None) -> list[dict[str, Any]]:
    """The same for programs, with what each role may do about it."""
    found = findings_of(subject, known)
    offers = [offer for one in found for offer in one.offers]
    roles = prescriptions.who_may(offers) if offers else {}
    return [
        {
            "code": one.code, "title": one.title, "says": one.says, "who": one.who.value,
            "evidence": [{"label": each.label, "value": each.value, "url": each.url or None} for each in one.evidence],
            "waits": {"says": one.waits.says, "url": one.waits.url} if one.waits else None,
            "fix": f"{subject.url}/fix",
            "offers": [_told(offer, roles[offer.choice]) for offer in one.offers],
            "next_steps": prescriptions.next_steps(subject, one, actor()) if _not_mine(one) else [],
        }
        for one in found
    ]  # fmt: skip


def _told(offer: Offer, roles: Sequence[str]) -> dict[str, Any]:
    why_not = prescriptions.why_not_yours(offer, actor())
    return {
        "choice": offer.choice if offer.within else None, "act": offer.act, "url": own_page(offer), "label": offer.label,
        "does": offer.does, "fields": dict(offer.fields), "allowed": why_not is None, "why_not": why_not, "roles": [*roles],
    }  # fmt: skip


def panel(subject: Subject, known: Known | None = None) -> dict[str, Any]:
    """What the card on its page shows: the first of the causes, with what is suggested."""
    found = findings_of(subject, known)
    if not found:
        return {"findings": []}
    offer = _suggested(found[0])
    return {
        "findings": found, "subject": subject, "suggested": offer,
        "steps": prescriptions.next_steps(subject, found[0], actor()) if _not_mine(found[0]) else [],
    }  # fmt: skip


def _suggested(finding: Finding) -> Offer | None:
    """The first that is theirs who asks."""
    return next((one for one in finding.offers if prescriptions.why_not_yours(one, actor()) is None), None)


def _not_mine(finding: Finding) -> bool:
    """Is what comes first somebody else's to do?"""
    return bool(finding.offers) and prescriptions.why_not_yours(finding.offers[0], actor()) is not None


# ---------------------------------------------------------------- the wizard


class FixForm(Form):
    """Besides these it has the fields of the act that is chosen."""

    code = StringField(
        "What to put right", text(60), description="A cause's code; the first one unless given."
    )
    choice = StringField("How", text(120), description="One of what is offered; the first one unless given.")


def _asked(subject: Subject) -> tuple[Finding | None, Offer | None]:
    """Which cause and which offer the request is about, as things stand now."""
    given: Mapping[str, Any] = request.args
    if request.method == "POST":
        body = request.get_json(silent=True) if request.is_json else request.form
        given = body if isinstance(body, Mapping) else {}
    found = findings_of(subject)
    code, choice = (str(given.get(name) or "") or None for name in ("code", "choice"))
    if choice is None and request.method == "GET":  # a person is shown first what is theirs
        finding = next((one for one in found if code in (None, one.code)), None)
        mine = (
            next((one for one in finding.offers if one.within and not _refuses(one)), None)
            if finding
            else None
        )
        return finding, mine or (finding.offer(None) if finding else None)
    try:
        return prescriptions.chosen(subject, found, code, choice)
    except Refused:
        return next((one for one in found if one.code == code), None), None


def _refuses(offer: Offer) -> bool:
    return prescriptions.why_not_yours(offer, actor()) is not None


def _form(subject: Subject) -> Form:
    """The form of what is chosen, with what is known filled in. What is not offered any more has none: the act says so, or
    answers as it did before."""
    finding, offer = _asked(subject)
    if finding is None or offer is None:
        given = request.form if not request.is_json else (request.get_json(silent=True) or {})
        return FixForm(data={name: str(given.get(name) or "") for name in ("code", "choice")})
    _, view, _ = door(offer.act, offer.subject)
    both = type("FixNow", (FixForm, view.form), {})
    return read(both, {**offer.fields, "code": finding.code, "choice": offer.choice})


def _fix(form: Any, subject: Subject) -> Asked:
    finding, offer = _asked(subject)
    inner = None
    if offer and type(form) is not FixForm:
        _, view, arguments = door(offer.act, offer.subject)
        if request.method == "GET" and offer.act == "orders.readdress":
            as_it_is(form.ship_to.form, Order.require(offer.subject))
        inner = view.__wrapped__(form, **arguments)
    context = _context(form, subject, finding, offer)
    done = inner.done if inner else "Done."
    return Asked(
        subject.id,
        lambda: {
            "code": form.code.data, "choice": form.choice.data or None, "inputs": inner.inputs() if inner else {},
        },
        context=context | {"submit": offer.label if offer else "Do it"},
        done=done,
        then=f"{subject.url}/fix?was={form.code.data}",
    )  # fmt: skip


def _context(form: Form, subject: Subject, finding: Finding | None, offer: Offer | None) -> dict[str, Any]:
    found = findings_of(subject)
    was = request.args.get("was", "") if request.method == "GET" else ""
    known = offer.fields if offer else {}
    fields = [*controls(form)] if offer else []
    still = next((one for one in found if one.code == was), None)
    return {
        "subject": subject, "findings": found, "finding": finding, "offer": offer,
        "was": prescriptions.CAUSES[was].title if was in prescriptions.CAUSES else "", "still": still,
        "shown": [one for one in fields if one.name not in known],
        "hidden": [("code", finding.code), ("choice", offer.choice), *known.items()] if finding and offer else [],
        "choices": [(one, _refuses(one), own_page(one)) for one in finding.offers] if finding else [],
        "roles": prescriptions.who_may(finding.offers) if finding and finding.offers else {},
        "steps": prescriptions.next_steps(subject, finding, actor()) if finding and offer and _refuses(offer) else [],
        "order": subject if isinstance(subject, Order) else None,
        "rx": subject if isinstance(subject, Prescription) else None,
    }  # fmt: skip


@pages.route("/orders/<order_id>/fix", methods=["GET", "POST"])
@performs(prescriptions.fix, FixForm, reads=lambda order_id: _form(Order.require(order_id)))
def fix_order(form: Form, order_id: str) -> Asked:
    return _fix(form, Order.require(order_id))


@pages.route("/prescriptions/<prescription_id>/fix", methods=["GET", "POST"])
@performs(
    prescriptions.fix, FixForm, reads=lambda prescription_id: _form(Prescription.require(prescription_id))
)
def fix_prescription(form: Form, prescription_id: str) -> Asked:
    return _fix(form, Prescription.require(prescription_id))


# ---------------------------------------------------------------- asking a clinician


class AskForm(Form):
    asks = SelectField(
        "What is wrong",
        required("Choose what."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(one.code, one.title) for one in prescriptions.CAUSES.values()),
        ],
        validate_choice=False,
    )


def _ask(form: AskForm, subject: Subject) -> Asked:
    return Asked(
        subject.id,
        lambda: {"asks": form.asks.data},
        context={"subject": subject, "submit": "Ask a clinician"},
        done="A clinician is asked. It waits in the clinic’s queue.",
        then=subject.url,
    )


@pages.route("/orders/<order_id>/ask_clinician", methods=["GET", "POST"])
@performs(visits.request, AskForm)
def ask_about_order(form: AskForm, order_id: str) -> Asked:
    return _ask(form, Order.require(order_id))


@pages.route("/prescriptions/<prescription_id>/ask_clinician", methods=["GET", "POST"])
@performs(visits.request, AskForm)
def ask_about_prescription(form: AskForm, prescription_id: str) -> Asked:
    return _ask(form, Prescription.require(prescription_id))
