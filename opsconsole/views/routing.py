"""Routing: by which rules orders go to which pharmacy, and what other rules would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import FieldList, Form, FormField, SelectField

from ..lib.money import Money
from ..models import Measure, Pharmacy, RoutingRules, RoutingStatus, Then, sentences
from ..services import pharmacies, routing
from ._acting import Asked, NoInput, performs
from ._fields import Reason, SelectChoice, Words
from ._happened import happened
from ._listing import Acts, act_on, asked, listed, shown
from ._versions import acts_of_version, again, told_version, waits_for
from ._who import reads

pages = Blueprint("routing", __name__)

MEASURES = {
    Measure.COST: "Cost, the cheapest first",
    Measure.STOCK: "Stock, who runs low last",
    Measure.CAPACITY: "Room today, the most first",
    Measure.RANK: "The order in which they are asked",
}
THEN = {Then.PREFER: "first, in this order", Then.ONLY: "only these", Then.AVOID: "last"}
SHOWN = 200  # moves that a page lists; programs get all


def told(version: RoutingRules) -> dict[str, Any]:
    rules = version.in_order()
    return told_version(version, acts_of(version)) | {
        "rules": [
            rule.as_json | {"pharmacies": [f"/pharmacies/{id}" for id in rule.pharmacies], "says": says}
            for rule, says in zip(rules, sentences(rules), strict=True)
        ],
        "ranking": version.ranking,
    }


def acts_of(version: RoutingRules) -> Acts:
    return acts_of_version(version, "routing", "Use these rules")


@pages.get("/routing")
@reads("routing", routing.LIST)
def list() -> ResponseReturnValue:
    active = RoutingRules.active()
    return listed(
        routing.find(**asked()),
        told,
        "routing/list.html",
        statuses=RoutingStatus,
        active=active,
        sentences=sentences(active.in_order()),
        measures=[MEASURES[one] for one in active.measures()],
        propose=act_on(None, "routing.propose", "/routing/propose", "Try a change"),
    )


@pages.get("/routing/<routing_id>")
@reads("routing")
def show(routing_id: str) -> ResponseReturnValue:
    version = RoutingRules.require(routing_id)
    draft = version.status == RoutingStatus.DRAFT
    seen = routing.simulate(version, RoutingRules.active()) if draft else None
    return shown(
        version,
        lambda: told(version) | {"simulation": _told(seen) if seen else None},
        "routing/show.html",
        lambda: {
            "version": version,
            "sentences": sentences(version.in_order()),
            "measures": [MEASURES[one] for one in version.measures()],
            "seen": seen,
            "moves": seen.moves[:SHOWN] if seen else (),
            "days": routing.DAYS,
            "dollars": _dollars,
            "acts": acts_of(version),
            "again": again(version, "routing"),
            "waiting": waits_for(version),
            "timeline": happened(version),
        },
    )


def _dollars(minor: int) -> Money:
    return Money(minor, "usd")


def _told(seen: routing.Simulated) -> dict[str, Any]:
    return {
        "days": routing.DAYS,
        "says": seen.says,
        "orders": seen.orders,
        "chosen": seen.chosen,
        "capped": seen.capped,
        "moved": len(seen.moves),
        "stranded": seen.stranded,
        "cost_delta": _dollars(seen.cost).as_json,
        "load": {name: {"now": now, "then": then} for name, (now, then) in seen.load.items()},
        "moves": [move.as_json for move in seen.moves],
    }


class RuleForm(Form):
    """One rule. A row that is left empty is none."""

    skus = Words("Products", description="SKUs; empty means any.")
    states = Words("States", description="Empty means any.")
    then = SelectField(
        "Then",
        choices=[SelectChoice(then.value, words) for then, words in THEN.items()],
        default=Then.PREFER.value,
        validate_choice=False,
        description="prefer, only or avoid.",
    )
    pharmacies = Words("Pharmacies", description="Names, ids or URLs.")


class ProposeForm(Reason):
    rules = FieldList(
        FormField(RuleForm),
        "Rules",
        max_entries=routing.MOST_RULES + 1,
        description="The first weighs the most.",
    )
    ranking = FieldList(
        SelectField(
            "Then by",
            choices=[
                SelectChoice("", "–"),
                *(SelectChoice(one.value, words) for one, words in MEASURES.items()),
            ],
            validate_choice=False,
        ),
        "Ranking",
        max_entries=len(Measure),
        description="Of cost, stock, capacity and rank, what decides between those that the rules leave; the first first.",
    )


@pages.route("/routing/propose", methods=["GET", "POST"])
@performs(routing.propose, ProposeForm)
def propose(form: ProposeForm) -> Asked:
    if request.method == "GET":
        _start_from(form, RoutingRules.get(request.args.get("start", "")) or RoutingRules.active())
    rules = _rules(form)
    _more_rows(form, len(rules))
    return Asked(
        None,
        lambda: {
            "rules": rules,
            "ranking": [name.data for name in form.ranking if name.data],
            "reason": form.reason.data,
        },
        context={
            "submit": "Write it down",
            "pharmacies": pharmacies.find(sort="name").items,
            "active": RoutingRules.active(),
        },
        done="The version is written down. Orders go by it once a second person agreed.",
    )


def _start_from(form: ProposeForm, version: RoutingRules) -> None:
    known = Pharmacy.each(id for rule in version.in_order() for id in rule.pharmacies)
    for rule in version.in_order():
        names = [known[id].name for id in rule.pharmacies if id in known]
        form.rules.append_entry(rule.as_json | {"pharmacies": names})
    for name in version.ranking:
        form.ranking.append_entry(name)


def _rules(form: ProposeForm) -> Sequence[dict[str, Any]]:
    """The rows as the act takes them. Empty ones at the end are the page's."""
    rows = [
        {name: getattr(row.form, name).data or [] for name in ("skus", "states", "pharmacies")}
        | {"then": row.form.then.data}
        for row in form.rules
    ]
    while rows and not any(rows[-1][name] for name in ("skus", "states", "pharmacies")):
        rows.pop()
    return rows


def _more_rows(form: ProposeForm, used: int) -> None:
    """Room for two more rules and every measure, as the page shows it."""
    while len(form.rules) < min(used + 2, routing.MOST_RULES):
        form.rules.append_entry()
    while len(form.ranking) < len(Measure):
        form.ranking.append_entry()


@pages.route("/routing/<routing_id>/adopt", methods=["GET", "POST"])
@performs(routing.adopt)
def adopt(form: NoInput, routing_id: str) -> Asked:
    version = RoutingRules.require(routing_id)
    return Asked(
        routing_id,
        context={
            "version": version,
            "sentences": sentences(version.in_order()),
            "measures": [MEASURES[one] for one in version.measures()],
            "submit": "Use these rules",
        },
        done="Orders go by these rules from now on.",
    )


@pages.route("/routing/<routing_id>/withdraw", methods=["GET", "POST"])
@performs(routing.withdraw)
def withdraw(form: NoInput, routing_id: str) -> Asked:
    version = RoutingRules.require(routing_id)
    return Asked(
        routing_id,
        context={"version": version, "submit": "Take it back"},
        done="The version was taken back.",
    )
