"""Prescriptions: what may be filled, how often still and until when, and what is asked about them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField, StringField

from ..lib.refusal import Refused
from ..models import (
    Customer,
    Dispense,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    Product,
    Provider,
    RequestKind,
    RequestStatus,
    UnknownPatient,
    Visit,
)
from ..services import audit, cases, gates, prescriptions, sight
from ..vendors import Declined, Unavailable
from ..vendors.healthcare import PatientFacts
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._live import live
from ._masking import told as told_phi
from ._masking import written
from ._page import now
from ._undoing import sending
from ._who import actor, reads
from .causes import panel, told_findings

pages = Blueprint("prescriptions", __name__)
FACE = ("drug", "sig")  # what is masked of it


def told(rx: Prescription) -> dict[str, Any]:
    return common(rx, acts_of(rx)) | {
        "customer": f"/customers/{rx.customer_id}",
        "external_id": rx.external_id,
        "sku": rx.sku,
        **told_phi(rx, *FACE),
        "keys": rx.keys,
        "quantity": None if rx.quantity is None else float(rx.quantity),
        "unit": rx.unit,
        "days_supply": rx.days_supply,
        "refills_authorised": rx.refills_authorised,
        "fills_used": rx.fills_used,
        "fills_left": rx.fills_left,
        "written_on": rx.written_on.isoformat() if rx.written_on else None,
        "expires_on": rx.expires_on.isoformat() if rx.expires_on else None,
        "provider": f"/providers/{rx.provider_id}" if rx.provider_id else None,
        "prior": rx.prior_external_id,
        "raw_status": rx.raw_status,
        "source_updated_at": at(rx.source_updated_at),
        "fetched_at": at(rx.fetched_at),
    }


def told_whole(rx: Prescription) -> dict[str, Any]:
    """With what belongs to it: for its own page."""
    return told(rx) | {
        "fillable": gates.fills_left(rx),
        "dispenses": [told_dispense(one) for one in Dispense.of_prescription(rx.external_id)],
        "requests": [told_request(one) for one in PrescriptionRequest.of_prescription(rx.id)],
        "takes_place_of": _url(_prior(rx)),
        "place_taken_by": [one.url for one in Prescription.after(rx.external_id)],
        "trail": prescriptions.of_prescription(rx).as_json,
        "findings": told_findings(rx),
    }


def told_dispense(one: Dispense) -> dict[str, Any]:
    return common(one) | {
        "prescription": f"/prescriptions/{one.prescription_id}" if one.prescription_id else None,
        "fill": f"/fills/{one.fill_id}" if one.fill_id else None,
        "external_id": one.external_id,
        "raw_status": one.raw_status,
        "dispensed_at": at(one.dispensed_at),
        "pharmacy": one.pharmacy,
    }


def told_request(one: PrescriptionRequest) -> dict[str, Any]:
    return common(one, acts_of_request(one)) | {
        "kind": one.kind,
        "prescription": f"/prescriptions/{one.prescription_id}" if one.prescription_id else None,
        "made": f"/prescriptions/{one.made_id}" if one.made_id else None,
        "customer": f"/customers/{one.customer_id}" if one.customer_id else None,
        "visit": f"/visits/{one.visit_id}" if one.visit_id else None,
        "sku": one.sku,
        "says": one.says,
        "reason": one.reason or None,
        "note": written(one.note) or None,
        "external_id": one.external_id,
        "raw_status": one.raw_status,
        "business_status": one.business_status,
        "failure_code": one.failure_code,
        "failure_reason": written(one.failure_reason),
        "by": one.by,
        "trace": one.trace_id,
        "fetched_at": at(one.fetched_at),
    }


def _url(rx: Prescription | None) -> str | None:
    return rx.url if rx else None


def _prior(rx: Prescription) -> Prescription | None:
    return Prescription.by_external(rx.prior_external_id) if rx.prior_external_id else None


def acts_of(rx: Prescription) -> Acts:
    resend, cancel = prescriptions.why_not_resend(rx, now()), prescriptions.why_not_cancel(rx)
    return [
        act_on(rx, "prescriptions.resend", f"{rx.url}/resend", "Resend", why_not=resend),
        act_on(rx, "prescriptions.cancel", f"{rx.url}/cancel", "Cancel", why_not=cancel),
    ]


def acts_of_request(one: PrescriptionRequest) -> Acts:
    record, undo = prescriptions.why_not_record(one), prescriptions.why_not_withdraw(one)
    return [
        act_on(
            one, "prescriptions.record_outcome", f"{one.url}/record_outcome", "Write down what they said",
            why_not=record,
        ),
        act_on(one, "prescriptions.withdraw", f"{one.url}/withdraw", "Undo", why_not=undo),
    ]  # fmt: skip


@pages.get("/prescriptions")
@reads("prescriptions", prescriptions.LIST)
def list() -> ResponseReturnValue:
    found = prescriptions.find(**asked())
    return listed(
        found,
        told,
        "prescriptions/list.html",
        statuses=PrescriptionStatus,
        customers=Customer.each(rx.customer_id for rx in found.items),
        today=now().date(),
    )


@pages.get("/prescriptions/<prescription_id>")
@reads("prescriptions")
def show(prescription_id: str) -> ResponseReturnValue:
    rx = Prescription.require(prescription_id)
    looks = [rx.status, rx.fetched_at, rx.sku, rx.fills_used, audit.movement(rx.id)]
    return live(
        looks,
        lambda: shown(
            rx,
            lambda: told_whole(rx) | {"findings": told_findings(rx)},
            "prescriptions/show.html",
            lambda: _page(rx),
        ),
        final=rx.final,
    )


def _page(rx: Prescription) -> dict[str, Any]:
    sees = {field: sight.shown(rx, field, to=actor(), patient=rx.customer_id) for field in FACE}
    return {
        "rx": rx,
        "causes": panel(rx),
        "drug": sees["drug"],
        "sig": sees["sig"],
        "customer": Customer.require(rx.customer_id),
        "product": Product.by_sku(rx.sku) if rx.sku else None,
        "fillable": gates.fills_left(rx),
        "dispenses": Dispense.of_prescription(rx.external_id),
        "requests": PrescriptionRequest.of_prescription(rx.id),
        "reasons": prescriptions.REASONS,
        "prior": _prior(rx),
        "newer": Prescription.after(rx.external_id),
        "trail": prescriptions.of_prescription(rx),
        "acts": acts_of(rx),
        "cases": cases.of(rx.id),
        "today": now().date(),
        "timeline": happened(rx),
    }


@pages.get("/prescription-requests")
@reads("prescriptions", prescriptions.REQUESTS)
def list_requests() -> ResponseReturnValue:
    found = prescriptions.find_requests(**asked())
    return listed(
        found,
        told_request,
        "prescriptions/list_requests.html",
        statuses=RequestStatus,
        kinds=RequestKind,
        customers=Customer.each(one.customer_id for one in found.items),
    )


@pages.get("/prescription-requests/<request_id>")
@reads("prescriptions")
def show_request(request_id: str) -> ResponseReturnValue:
    one = PrescriptionRequest.require(request_id)
    looks = [one.status, one.fetched_at, one.note, audit.movement(one.id)]
    return live(
        looks,
        lambda: shown(
            one, lambda: told_request(one), "prescriptions/show_request.html", lambda: _request_page(one)
        ),
        final=one.final,
    )


def _request_page(one: PrescriptionRequest) -> dict[str, Any]:
    acts = [act for act in acts_of_request(one) if act["act"] != "prescriptions.withdraw"]
    undone_here = {} if one.kind != RequestKind.PRESCRIBE else {"undo_until": None}
    return (
        _about(one)
        | sending(one)
        | undone_here
        | {
            "acts": acts,
            "made": Prescription.get(one.made_id) if one.made_id else None,
            "visit": Visit.get(one.visit_id) if one.visit_id else None,
            "provider": Provider.get(one.provider_id) if one.provider_id else None,
            "reasons": prescriptions.REASONS,
            "breakers": [],
            "cases": cases.of(one.id),
            "timeline": happened(one),
        }
    )


def _about(one: PrescriptionRequest) -> dict[str, Any]:
    return {
        "asked": one,
        "rx": Prescription.get(one.prescription_id) if one.prescription_id else None,
        "customer": Customer.get(one.customer_id) if one.customer_id else None,
    }


@pages.get("/dispenses/<dispense_id>")
@reads("prescriptions")
def show_dispense(dispense_id: str) -> ResponseReturnValue:
    one = Dispense.require(dispense_id)
    rx = Prescription.get(one.prescription_id) if one.prescription_id else None
    return shown(
        one,
        lambda: told_dispense(one),
        "prescriptions/show_dispense.html",
        lambda: {"dispense": one, "rx": rx, "cases": cases.of(one.id), "timeline": happened(one)},
    )


@pages.route("/prescriptions/<prescription_id>/resend", methods=["GET", "POST"])
@performs(prescriptions.resend)
def resend(form: NoInput, prescription_id: str) -> Asked:
    return Asked(
        prescription_id,
        context=_of(Prescription.require(prescription_id)) | {"submit": "Resend it"},
        done="It is sent to its pharmacy in two minutes; until then you can undo it.",
    )


def _of(rx: Prescription) -> dict[str, Any]:
    return {"rx": rx, "customer": Customer.require(rx.customer_id)}


class CancelForm(Form):
    reason = SelectField(
        "Why",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose why…"),
            *(SelectChoice(code, words) for code, words in prescriptions.REASONS.items()),
        ],
        validate_choice=False,
    )


@pages.route("/prescriptions/<prescription_id>/cancel", methods=["GET", "POST"])
@performs(prescriptions.cancel, CancelForm)
def cancel(form: CancelForm, prescription_id: str) -> Asked:
    return Asked(
        prescription_id,
        lambda: {"reason": form.reason.data},
        context=_of(Prescription.require(prescription_id)) | {"submit": "Ask to cancel it"},
        done="The pharmacy is asked in two minutes; until then you can undo it.",
    )


class RecordOutcomeForm(Form):
    """Choices are what a pharmacy may say to what it was asked."""

    outcome = SelectField("What they say", required("Choose what they say."), validate_choice=False)
    evidence = StringField(
        "Who said it, and when", text(300, needed=True), description="Nothing about the patient's health."
    )


@pages.route("/prescription-requests/<request_id>/record_outcome", methods=["GET", "POST"])
@performs(prescriptions.record_outcome, RecordOutcomeForm)
def record_outcome(form: RecordOutcomeForm, request_id: str) -> Asked:
    one = PrescriptionRequest.require(request_id)
    possible = prescriptions.OUTCOMES.get(RequestKind(one.kind), {})
    form.outcome.choices = [
        SelectChoice("", "Choose…"),
        *(SelectChoice(code, words) for code, (words, _) in possible.items()),
    ]
    return Asked(
        request_id,
        lambda: {"outcome": form.outcome.data, "evidence": form.evidence.data},
        context=_about(one) | {"submit": "Write it down"},
        done="Written down, and what waited for it goes on.",
    )


@pages.route("/prescription-requests/<request_id>/withdraw", methods=["GET", "POST"])
@performs(prescriptions.withdraw)
def withdraw(form: NoInput, request_id: str) -> Asked:
    context = _about(PrescriptionRequest.require(request_id)) | {"submit": "Undo it"}
    return Asked(request_id, context=context, done="Undone: nobody is asked.")


@pages.get("/unknown-patients/<unknown_patient_id>")
@reads("prescriptions")
def show_unknown_patient(unknown_patient_id: str) -> ResponseReturnValue:
    one = UnknownPatient.require(unknown_patient_id)
    return shown(
        one,
        lambda: _told_patient(one),
        "prescriptions/show_unknown_patient.html",
        lambda: {
            "patient": one,
            "customer": Customer.get(one.customer_id) if one.customer_id else None,
            "acts": _acts_of_patient(one),
            "cases": cases.of(one.id),
            "timeline": happened(one),
        },
    )


def _told_patient(one: UnknownPatient) -> dict[str, Any]:
    return common(one, _acts_of_patient(one)) | {
        "external_id": one.external_id,
        "waiting": one.waiting,
        "customer": f"/customers/{one.customer_id}" if one.customer_id else None,
    }


def _acts_of_patient(one: UnknownPatient) -> Acts:
    why_not = prescriptions.why_not_link(one)
    return [act_on(one, "prescriptions.link", f"{one.url}/link", "Say whose they are", why_not=why_not)]


class LinkForm(Form):
    customer = StringField(
        "Customer", text(100, needed=True), description="Their id, or the shop's number of them."
    )
    evidence = SelectField(
        "How you made sure",
        required("Say how you made sure."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(code, words) for code, words in prescriptions.EVIDENCE.items()),
        ],
        validate_choice=False,
    )


@pages.route("/unknown-patients/<unknown_patient_id>/link", methods=["GET", "POST"])
@performs(prescriptions.link, LinkForm)
def link(form: LinkForm, unknown_patient_id: str) -> Asked:
    one = UnknownPatient.require(unknown_patient_id)
    return Asked(
        unknown_patient_id,
        lambda: {
            "customer": form.customer.data,
            "evidence": form.evidence.data,
            "found": _as_read(one) if prescriptions.why_not_link(one) is None else None,
        },
        context={"patient": one, "submit": "This is the customer"},
        done="Linked. What is prescribed to them is read now.",
    )


class NoAnswer(Refused):
    """The healthcare system does not answer, so nobody can make sure who it is."""


def _as_read(one: UnknownPatient) -> PatientFacts | None:
    try:
        return prescriptions.patient_now(one)
    except (Unavailable, Declined) as failure:
        raise NoAnswer(f"{failure.words} Nothing was linked; try again.") from None
