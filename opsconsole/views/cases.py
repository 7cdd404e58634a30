"""Cases: the one worklist of what somebody must look at, who has what, and the ways a person ends one.

Groups of one cause and their one fix stand in case_groups.py, on the same blueprint; the team board in team.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField, StringField, TextAreaField

from ..models import REGISTRY, Case, CaseStatus, Intercept, Staff, Team, locate
from ..services import audit, cases
from ..services.cases import REASONS
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._cells import span_words
from ._fields import InstantField, MappingField, Reason, SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, found, listed, shown
from ._live import BOARD, PAGE, live
from ._masking import written
from ._noting import noting
from ._page import now
from ._reading import wants_json
from ._who import actor, polled, reads
from .stuck import recipe_in

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
        "team": case.team,
        "vendor": case.vendor,
        "fingerprint": case.fingerprint,
        "warn_at": at(case.warn_at),
        "due_at": at(case.due_at),
        "claimed_at": at(case.claimed_at),
        "snoozed_until": at(case.snoozed_until),
        "snoozed_why": case.snoozed_why,
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
        act_on(case, "cases.claim", f"{case.url}/claim", "Take it", why_not=over or mine),
        act_on(case, "cases.hand_over", f"{case.url}/hand_over", "Hand it over", why_not=over),
        act_on(case, "cases.snooze", f"{case.url}/snooze", "Put it away", why_not=over),
        act_on(
            case, "cases.wake", f"{case.url}/wake", "Bring it back",
            why_not=over or (None if case.snoozed_until else "It was not put away."),
        ),
        act_on(
            case, "cases.release", f"{case.url}/release", "Give it back",
            why_not=over or (None if case.owner_id else "Nobody has it."),
        ),
        act_on(case, "cases.settle", f"{case.url}/settle", "Mark as done outside", why_not=done or alone),
        act_on(case, "cases.dismiss", f"{case.url}/dismiss", "Dismiss", why_not=done),
    ]  # fmt: skip


def due_words(case: Any) -> tuple[str, str, str]:
    """When a case lasts too long, as (words, tone, shape): "2 h left", or "over by 3 h"."""
    left = (case.due_at - now()).total_seconds()
    if left <= 0:
        return f"over by {span_words(left)}", "bad", "triangle"
    return f"{span_words(left)} left", *(("warn", "half") if case.warn_at <= now() else ("quiet", "ring"))


def tabs(current: str = "") -> Sequence[tuple[str, str, bool]]:
    """The views of the worklist: (label, URL, is it this one)."""
    me = actor()
    mine = {"status": "open", "owner": me.id, "snoozed": "no"}
    team = {"status": "open", "team": ",".join(cases.teams_of(me)), "snoozed": "no"}
    views = [
        ("Mine", mine) if me.human else None,
        ("My team", team) if team["team"] else None,
        ("Unowned", {"status": "open", "owner": cases.NOBODY, "snoozed": "no"}),
        ("Snoozed", {"status": "open", "snoozed": "yes"}),
        ("All", {"status": "open"}),
    ]
    here = {name: value for name, value in request.args.items() if name not in ("sort", "after") and value}
    here = here or {"status": "open"}
    found = [
        (label, f"/cases?{urlencode(query)}", not current and query == here)
        for label, query in filter(None, views)
    ]
    return [*found, ("Groups", "/cases/groups", current == "groups")]


@pages.get("/cases")
@reads("cases", cases.LIST)
def list() -> ResponseReturnValue:
    given = asked()
    if not wants_json():
        if not {"status", "subject", "ids"} & set(request.args):
            given["status"] = "open"
        given.setdefault("sort", "urgency")
    page = found(given)

    def answer() -> ResponseReturnValue:
        return listed(page, told, "cases/list.html", **_of_list(given))

    looks = [(one.id, one.status, one.owner_id, one.snoozed_until, one.due_at <= now()) for one in page.items]
    return live([looks, page.next], answer, every=BOARD)


def _of_list(given: dict[str, str]) -> dict[str, Any]:
    urgent = given.get("sort") == "urgency"
    again = urlencode({name: value for name, value in request.args.items() if name not in ("sort", "after")})
    return {
        "reasons": REASONS,
        "ages": cases.AGES,
        "dues": cases.DUE,
        "teams": Team,
        "vendor_choices": []
        if wants_json()
        else [(one, cases.vendor_name(one)) for one in cases.vendors_of_open()],
        "showing": given.get("status", ""),
        "statuses": CaseStatus,
        "subject_url": subject_url,
        "due_words": due_words,
        "tabs": [] if wants_json() else tabs(),
        "by_due": {"sort_url": f"/cases?{again}&sort=urgency", "sorted": "ascending" if urgent else None},
    }


@pages.get("/cases/<case_id>")
@reads("cases")
def show(case_id: str) -> ResponseReturnValue:
    case = Case.require(case_id)
    onlookers = [] if wants_json() else cases.looked(case, actor(), now=now(), polled=polled())

    def answer() -> ResponseReturnValue:
        return shown(
            case,
            lambda: told(case),
            "cases/show.html",
            lambda: (
                _page(case)
                | {
                    "acts": acts_of(case),
                    "timeline": happened(case),
                    "onlookers": onlookers,
                    "due": due_words(case),
                    "recipe": recipe_in(case),
                }
            ),
        )

    looks = [
        case.status, case.owner_id, case.says, case.snoozed_until, case.team, case.due_at <= now(),
        [one.name for one in onlookers], audit.movement(case.subject_id),
    ]  # fmt: skip
    return live(looks, answer, every=PAGE, final=case.final)


def _page(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "heading": REASONS.get(case.reason, case.reason),
        "subject_url": subject_url(case),
        "behind_url": _behind_url(case),
        "owner": owner_of(case),
        "team": next(team.words for team in Team if team.value == case.team),
        "vendor": cases.vendor_name(case.vendor),
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


@pages.route("/cases/next", methods=["GET", "POST"], endpoint="next")
@performs(cases.next_)
def next_(form: NoInput) -> Asked:
    return Asked(
        None, context={"submit": "Take it", "tabs": tabs()}, done="This one is yours now.", pinned=True
    )


@pages.route("/cases/<case_id>/release", methods=["GET", "POST"])
@performs(cases.release)
def release(form: NoInput, case_id: str) -> Asked:
    return Asked(
        case_id,
        context=_page(Case.require(case_id)) | {"submit": "Give it back"},
        done="It is there for others again.",
    )


class SnoozeForm(Reason):
    until = InstantField("Until", required("Choose when it comes back."), description="A moment in UTC.")


@pages.route("/cases/<case_id>/snooze", methods=["GET", "POST"])
@performs(cases.snooze, SnoozeForm)
def snooze(form: SnoozeForm, case_id: str) -> Asked:
    return Asked(
        case_id,
        lambda: {"until": form.until.instant, "reason": form.reason.data},
        context=_page(Case.require(case_id)) | {"submit": "Put it away"},
        done="It is put away, and comes back by itself.",
    )


@pages.route("/cases/<case_id>/wake", methods=["GET", "POST"])
@performs(cases.wake)
def wake(form: NoInput, case_id: str) -> Asked:
    return Asked(
        case_id, context=_page(Case.require(case_id)) | {"submit": "Bring it back"}, done="It is back."
    )


class HandOverForm(Form):
    to = SelectField("To", required("Choose to whom."), validate_choice=False, choices=[])
    note = TextAreaField("What they have to know", text(2000, needed=True), description="No health details.")


@pages.route("/cases/<case_id>/hand_over", methods=["GET", "POST"])
@performs(cases.hand_over, HandOverForm)
def hand_over(form: HandOverForm, case_id: str) -> Asked:
    offer_receivers(form.to)
    return Asked(
        case_id,
        lambda: {"to": form.to.data, "note": form.note.data},
        context=_page(Case.require(case_id)) | {"submit": "Hand it over"},
        done="It was handed over.",
    )


def offer_receivers(field: SelectField) -> None:
    """The teams and colleagues to whom a case can be given."""
    if not wants_json():
        names = (SelectChoice(code, name) for code, name in cases.receivers())
        field.choices = [SelectChoice("", "Choose…"), *names]


@pages.route("/cases/<case_id>/claim", methods=["GET", "POST"])
@performs(cases.claim)
def claim(form: NoInput, case_id: str) -> Asked:
    return Asked(
        case_id, context=_page(Case.require(case_id)) | {"submit": "Take it"}, done="The case is yours."
    )
