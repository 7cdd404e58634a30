"""What does not go on: the morning board, each with its cause, and the way to put it right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form, StringField

from ..lib.refusal import Invalid, Refused
from ..models import Case, Holder, Order, Stuck, StuckStatus, Team, locate
from ..services import stuck
from ..services.prescriptions import Offer
from ._acting import Asked, performs
from ._browser import at
from ._fields import MappingField, text
from ._listing import Acts, act_on, asked, common, found, listed, shown
from ._live import BOARD, PAGE, live
from ._offers import as_it_is, controls, door, has_door, own_page
from ._page import now
from ._reading import read, wants_json
from ._who import actor, polled, reads

pages = Blueprint("stuck", __name__)
NARROWS = {*stuck.LIST.filters} - {"subject"}


def subject_url(one: Any) -> str:
    return locate(one.subject_id)


def told(one: Stuck) -> dict[str, Any]:
    """One for programs: what it is, since when, who has to move, what shows it. Offers stand on its own page alone."""
    rule = stuck.RULES[one.code]
    return common(one, acts_of(one)) | {
        "status": one.status, "final": one.final, "code": one.code, "title": rule.title,
        "says": rule.says(one.details, now()), "subject": subject_url(one),
        "order": locate(one.order_id) if one.order_id else None,
        "customer": locate(one.customer_id) if one.customer_id else None,
        "ball": one.ball, "team": one.team, "vendor": one.vendor, "pharmacy": one.pharmacy_id, "since": at(one.since),
        "began_at": at(one.began_at), "warn_at": at(one.warn_at), "breach_at": at(one.breach_at),
        "ended_at": at(one.ended_at), "heals_by": at(one.since + rule.heals) if rule.heals else None,
        "runs_out_on": one.runs_out_on.isoformat() if one.runs_out_on else None, "fingerprint": one.fingerprint,
        "behind": locate(one.behind_id) if one.behind_id else None, "incident": one.incident_id,
        "case": locate(one.case_id) if one.case_id else None, "suggests": rule.suggests, "fix": f"{one.url}/fix",
    }  # fmt: skip


def acts_of(one: Stuck) -> Acts:
    over = "It goes on again: nothing has to be done." if one.final else None
    return [act_on(one, "stuck.fix", f"{one.url}/fix", stuck.RULES[one.code].suggests, why_not=over)]


def _told_whole(one: Stuck) -> dict[str, Any]:
    rule = stuck.RULES[one.code]
    offers = [] if one.final else _offered(one)
    return told(one) | {
        "evidence": [{"label": each.label, "value": each.value, "url": each.url or None} for each in rule.evidence(one)],
        "offers": [
            {
                "choice": offer.choice if offer.within else None, "act": offer.act, "url": own_page(offer),
                "label": offer.label, "does": offer.does, "fields": dict(offer.fields),
                "why_not": stuck.why_not_yours(offer, actor()),
            }
            for offer in offers
        ],
        "recipe": [{"step": type(step).__name__.lower(), "says": step.says} for step in rule.recipe],
    }  # fmt: skip


@pages.get("/stuck")
@reads("stuck", stuck.LIST)
def list() -> ResponseReturnValue:
    """The board, and the rows behind the number that was clicked; the most urgent first."""
    given = asked()
    if not wants_json() and not {"ids", "subject"} & set(given):
        if not NARROWS & set(request.args):
            given |= {"status": "stuck", "counted": "yes"}
        given.setdefault("sort", "urgency")
    page = found(given)
    board = stuck.board(at_most_old=1 if polled() else 0) if not wants_json() else None

    def answer() -> ResponseReturnValue:
        return listed(
            page, told, "stuck/list.html", board=board, ages=stuck.AGES, rules=stuck.RULES, statuses=StuckStatus,
            teams=Team, holders=Holder, subject_url=subject_url, showing=given.get("status", ""),
            places=Order.each(row.order_id for row in page.items),
        )  # fmt: skip

    rows = [(one.id, one.status, one.case_id) for one in page.items]
    return live([rows, page.next, board.looks if board else None], answer, every=BOARD)


@pages.get("/stuck/<stuck_id>")
@reads("stuck")
def show(stuck_id: str) -> ResponseReturnValue:
    one = Stuck.require(stuck_id)

    def answer() -> ResponseReturnValue:
        return shown(one, lambda: _told_whole(one), "stuck/show.html", lambda: _page(one))

    return live([one.status, one.behind_id, one.details, one.case_id], answer, every=PAGE, final=one.final)


def _page(one: Stuck) -> dict[str, Any]:
    rule = stuck.RULES[one.code]
    offers = [] if one.final else _offered(one)
    return {
        "one": one, "rule": rule, "says": rule.says(one.details, now()), "subject_url": subject_url(one),
        "evidence": rule.evidence(one), "offers": [(each, own_page(each)) for each in offers],
        "place": Order.get(one.order_id) if one.order_id else None, "acts": acts_of(one),
        "steps": [(type(step).__name__, step) for step in rule.recipe], "links": _links(one),
        "others": [] if one.final or not one.order_id else [x for x in stuck.of_order(one.order_id) if x.id != one.id],
        "rules": stuck.RULES, "runs": stuck.runs_of(one.id),
    }  # fmt: skip


def _links(one: Stuck) -> dict[str, str]:
    """What the pages that a recipe names are called by."""
    return {
        "subject": one.subject_id, "order": one.order_id or "", "customer": one.customer_id or "",
        "pharmacy": one.pharmacy_id or "", "vendor": one.vendor or "",
    }  # fmt: skip


def panel(order: Order) -> dict[str, Any] | None:
    """What the card on an order's page shows: the cause that counts."""
    causes = stuck.of_order(order.id)
    if not causes:
        return None
    first = causes[0]
    rule = stuck.RULES[first.code]
    return {"one": first, "rule": rule, "says": rule.says(first.details, now()), "more": len(causes) - 1}


