"""Which answers are flagged for a clinician: versions of the rules, and which visits another one would have flagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FieldList, Form, FormField, SelectField, StringField, TextAreaField

from ..models import BIRTH_DATES, FlagEffect, FlagKind, FlagRules, FlagRulesStatus, FlagSeverity
from ..services import flag_rules, sight
from ..services.flag_rules import Flips, Simulated
from ._acting import Asked, NoInput, performs
from ._fields import Reason, SelectChoice
from ._fields import text as at_most
from ._happened import happened
from ._listing import Acts, act_on, asked, listed, shown
from ._versions import acts_of_version, again, told_version, waits_for
from ._who import actor, reads

pages = Blueprint("flag_rules", __name__)
SHOWN = 100  # visits that a page lists; programs get all
EMPTY = 2  # rows at the end of the editor for what is new
HEALTH = BIRTH_DATES  # the right without which nobody is told which rule flags whom


def told(version: FlagRules) -> dict[str, Any]:
    return told_version(version, acts_of(version)) | {"rules": version.rules}


def acts_of(version: FlagRules) -> Acts:
    return acts_of_version(version, "flag_rules", "Use these rules")


@pages.get("/flag-rules")
@reads("flag_rules", flag_rules.LIST)
def list() -> ResponseReturnValue:
    active = FlagRules.active()
    start = f"/flag-rules/propose?start={active.id}"
    return listed(
        flag_rules.find(**asked()),
        told,
        "flag_rules/list.html",
        statuses=FlagRulesStatus,
        version=active,
        rules=in_words(active),
        propose=act_on(None, "flag_rules.propose", start, "Try a change"),
    )


def in_words(version: FlagRules) -> Sequence[tuple[Any, str]]:
    return [(rule, flag_rules.sentence(rule)) for rule in version.in_order()]


@pages.get("/flag-rules/<flag_rules_id>")
@reads("flag_rules")
def show(flag_rules_id: str) -> ResponseReturnValue:
    version = FlagRules.require(flag_rules_id)
    draft = version.status == FlagRulesStatus.DRAFT
    seen = flag_rules.simulate(version, FlagRules.active()) if draft else None
    return shown(
        version,
        lambda: told(version) | {"simulation": _told(seen) if seen else None},
        "flag_rules/show.html",
        lambda: {
            "version": version,
            "rules": in_words(version),
            "seen": seen,
            "flips": [_flip(one) for one in seen.flips[:SHOWN]] if seen else (),
            "days": flag_rules.DAYS,
            "acts": acts_of(version),
            "again": again(version, "flag_rules"),
            "waiting": waits_for(version),
            "timeline": happened(version),
        },
    )


def _told(seen: Simulated) -> dict[str, Any]:
    return {
        "says": seen.says,
        "looked_at": seen.looked_at,
        "capped": seen.capped,
        "gained": seen.by_severity("gained"),
        "lost": seen.by_severity("lost"),
        "flips": [_flip(one) for one in seen.flips],
    }


def _flip(one: Flips) -> dict[str, Any]:
    """A visit that would be flagged otherwise. Which rule flags it tells of the patient's health: that view is written down,
    and without the right only the severity is told."""
    may = actor().may(HEALTH)
    if may:
        sight.seen(one.visit_id, "flags", by=actor(), customer_id=one.customer_id)
    return {
        "visit": f"/visits/{one.visit_id}",
        **{
            which: [{"rule": rule.code if may else None, "severity": rule.severity.value} for rule in rules]
            for which, rules in (("gained", one.gained), ("lost", one.lost))
        },
    }


# ---------------------------------------------------------------- the editor


def _choice(label: str, choices: Sequence[tuple[str, str]]) -> SelectField:
    return SelectField(label, choices=[SelectChoice(*one) for one in choices], validate_choice=False)


class RuleForm(Form):
    """One rule as a row. A row without a name is none."""

    code = StringField("Name", at_most(60), description="Small letters, digits and _.")
    kind = _choice("Kind", [(one.value, one.words) for one in FlagKind])
    severity = _choice("Severity", [(one.value, one.value) for one in FlagSeverity])
    effect = _choice("What it does", [(one.value, one.words) for one in FlagEffect])
    says = StringField("The clinician reads", at_most(200))
    when = TextAreaField("Applies when", at_most(2_000), description=flag_rules.HELP)
    when_all = BooleanField("All of them have to hold")


class ProposeForm(Reason):
    rules = FieldList(FormField(RuleForm), "Rules", max_entries=flag_rules.MOST_RULES + EMPTY)


@pages.route("/flag-rules/propose", methods=["GET", "POST"])
@performs(flag_rules.propose, ProposeForm)
def propose(form: ProposeForm) -> Asked:
    active = FlagRules.active()
    if request.method == "GET":
        start = FlagRules.get(request.args.get("start", "")) or active
        for rule in start.rules:
            form.rules.append_entry(rule | {"when": flag_rules.written(rule["when"])})
    rows = [row.form for row in form.rules if (row.form.code.data or "").strip()]
    while len(form.rules) < min(len(rows) + EMPTY, flag_rules.MOST_RULES):
        form.rules.append_entry()
    return Asked(
        None,
        lambda: {"rules": [_rule(row) for row in rows], "reason": form.reason.data},
        context={"submit": "Write it down", "active": active, "help": flag_rules.HELP},
        done="The version is written down. Visits are flagged by it once a second person agreed.",
    )


def _rule(row: Any) -> Mapping[str, Any]:
    return {
        "code": row.code.data.strip(),
        **{name: getattr(row, name).data or "" for name in ("kind", "severity", "effect")},
        "says": (row.says.data or "").strip(),
        "when": flag_rules.as_conditions(row.when.data or ""),
        "when_all": bool(row.when_all.data),
    }


@pages.route("/flag-rules/<flag_rules_id>/adopt", methods=["GET", "POST"])
@performs(flag_rules.adopt)
def adopt(form: NoInput, flag_rules_id: str) -> Asked:
    version = FlagRules.require(flag_rules_id)
    context = {"version": version, "rules": in_words(version), "submit": "Use these rules"}
    return Asked(flag_rules_id, context=context, done="Visits are flagged by these rules from now on.")


@pages.route("/flag-rules/<flag_rules_id>/withdraw", methods=["GET", "POST"])
@performs(flag_rules.withdraw)
def withdraw(form: NoInput, flag_rules_id: str) -> Asked:
    context = {"version": FlagRules.require(flag_rules_id), "submit": "Take it back"}
    return Asked(flag_rules_id, context=context, done="The version was taken back.")
