"""Changing a form: propose -> adopt, by a second person, which has the healthcare system publish it; or withdraw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ... import vendors
from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Questionnaire, QuestionnaireStatus
from ...vendors.healthcare import QuestionnaireFacts
from .. import staff
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ..outbox import keeper, promise
from ._check import problems
from ._difference import difference

_S = QuestionnaireStatus
SECOND = "What patients are asked is never changed by one person alone."
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")


class SameForm(Refused):
    """Patients are asked exactly this already."""


class NotADraft(Refused):
    """It is asked, was asked, or was taken back."""


class NoHealthRecord(Refused):
    """Nobody is connected who could ask patients."""


@act
def propose(*, key: str, title: str, items: list[dict[str, Any]], reason: str, by: Actor) -> Questionnaire:
    """Write down the next version of the form `key`, or the first one of a new form. Nobody is asked it until somebody else
    agreed (`adopt`). `items` as models/questionnaire.py has them. Raises Invalid with everything that is wrong, SameForm.
    """
    wrong: dict[str, list[str]] = {}
    if not _KEY.fullmatch(key):
        wrong["key"] = ["A form’s name has small letters, digits and dashes."]
    if not 0 < len(title.strip()) <= 200:
        wrong["title"] = ["Write what the form is called, in at most 200 characters."]
    if found := problems(items):
        wrong["items"] = found
    if wrong:
        raise Invalid(wrong)
    _lock(key)
    active = Questionnaire.active(key)
    if active and (active.title, active.items) == (title.strip(), items):
        raise SameForm("Patients are asked exactly this already.")
    number = db.session.scalar(select(func.max(Questionnaire.number)).where(Questionnaire.key == key)) or 0
    made = Questionnaire(
        status=_S.DRAFT,
        key=key,
        number=number + 1,
        title=title.strip(),
        items=items,
        why=staff.reasoned(reason),
        by=by.label,
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    _warn(made, active)
    say(f"Proposed version {made.number} of the form {key}: {made.why}")
    return made


@act(second=SECOND)
def adopt(questionnaire_id: str, *, by: Actor) -> Questionnaire:
    """Have patients asked this version from now on: the healthcare system publishes it and retires the one before. Who has
    begun goes on with the version they were asked. Raises NotADraft, NoHealthRecord."""
    draft = _draft(questionnaire_id)
    if not vendors.connected("healthcare"):
        raise NoHealthRecord("No healthcare system is connected: nobody could be asked.")
    active = Questionnaire.active(draft.key)
    _warn(draft, active)
    if active:
        active = Questionnaire.lock(active.id)
        active.move_to(_S.SUPERSEDED)
        db.session.flush()  # there is never more than one
    draft.move_to(_S.ACTIVE)
    _publish(draft, "active", f"The healthcare system publishes version {draft.number} of a form")
    if active:
        _publish(active, "retired", f"The healthcare system retires version {active.number} of a form")
        concerns(active.id)
    say(f"Patients are asked version {draft.number} of the form {draft.key}: {draft.why}")
    return draft


@act
def withdraw(questionnaire_id: str, *, by: Actor) -> Questionnaire:
    """Take a draft back. Raises NotADraft."""
    draft = _draft(questionnaire_id)
    draft.move_to(_S.WITHDRAWN)
    say(f"Took version {draft.number} of the form {draft.key} back")
    return draft


def why_not_draft(version: Questionnaire) -> str | None:
    """Why a version can neither be adopted nor taken back any more."""
    return {
        _S.DRAFT: None,
        _S.ACTIVE: "Patients are asked it already. To go back, propose the earlier version anew.",
        _S.SUPERSEDED: "A newer version took its place. Propose it anew.",
        _S.WITHDRAWN: "It was taken back. Propose it anew.",
    }[QuestionnaireStatus(version.status)]


def _draft(questionnaire_id: str) -> Questionnaire:
    known = Questionnaire.require(questionnaire_id)
    _lock(known.key)
    version = Questionnaire.lock(questionnaire_id)
    if why_not := why_not_draft(version):
        raise NotADraft(why_not)
    return version


def _lock(key: str) -> None:
    """One change of a form at a time: its newest version is what is locked; of a new form there is nothing to disturb."""
    query = select(Questionnaire.id).where(Questionnaire.key == key).order_by(Questionnaire.number.desc())
    db.session.execute(query.limit(1).with_for_update())


def _warn(version: Questionnaire, active: Questionnaire | None) -> None:
    said = difference(active.items, version.items) if active else []
    for words in said[:20]:
        warn(words)
    if len(said) > 20:
        warn(f"And {len(said) - 20} more differences: its page shows all of them.")


# ------------------------------------------------------------------ at the healthcare system


def _publish(version: Questionnaire, status: str, says: str) -> None:
    asks: Mapping[str, Any] = {
        "url": version.canonical, "number": str(version.number), "title": version.title, "status": status,
        "items": version.items,
    }  # fmt: skip
    promise(publish, version, lane=f"healthcare:form/{version.key}", says=says, arguments=dict(asks))


@act(robots=("worker",))
def published(
    questionnaire_id: str, *, facts: QuestionnaireFacts, fetched_at: datetime, by: Actor
) -> Questionnaire:
    """The healthcare system has it, or has retired it."""
    version = Questionnaire.lock(questionnaire_id)
    take_in(version, facts, fetched_at)
    say(f"The healthcare system has version {version.number} of the form {version.key}: {facts.status}")
    return version


def take_in(version: Questionnaire, facts: QuestionnaireFacts, fetched_at: datetime) -> None:
    version.external_id = facts.id
    if facts.status == "active" and version.published_at is None:
        version.published_at = facts.updated_at or fetched_at


@act(robots=("worker",))
def declined(questionnaire_id: str, *, code: str, words: str, by: Actor) -> Questionnaire:
    """The healthcare system does not take it. The outbox opens the case; patients are asked what it has."""
    version = Questionnaire.lock(questionnaire_id)
    say(f"The healthcare system did not take version {version.number} of the form {version.key}: {words}")
    return version


publish = keeper("questionnaires.publish", call="healthcare.publish", then=published, declined=declined)
