"""Cases of one cause, and one fix for up to fifty of them: prepare, look, run. On the blueprint of cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from ..lib.refusal import Invalid, NotFound, Refused
from ..models import Case, CaseStatus, GroupFix, Team
from ..services import ACTS, cases, stuck
from ..services.cases import FIXES, REASONS, Each
from ._acting import Asked, NoInput, inputs_of, performs
from ._browser import at
from ._fields import InstantField, SelectChoice, required, text
from ._listing import act_on, common, shown
from ._live import BOARD, THING, live
from ._reading import wants_json
from ._who import actor, reads
from .cases import due_words, offer_receivers, pages, tabs


@pages.get("/cases/groups")
@reads("cases")
def groups() -> ResponseReturnValue:
    """By cause: how many, since when, whom it hit, and how long there is."""
    team = request.args.get("team") or None
    if team and team not in [one.value for one in Team]:
        raise Invalid({"team": [f"There is no such team. There are: {', '.join(Team)}."]})
    found = cases.groups(team=team)
    if wants_json():
        return jsonify({"items": [_told_group(one) for one in found], "next": None})
    return live(
        found,
        lambda: render_template(
            "cases/groups.html", groups=found, reasons=REASONS, teams=Team, given={"team": team} if team else {},
            tabs=tabs("groups"), due_words=lambda one: due_words(_Due(one)), vendor_name=cases.vendor_name,
            fixes=cases.fixes_of(actor()), may_fix=ACTS["cases.prepare_fix"].permits(actor()),
        ),
        every=BOARD,
    )  # fmt: skip


class _Due:
    """A group as far as `due_words` looks: it is warned of by its tone alone."""

    def __init__(self, group: cases.Group) -> None:
        self.due_at = self.warn_at = group.due_at


def _told_group(group: cases.Group) -> dict[str, Any]:
    return {
        "fingerprint": group.fingerprint, "vendor": group.vendor, "reason": group.reason, "team": group.team,
        "count": group.count, "unowned": group.unowned, "customers": group.customers, "orders": group.orders,
        "first_at": at(group.first_at), "last_at": at(group.last_at), "due_at": at(group.due_at),
    }  # fmt: skip


# ---------------------------------------------------------------- preparing


class PrepareForm(Form):
    fix = SelectField(
        "What",
        required("Choose what to do."),
        choices=[
            SelectChoice("retry", "Try them again"),
            SelectChoice("suggested", "Do what is suggested for each"),
            SelectChoice("snooze", "Put them away"),
            SelectChoice("hand_over", "Hand them over"),
            SelectChoice("dismiss", "Dismiss them"),
        ],
        validate_choice=False,
    )
    cases = SelectMultipleField(
        "Cases",
        required("Choose at least one."),
        choices=[],
        validate_choice=False,
        description="At most 50.",
    )
    reason = StringField(
        "Reason", text(500), description="One sentence for colleagues and the audit. No health details."
    )
    until = InstantField("Until", [Optional()], description="A moment in UTC, to put them away until then.")
    to = SelectField("To", validate_choice=False, choices=[], default="")
    note = TextAreaField("What they have to know", text(2000), description="No health details.")


@pages.route("/cases/prepare_fix", methods=["GET", "POST"])
@performs(cases.prepare_fix, PrepareForm)
def prepare_fix(form: PrepareForm) -> Asked:
    offer_receivers(form.to)
    chosen = form.fix.data if form.fix.data in FIXES else "retry"
    offered = [] if wants_json() else _offered(form)
    if request.method == "GET" and not form.cases.data:
        form.cases.data = [one.id for one in offered]
    return Asked(
        None,
        lambda: _inputs(form),
        context={
            "offered": offered, "chosen": chosen, "needs": cases.NEEDS[chosen], "reasons": REASONS, "due_words": due_words,
            "submit": "Freeze the list and look at each", "switch": _switch(form),
        },
        done="The list is frozen. Nothing was done yet: look at what would come of each.",
    )  # fmt: skip


def _switch(form: PrepareForm) -> str:
    """What the URL asks, to be asked again with another thing to do."""
    asked = [
        (name, value) for name, value in request.args.items(multi=True) if name in ("ids", "fingerprint")
    ]
    kept = asked or [("ids", id) for id in form.cases.data or []]
    return f"{urlencode(kept)}&" if kept else ""


def _offered(form: PrepareForm) -> Sequence[Case]:
    """The cases that can be ticked: those that were asked for by their ids, else the group's most urgent ones."""
    ids = request.args.getlist("ids") or form.cases.data or []
    asked: dict[str, str] = {"status": "open", "sort": "urgency"}
    if ids:
        asked["ids"] = ",".join(ids[: cases.AT_ONCE])
    elif fingerprint := request.args.get("fingerprint"):
        asked["fingerprint"] = fingerprint
    else:
        return ()
    first = cases.find(**asked)
    rest = cases.find(**asked, after=first.next).items if first.next else []
    return [*first.items, *rest][: cases.AT_ONCE]


