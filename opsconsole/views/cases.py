"""Cases: what nobody could settle, and the ways a person ends one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import Form, StringField

from ..models import REGISTRY, Case, CaseStatus, Intercept, Staff, locate
from ..services import audit, cases
from ..services.cases import REASONS
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import MappingField, Reason, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, found, listed, shown
from ._live import BOARD, PAGE, live
from ._masking import written
from ._noting import noting
from ._reading import wants_json
from ._who import actor, reads

pages = Blueprint("cases", __name__)
noting(pages, cases.note, Case)


def subject_url(case: Case) -> str | None:
    """Where the thing is that the case is about; a case about a vendor has no such page."""
    return locate(case.subject_id) if case.subject_id.partition("_")[0] in REGISTRY else None


def owner_of(case: Case) -> Staff | None:
    return Staff.get(case.owner_id) if case.owner_id else None


def told(case: Case) -> dict[str, Any]:
    owner = owner_of(case)
    return common(case, acts_of(case)) | {
        "reason": case.reason,
        "subject": subject_url(case) or case.subject_id,
        "says": written(case.says),
        "suggests": case.suggests,
        "fixable": [*cases.allowed(case)],
        "owner": owner.email if owner else None,
        "outcome": case.outcome,
        "resolved_at": at(case.resolved_at),
        "trace": case.trace_id,
    }


def acts_of(case: Case) -> Acts:
    over = done = f"It was {case.outcome or 'resolved'}." if case.status == CaseStatus.RESOLVED else None
    how = cases.behind(case)
    done = done or (how.instead if how and how.instead else None)
    alone = None if how else "Nothing waits behind this case: follow what it suggests."
    mine = (
        "It is yours."
        if case.owner_id == actor().id
        else None
        if actor().human
        else "Only people take cases."
    )
    again = alone or (
        "Nothing is sent from here: do it, then write down how it ended."
        if how and how.retry is None
        else None
    )
    return [
        act_on(case, "cases.retry", f"{case.url}/retry", "Try again", why_not=done or again),
        act_on(case, "cases.settle", f"{case.url}/settle", "Mark as done outside", why_not=done or alone),
        act_on(case, "cases.dismiss", f"{case.url}/dismiss", "Dismiss", why_not=done),
        act_on(case, "cases.claim", f"{case.url}/claim", "Take it", why_not=over or mine),
    ]


@pages.get("/cases")
@reads("cases", cases.LIST)
def list() -> ResponseReturnValue:
    given = asked()
    if not {"status", "subject", "ids"} & set(request.args) and not wants_json():
        given["status"] = "open"
    page = found(given)

    def answer() -> ResponseReturnValue:
        return listed(
            page,
            told,
            "cases/list.html",
            reasons=REASONS,
            ages=cases.AGES,
            showing=given.get("status", ""),
            statuses=CaseStatus,
            subject_url=subject_url,
        )

    return live([[(one.id, one.status, one.owner_id) for one in page.items], page.next], answer, every=BOARD)


@pages.get("/cases/<case_id>")
@reads("cases")
def show(case_id: str) -> ResponseReturnValue:
    case = Case.require(case_id)

    def answer() -> ResponseReturnValue:
        return shown(
            case,
            lambda: told(case),
            "cases/show.html",
            lambda: _page(case) | {"acts": acts_of(case), "timeline": happened(case)},
        )

    looks = [case.status, case.owner_id, case.says, audit.movement(case.subject_id)]
    return live(looks, answer, every=PAGE, final=case.final)


def _page(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "heading": REASONS.get(case.reason, case.reason),
        "subject_url": subject_url(case),
        "behind_url": _behind_url(case),
        "owner": owner_of(case),
    }


def _behind_url(case: Case) -> str | None:
    """Where what waits behind it has a page. A wish to stop a parcel stands on the parcel's."""
    of = (case.behind_id or "").partition("_")[0]
    return locate(str(case.behind_id)) if of and of != Intercept.PREFIX else None


class RetryForm(Reason):
    fix = MappingField("Changed", description='What to send differently, {"amount": "5.00"}.')


@pages.route("/cases/<case_id>/retry", methods=["GET", "POST"])
@performs(cases.retry, RetryForm)
def retry(form: RetryForm, case_id: str) -> Asked:
    case = Case.require(case_id)
    return Asked(
        case_id,
        lambda: {"reason": form.reason.data, "fix": form.fix.data or {}},
        context=_page(case) | {"fixable": cases.allowed(case), "submit": "Try again"},
        done="It is being tried again.",
        then=subject_url(case),
    )


class SettleForm(Reason):
    external_id = StringField(
        "Where it was done", text(255, needed=True), description="The other system's id, a cheque's number…"
    )


@pages.route("/cases/<case_id>/settle", methods=["GET", "POST"])
@performs(cases.settle, SettleForm)
def settle(form: SettleForm, case_id: str) -> Asked:
    return Asked(
        case_id,
        lambda: {"reason": form.reason.data, "external_id": form.external_id.data},
        context=_page(Case.require(case_id)) | {"submit": "Mark as done"},
        done="Marked as done outside.",
    )


@pages.route("/cases/<case_id>/dismiss", methods=["GET", "POST"])
@performs(cases.dismiss, Reason)
def dismiss(form: Form, case_id: str) -> Asked:
    return Asked(
        case_id,
        lambda: {"reason": form.reason.data},  # type: ignore[attr-defined]
        context=_page(Case.require(case_id)) | {"submit": "Dismiss the case"},
        done="The case was dismissed.",
    )


@pages.route("/cases/<case_id>/claim", methods=["GET", "POST"])
@performs(cases.claim)
def claim(form: NoInput, case_id: str) -> Asked:
    return Asked(
        case_id, context=_page(Case.require(case_id)) | {"submit": "Take it"}, done="The case is yours."
    )
