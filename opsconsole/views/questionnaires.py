"""Forms that patients answer: versions, as they see them, and the editor. It edits rows, which nest by `inside`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from ..lib.refusal import Invalid
from ..models import Questionnaire, QuestionnaireStatus
from ..services import questionnaires
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import Reason, SelectChoice
from ._fields import text as at_most
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._versions import again, waits_for
from ._who import reads

pages = Blueprint("questionnaires", __name__)
EMPTY = 3  # rows at the end of the editor for what is new
STEP = 10  # between the places of rows, so that one can be put between two


def told(version: Questionnaire) -> dict[str, Any]:
    return common(version, acts_of(version)) | {
        "key": version.key,
        "number": version.number,
        "title": version.title,
        "items": version.items,
        "canonical": f"{version.canonical}|{version.number}",
        "external_id": version.external_id,
        "published_at": at(version.published_at),
        "reason": version.why,
        "by": version.by,
    }


def acts_of(version: Questionnaire) -> Acts:
    why_not = questionnaires.why_not_draft(version)
    return [
        act_on(version, "questionnaires.adopt", f"{version.url}/adopt", "Ask this version", why_not=why_not),
        act_on(version, "questionnaires.withdraw", f"{version.url}/withdraw", "Take back", why_not=why_not),
    ]


@pages.get("/questionnaires")
@reads("questionnaires", questionnaires.LIST)
def list() -> ResponseReturnValue:
    forms = questionnaires.forms()
    start = "" if forms else "?start=first"
    return listed(
        questionnaires.find(**asked()),
        told,
        "questionnaires/list.html",
        statuses=QuestionnaireStatus,
        forms=forms,
        propose=act_on(None, "questionnaires.propose", f"/questionnaires/propose{start}", "New form"),
    )


@pages.get("/questionnaires/<questionnaire_id>")
@reads("questionnaires")
def show(questionnaire_id: str) -> ResponseReturnValue:
    version = Questionnaire.require(questionnaire_id)
    before = questionnaires.before(version)
    differs = questionnaires.difference(before.items, version.items) if before else []
    return shown(
        version,
        lambda: told(version) | {"differs_from": before.number if before else None, "difference": differs},
        "questionnaires/show.html",
        lambda: {
            "version": version,
            "rows": as_seen(version.items),
            "before": before,
            "differs": differs,
            "acts": acts_of(version),
            "again": again(version, "questionnaires", "Edit as a new version"),
            "waiting": waits_for(version),
            "timeline": happened(version),
        },
    )  # fmt: skip


def as_seen(items: Sequence[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    """Each item as a page tells it: its number and depth, what is asked, how it is answered, and when."""
    return [
        {
            "number": one.number,
            "depth": len(one.parents),
            "item": one.item,
            "kind": questionnaires.KINDS[one.item["kind"]],
            "when": questionnaires.conditions_in_words(one.item, items),
        }
        for one in questionnaires.placed(items)
    ]


# ---------------------------------------------------------------- the editor


class ItemForm(Form):
    """One item as a row. A row without an id and a text is none."""

    place = IntegerField("Place", [Optional()], description="Rows stand in the order of these.")
    id = StringField("Id", at_most(60), description="Small letters, digits, - _ and dots. Answers keep it.")
    text = StringField("What is asked", at_most(1_000))
    kind = SelectField(
        "Answered with",
        choices=[SelectChoice(code, words) for code, words in questionnaires.KINDS.items()],
        default="yes_no",
        validate_choice=False,
    )
    required = BooleanField("Has to be answered")
    choices = TextAreaField("To choose from", at_most(4_000), description="One a line: acne: Acne.")
    inside = StringField("Inside of", at_most(60), description="The id of the group that it stands in.")
    when = TextAreaField(
        "Asked when",
        at_most(2_000),
        description="One condition a line: pregnant = yes, age >= 18, photo is answered. Empty: always.",
    )
    when_all = BooleanField("All of them have to hold")


class ProposeForm(Reason):
    key = StringField("Name", at_most(60), description="Small letters, digits and dashes: skin-intake.")
    title = StringField("Title", at_most(200), description="What patients read above it.")
    items = FieldList(FormField(ItemForm), "Questions", max_entries=questionnaires.MOST_ITEMS + EMPTY)


@pages.route("/questionnaires/propose", methods=["GET", "POST"])
@performs(questionnaires.propose, ProposeForm)
def propose(form: ProposeForm) -> Asked:
    if request.method == "GET":
        _start_from(form, request.args.get("start", ""))
    rows = _rows(form)
    _more_rows(form, len(rows))
    return Asked(
        None,
        lambda: {
            "key": (form.key.data or "").strip(),
            "title": form.title.data or "",
            "items": as_items(rows),
            "reason": form.reason.data,
        },
        context={"submit": "Write it down"},
        done="The version is written down. Patients are asked it once a second person agreed.",
    )


def _start_from(form: ProposeForm, start: str) -> None:
    version = Questionnaire.get(start)
    items: Sequence[Mapping[str, Any]] = version.items if version else ()
    if version:
        form.key.data, form.title.data = version.key, version.title
    elif start == "first":
        form.key.data, form.title.data, items = questionnaires.KEY, questionnaires.TITLE, questionnaires.FIRST
    for number, row in enumerate(as_rows(items), 1):
        form.items.append_entry(row | {"place": number * STEP})


def as_rows(items: Sequence[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    """A version's items as the editor has them."""
    return [
        {
            "id": one.id,
            "text": one.item["text"],
            "kind": one.item["kind"],
            "required": bool(one.item.get("required")),
            "choices": "\n".join(f"{c['code']}: {c['text']}" for c in one.item.get("choices") or ()),
            "inside": one.parents[-1] if one.parents else "",
            "when": questionnaires.written(one.item.get("when")),
            "when_all": bool(one.item.get("when_all")),
        }
        for one in questionnaires.placed(items)
    ]


