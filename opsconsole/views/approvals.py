"""Approvals: what waits for a second person, and deciding on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import DateField, Form, SelectField, StringField, TextAreaField

from ..models import REGISTRY, Approval, ApprovalStatus, locate
from ..services import approvals, staff
from ._acting import Asked, NoInput, performs
from ._fields import Reason, SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._masking import masked_changes, written
from ._who import actor, reads

pages = Blueprint("approvals", __name__)


def subject_url(approval: Approval) -> str | None:
    known = approval.about_id and approval.about_id.partition("_")[0] in REGISTRY
    return locate(str(approval.about_id)) if known else None


def told(approval: Approval) -> dict[str, Any]:
    return common(approval, acts_of(approval)) | {
        "act": approval.act,
        "subject": subject_url(approval),
        "says": written(approval.says, approval.act),
        "hash": approval.hash,
        "preview": approval.seen | {"changes": masked_changes(approval.seen["changes"])},
        "needs": [need["why"] for need in approval.needs],
        "asked_by": approval.asked_by,
        "decided_by": approval.decided_by,
        "note": approval.note,
        "expires_at": approval.expires_at.isoformat(),
        "result": locate(approval.done_id) if approval.done_id else None,
        "trace": approval.trace_id,
    }


def acts_of(approval: Approval) -> Acts:
    why_not = approvals.why_not(approval, actor())
    over = None if approval.status == ApprovalStatus.WAITING else f"It is {approval.status} already."
    not_mine = None if approval.asked_by_id == actor().id else f"Only {approval.asked_by} can take it back."
    return [
        act_on(approval, "approvals.approve", f"{approval.url}/approve", "Approve", why_not=why_not),
        act_on(approval, "approvals.reject", f"{approval.url}/reject", "Say no", why_not=why_not),
        act_on(
            approval,
            "approvals.withdraw",
            f"{approval.url}/withdraw",
            "Take it back",
            why_not=over or not_mine,
        ),
    ]


@pages.get("/approvals")
@reads("approvals", approvals.LIST)
def list() -> ResponseReturnValue:
    found = approvals.find(**asked())
    return listed(found, told, "approvals/list.html", statuses=ApprovalStatus)


@pages.get("/approvals/<approval_id>")
@reads("approvals")
def show(approval_id: str) -> ResponseReturnValue:
    approval = Approval.require(approval_id)
    return shown(
        approval,
        lambda: told(approval),
        "approvals/show.html",
        lambda: _page(approval) | {"acts": acts_of(approval), "timeline": happened(approval)},
    )


def _page(approval: Approval) -> dict[str, Any]:
    return {
        "approval": approval,
        "subject_url": subject_url(approval),
        "done_url": locate(approval.done_id) if approval.done_id else None,
        "history": approvals.history(approval),
    }


class ApproveForm(Form):
    note = TextAreaField("Note", text(2000), description="For whoever asked, and for the audit.")
    hash = StringField("What was seen", text(64, needed=True))


@pages.route("/approvals/<approval_id>/approve", methods=["GET", "POST"])
@performs(approvals.approve, ApproveForm)
def approve(form: ApproveForm, approval_id: str) -> Asked:
    approval = Approval.require(approval_id)
    if request.method == "GET" and not form.hash.data:
        form.hash.process(None, approval.hash)
        form.hash.raw_data = [approval.hash]  # as if it had been typed: the note is all that people add
    return Asked(
        approval_id,
        lambda: {"note": form.note.data or "", "hash": form.hash.data},
        context=_page(approval) | {"submit": "Approve and do it"},
        done="Approved, and done.",
        status=200,
        pinned=True,
    )


class RejectForm(Form):
    note = TextAreaField(
        "Why not", text(2000, needed=True), description="For whoever asked, and for the audit."
    )


@pages.route("/approvals/<approval_id>/reject", methods=["GET", "POST"])
@performs(approvals.reject, RejectForm)
def reject(form: RejectForm, approval_id: str) -> Asked:
    return Asked(
        approval_id,
        lambda: {"note": form.note.data or ""},
        context=_page(Approval.require(approval_id)) | {"submit": "Say no"},
        done="It will not be done.",
        status=200,
    )


@pages.route("/approvals/<approval_id>/withdraw", methods=["GET", "POST"])
@performs(approvals.withdraw)
def withdraw(form: NoInput, approval_id: str) -> Asked:
    return Asked(
        approval_id,
        context=_page(Approval.require(approval_id)) | {"submit": "Take it back"},
        done="The request was taken back.",
        status=200,
    )


class DelegateForm(Reason):
    """Choices are the colleagues who can sign in."""

    colleague = SelectField("Colleague", required("Choose who."), validate_choice=False)
    until = DateField("Until the end of", required("Choose a day."))


@pages.route("/approvals/delegate", methods=["GET", "POST"])
@performs(approvals.delegate, DelegateForm)
def delegate(form: DelegateForm) -> Asked:
    known = [SelectChoice(one.id, one.name) for one in staff.colleagues(actor().id)]
    form.colleague.choices = [SelectChoice("", "Choose…"), *known]
    return Asked(
        None,
        lambda: {
            "colleague": (form.colleague.data or "").rsplit("/", 1)[-1],
            "until": _end_of(form.until.data),
            "reason": form.reason.data,
        },
        context={"submit": "Let them approve for me"},
        done="They approve in your place until then.",
        then="/approvals",
    )


def _end_of(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


@pages.route("/delegations/<delegation_id>/end", methods=["GET", "POST"])
@performs(approvals.end_delegation)
def end_delegation(form: NoInput, delegation_id: str) -> Asked:
    return Asked(delegation_id, context={"submit": "End it"}, done="It has ended.", then="/approvals")