def recipe_in(case: Case) -> dict[str, Any] | None:
    """What the card on a case's page shows: the steps by which its cause is put right, and the suggested act."""
    one = stuck.of_case(case)
    if one is None:
        return None
    rule, offers = stuck.RULES[one.code], _offered(one)
    return {
        "one": one, "offer": offers[0] if offers else None, "url": own_page(offers[0]) if offers else "",
        "steps": [(type(step).__name__, step) for step in rule.recipe], "links": _links(one),
    }  # fmt: skip


@pages.get("/stuck/recipes")
@reads("stuck")
def recipes() -> ResponseReturnValue:
    """Each cause with its recipe: how often it came, how it went away, whether the suggestion helps."""
    return render_template("stuck/recipes.html", measured=stuck.measured(), days=30)


# ---------------------------------------------------------------- putting it right


class FixForm(Form):
    """Besides these it has the fields of the act that is chosen."""

    choice = StringField(
        "How", text(120), description="One of what is offered; the suggested one unless given."
    )
    answers = MappingField(
        "Answers", description="What was answered to the recipe's questions, by their names."
    )


def _offered(one: Stuck) -> Sequence[Offer]:
    return [offer for offer in stuck.RULES[one.code].offers(one) if has_door(offer)]


def _answers(given: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.partition(".")[2]: str(value) for name, value in given.items() if name.startswith("answers.")
    }


def _given() -> tuple[str | None, dict[str, str]]:
    """Which offer is asked for, and what was answered."""
    if request.is_json:
        body = request.get_json(silent=True)
        body = body if isinstance(body, dict) else {}
        answers = body.get("answers")
        return str(body.get("choice") or "") or None, answers if isinstance(answers, dict) else {}
    given = request.form if request.method == "POST" else request.args
    return given.get("choice") or None, _answers(given)


def _asked(one: Stuck) -> tuple[Sequence[Offer], Offer | None]:
    """What is offered, and the one that the request is about."""
    offers, (choice, answers) = [] if one.final else _offered(one), _given()
    rule = stuck.RULES[one.code]
    try:
        chosen = stuck.chosen(rule, offers, choice, stuck.checked(rule, answers))
    except (Refused, Invalid):
        return offers, None
    if request.method == "GET" and not choice and stuck.why_not_yours(chosen, actor()):
        mine = [each for each in offers if each.within and not stuck.why_not_yours(each, actor())]
        chosen = mine[0] if mine else chosen
    return offers, chosen


def _form(stuck_id: str) -> Form:
    one = Stuck.require(stuck_id)
    _, offer = _asked(one)
    choice, answers = _given()
    known: dict[str, Any] = {"choice": choice or "", "answers": answers}
    if offer is None:
        return read(FixForm, known)
    _, view, _ = door(offer.act, offer.subject)
    both = type("FixNow", (FixForm, view.form), {})
    return read(both, {**offer.fields, **known, "choice": offer.choice})


@pages.route("/stuck/<stuck_id>/fix", methods=["GET", "POST"])
@performs(stuck.fix, FixForm, reads=_form)
def fix(form: Any, stuck_id: str) -> Asked:
    one = Stuck.require(stuck_id)
    _, offer = _asked(one)
    _, answers = _given()
    inner = None
    if offer and type(form) is not FixForm:
        _, view, arguments = door(offer.act, offer.subject)
        if request.method == "GET" and offer.act == "orders.readdress":
            as_it_is(form.ship_to.form, Order.require(offer.subject))
        inner = view.__wrapped__(form, **arguments)
    known = offer.fields if offer else {}
    fields = [*controls(form)] if offer else []
    return Asked(
        one.id,
        lambda: {
            "choice": form.choice.data or None, "answers": form.answers.data or {},
            "inputs": inner.inputs() if inner else {},
        },
        context=_page(one) | {
            "offer": offer, "answers": answers, "submit": offer.label if offer else "Do it",
            "shown": [each for each in fields if each.name not in known],
            "hidden": [("choice", offer.choice), *known.items()] if offer else [],
            "refuses": stuck.why_not_yours(offer, actor()) if offer else None,
        },
        done=inner.done if inner else "Done.",
        then=one.url,
    )  # fmt: skip