def _rows(form: ProposeForm) -> Sequence[dict[str, Any]]:
    """The rows that say something, in their places; those without one stay where they were sent."""
    sent = [
        {name: field.data for name, field in row.form._fields.items()}
        for row in form.items
        if (row.form.id.data or "").strip() or (row.form.text.data or "").strip()
    ]
    last = 0
    for row in sent:
        last = row["place"] = row["place"] if row["place"] is not None else last
    return sorted(sent, key=lambda row: row["place"])


def as_items(rows: Sequence[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    """Rows as a version's items. Raises Invalid for a row inside of what is no group."""
    kinds = {(row["id"] or "").strip(): row["kind"] for row in rows}
    made = {number: _item(row, kinds) for number, row in enumerate(rows)}
    at_top, wrong = [], []
    for number, row in enumerate(rows):
        inside = (row["inside"] or "").strip()
        if not inside:
            at_top.append(made[number])
            continue
        around = next((made[n] for n in range(number) if made[n]["id"] == inside), None)
        if around is None:
            wrong.append(
                f"{made[number]['id'] or '?'}: It stands inside of “{inside}”, which is no row above it."
            )
        else:
            around.setdefault("items", []).append(made[number])
    if wrong:
        raise Invalid({"items": wrong})
    return at_top


def _item(row: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": (row["id"] or "").strip(), "text": (row["text"] or "").strip(), "kind": row["kind"],
    }  # fmt: skip
    if row["required"]:
        item["required"] = True
    if choices := [line.strip() for line in (row["choices"] or "").splitlines() if line.strip()]:
        parts = [line.partition(":") for line in choices]
        item["choices"] = [{"code": code.strip(), "text": words.strip()} for code, _, words in parts]
    if when := questionnaires.as_conditions(row["when"] or "", kinds):
        item["when"] = when
        if row["when_all"]:
            item["when_all"] = True
    return item


def _more_rows(form: ProposeForm, rows: int) -> None:
    """Room for new ones, as the page shows it."""
    while len(form.items) < min(rows + EMPTY, questionnaires.MOST_ITEMS):
        form.items.append_entry()


@pages.route("/questionnaires/<questionnaire_id>/adopt", methods=["GET", "POST"])
@performs(questionnaires.adopt)
def adopt(form: NoInput, questionnaire_id: str) -> Asked:
    context = {"version": Questionnaire.require(questionnaire_id), "submit": "Ask this version"}
    return Asked(questionnaire_id, context=context, done="Patients are asked this version from now on.")


@pages.route("/questionnaires/<questionnaire_id>/withdraw", methods=["GET", "POST"])
@performs(questionnaires.withdraw)
def withdraw(form: NoInput, questionnaire_id: str) -> Asked:
    context = {"version": Questionnaire.require(questionnaire_id), "submit": "Take it back"}
    return Asked(questionnaire_id, context=context, done="The version was taken back.")