def _inputs(form: PrepareForm) -> dict[str, Any]:
    ids = form.cases.data or []
    own = form.fix.data == "suggested" and len(ids) <= cases.AT_ONCE
    return {
        "fix": form.fix.data, "cases": ids, "reason": form.reason.data or "", "until": form.until.instant,
        "to": form.to.data or "", "note": form.note.data or "",
        "suggested": [_suggested(Case.require(id)) for id in dict.fromkeys(ids)] if own else [],
    }  # fmt: skip


def _suggested(case: Case) -> Each:
    """What the diagnosis suggests for what is stuck, where nobody has to type anything. Its own door reads what is known."""
    nothing = Each(case.id, "", case.id, {}, "Nothing is suggested that can be done without looking at it.")
    spell = stuck.of(case.subject_id)
    if spell is None or spell.case_id != case.id:
        return nothing
    offer = next(iter(stuck.RULES[spell.code].offers(spell)), None)
    if offer is None or offer.then:
        return nothing
    doors: dict[str, Any] = {**current_app.view_functions}
    for rule in current_app.url_map.iter_rules():
        view = doors[rule.endpoint]
        if getattr(view, "act", None) is not ACTS[offer.act] or len(rule.arguments) != 1:
            continue
        [name] = rule.arguments
        form = view.form(MultiDict(offer.fields))
        try:
            asked = view.__wrapped__(form, **{name: offer.subject})
            return Each(case.id, offer.act, offer.subject, inputs_of(form, asked))
        except (Invalid, Refused) as error:
            nothing = Each(case.id, offer.act, offer.subject, {}, f"It needs a person: {_said(error)}")
        except NotFound:  # another noun's door of the same act
            continue
    return nothing


def _said(error: Invalid | Refused) -> str:
    if isinstance(error, Refused):
        return error.message
    return " ".join(words for said in error.errors.values() for words in said)


# ---------------------------------------------------------------- looking and running


def told_fix(fix: GroupFix) -> dict[str, Any]:
    return common(fix, _acts(fix)) | {
        "fix": fix.fix, "says": fix.says, "by": fix.by, "trace": fix.trace_id,
        "cases": [
            {
                "case": f"/cases/{row.case_id}", "act": row.act, "would": row.would, "outcome": row.outcome,
                "words": row.words, "result": row.url, "at": at(row.at),
            }
            for row in fix.rows()
        ],
    }  # fmt: skip


def _acts(fix: GroupFix) -> list[dict[str, Any]]:
    left = sum(row.outcome == "waiting" for row in fix.rows())
    why_not = None if left else "Nothing is left of it."
    if fix.by_id != actor().id:
        why_not = f"{fix.by} prepared it, and it runs as them."
    return [act_on(fix, "cases.run_fix", f"{fix.url}/run_fix", _label(fix, left), why_not=why_not)]


def _label(fix: GroupFix, left: int) -> str:
    return cases.says(fix.fix, [*Case.each(row.case_id for row in fix.rows()).values()], left)


@pages.get("/cases/fixes/<fix_id>")
@reads("cases")
def show_fix(fix_id: str) -> ResponseReturnValue:
    fix = GroupFix.require(fix_id)
    rows = fix.rows()

    def answer() -> ResponseReturnValue:
        return shown(fix, lambda: told_fix(fix), "cases/show_fix.html", lambda: _page_of(fix))

    return live([fix.status, [row.outcome for row in rows]], answer, every=THING, final=fix.final)


def _page_of(fix: GroupFix) -> dict[str, Any]:
    rows = fix.rows()
    return {
        "fix": fix, "rows": rows, "cases": Case.each(row.case_id for row in rows), "reasons": REASONS,
        "counts": Counter(row.outcome for row in rows), "acts": _acts(fix),
        "open": CaseStatus.OPEN,
    }  # fmt: skip


@pages.route("/cases/fixes/<fix_id>/run_fix", methods=["GET", "POST"])
@performs(cases.run_fix)
def run_fix(form: NoInput, fix_id: str) -> Asked:
    fix = GroupFix.require(fix_id)
    [act] = _acts(fix)
    return Asked(
        fix_id,
        context=_page_of(fix) | {"submit": act["label"]},
        done="Done, one after the other: see what came of each.",
    )
