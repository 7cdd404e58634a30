"""The lifecycle policy: what follows when nobody pays, who is told what beforehand, and what another policy would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FieldList, Form, FormField, IntegerField, SelectField, StringField
from wtforms.validators import Optional

from ..models import (
    Ending,
    LifecyclePolicy,
    LifecyclePolicyStatus,
    NoticeKind,
)  # fmt: skip
from ..services import lifecycle
from ._acting import Asked, NoInput, performs
from ._fields import Reason, SelectChoice, Words, text
from ._happened import happened
from ._listing import Acts, act_on, asked, listed, shown
from ._versions import acts_of_version, again, told_version, waits_for
from ._who import reads

pages = Blueprint("lifecycle", __name__)

SHOWN = 100  # invoices that a page lists; programs get all


def told(version: LifecyclePolicy) -> dict[str, Any]:
    return told_version(version, acts_of(version)) | {
        "steps": version.steps,
        "hard": version.hard,
        "hard_message": version.hard_message,
        "ends_on_day": version.ends_on_day,
        "ends_with": version.ends_with,
        "notices": [rule.as_json | {"says": rule.says} for rule in version.rules()],
    }


def acts_of(version: LifecyclePolicy) -> Acts:
    return acts_of_version(version, "lifecycle", "Use this version")


def in_words(version: LifecyclePolicy) -> dict[str, Any]:
    """A version as pages tell it."""
    return {
        "policy": version,
        "version": version,
        "steps": [one.says(lifecycle.labels()) for one in version.in_order()],
        "rules": version.rules(),
    }


@pages.get("/lifecycle")
@reads("lifecycle", lifecycle.LIST)
def list() -> ResponseReturnValue:
    return listed(
        lifecycle.find(**asked()),
        told,
        "lifecycle/list.html",
        statuses=LifecyclePolicyStatus,
        propose=act_on(None, "lifecycle.propose", "/lifecycle/propose", "Try a change"),
        **in_words(LifecyclePolicy.active()),
    )


@pages.get("/lifecycle/<lifecycle_id>")
@reads("lifecycle")
def show(lifecycle_id: str) -> ResponseReturnValue:
    version = LifecyclePolicy.require(lifecycle_id)
    draft = version.status == LifecyclePolicyStatus.DRAFT
    seen = lifecycle.simulate(version, LifecyclePolicy.active()) if draft else None
    return shown(
        version,
        lambda: told(version) | {"simulation": _told(seen) if seen else None},
        "lifecycle/show.html",
        lambda: (
            in_words(version)
            | {
                "seen": seen,
                "differs": seen.differs[:SHOWN] if seen else (),
                "days": lifecycle.DAYS,
                "acts": acts_of(version),
                "again": again(version, "lifecycle", "Start from this"),
                "waiting": waits_for(version),
                "timeline": happened(version),
            }
        ),
    )


def _told(seen: lifecycle.Simulated) -> dict[str, Any]:
    return {
        "days": lifecycle.DAYS,
        "says": seen.says,
        "failed": seen.failed,
        "differs": [
            {
                "invoice": f"/invoices/{one.invoice_id}",
                "from": one.before.words,
                "to": one.after.words,
                "lost": one.lost,
            }
            for one in seen.differs
        ],
        "lost": seen.lost,
        "renewals": seen.renewals,
        "moved": seen.moved,
        "gained": seen.gained,
        "dropped": seen.dropped,
        "capped": seen.capped,
    }


class StepForm(Form):
    """One step. A row without a day is none."""

    day = IntegerField("Day", [Optional()], description="Days after the first no.")
    tries = BooleanField("Try the card", description="Beside Stripe's own tries.")
    message = SelectField("Then tell them", validate_choice=False, description="When it is not paid then.")


class NoticeForm(Form):
    """One row of the table of notices. A row without days is none."""

    kind = SelectField(
        "Of",
        choices=[SelectChoice(kind.value, kind.words) for kind in NoticeKind],
        default=NoticeKind.RENEWAL.value,
        validate_choice=False,
    )
    state = StringField(
        "State", text(2), default="*", description="Two capital letters, or * for everywhere else."
    )
    from_days = IntegerField(
        "Every … days or less often", [Optional()], description="Of a trial: how long it lasts."
    )
    earliest = IntegerField("Earliest", [Optional()], description="Days before.")
    latest = IntegerField("Latest", [Optional()], description="Days before.")
    law = BooleanField("By law", description="A missed one is a case even where the date was set too late.")
    source = StringField("Source", text(300), description="What asks for it.")


class ProposeForm(Reason):
    steps = FieldList(FormField(StepForm), "Steps", max_entries=lifecycle.MOST_STEPS + 2)
    hard = Words("No more tries after", description="Decline codes, with commas between.")
    hard_message = SelectField(
        "Then tell them", validate_choice=False, description="In place of what a step says."
    )
    ends_on_day = IntegerField("Last day", [Optional()], description="Days after the first no.")
    ends_with = SelectField(
        "Then",
        choices=[SelectChoice(one.value, one.words) for one in Ending],
        validate_choice=False,
        description="cancel, pause or leave.",
    )
    notices = FieldList(FormField(NoticeForm), "Notices", max_entries=lifecycle.MOST_RULES + 2)


@pages.route("/lifecycle/propose", methods=["GET", "POST"])
@performs(lifecycle.propose, ProposeForm)
def propose(form: ProposeForm) -> Asked:
    active = LifecyclePolicy.active()
    if request.method == "GET":
        _start_from(form, LifecyclePolicy.get(request.args.get("start", "")) or active)
    steps, notices = _steps(form), _notices(form)
    _more_rows(form, len(steps), len(notices))
    return Asked(
        None,
        lambda: {
            "steps": steps,
            "hard": form.hard.data or [],
            "hard_message": form.hard_message.data or None,
            "ends_on_day": form.ends_on_day.data or 0,
            "ends_with": form.ends_with.data or "",
            "notices": notices,
            "reason": form.reason.data,
        },
        context={"submit": "Write it down", "active": active},
        done="The version is written down. It holds once a second person agreed.",
    )


def _start_from(form: ProposeForm, version: LifecyclePolicy) -> None:
    for step in version.steps:
        form.steps.append_entry(step)
    for rule in version.notices:
        form.notices.append_entry(rule)
    form.hard.data, form.hard_message.data = version.hard, version.hard_message
    form.ends_on_day.data, form.ends_with.data = version.ends_on_day, version.ends_with


def _steps(form: ProposeForm) -> Sequence[dict[str, Any]]:
    rows = [
        {"day": row.form.day.data, "tries": row.form.tries.data, "message": row.form.message.data or None}
        for row in form.steps
    ]
    return [row for row in rows if row["day"] is not None or row["tries"]]


def _notices(form: ProposeForm) -> Sequence[dict[str, Any]]:
    rows = [
        {name: getattr(row.form, name).data for name in ("kind", "from_days", "earliest", "latest", "law")}
        | {"state": (row.form.state.data or "*").strip().upper(), "source": row.form.source.data or ""}
        for row in form.notices
    ]
    return [row for row in rows if any(row[name] is not None for name in ("from_days", "earliest", "latest"))]


def _more_rows(form: ProposeForm, steps: int, notices: int) -> None:
    """Room for one more of each, as the page shows it, and the choices of messages."""
    while len(form.steps) < min(steps + 1, lifecycle.MOST_STEPS):
        form.steps.append_entry()
    while len(form.notices) < min(notices + 1, lifecycle.MOST_RULES):
        form.notices.append_entry()
    choices = [
        SelectChoice("", "nothing"),
        *(SelectChoice(code, label) for code, label in lifecycle.labels().items()),
    ]
    for row in form.steps:
        row.form.message.choices = choices
    form.hard_message.choices = choices


@pages.route("/lifecycle/<lifecycle_id>/adopt", methods=["GET", "POST"])
@performs(lifecycle.adopt)
def adopt(form: NoInput, lifecycle_id: str) -> Asked:
    version = LifecyclePolicy.require(lifecycle_id)
    return Asked(
        lifecycle_id,
        context=in_words(version) | {"submit": "Use this version"},
        done="This version holds from now on.",
    )


@pages.route("/lifecycle/<lifecycle_id>/withdraw", methods=["GET", "POST"])
@performs(lifecycle.withdraw)
def withdraw(form: NoInput, lifecycle_id: str) -> Asked:
    version = LifecyclePolicy.require(lifecycle_id)
    return Asked(
        lifecycle_id,
        context={"version": version, "submit": "Take it back"},
        done="The version was taken back.",
    )
