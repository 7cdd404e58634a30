"""What the healthcare system tells of a form that we published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...db import db
from ...models import Questionnaire, QuestionnaireStatus
from ...vendors.healthcare import QuestionnaireFacts
from .. import cases
from .._act import act, say
from .._actor import Actor
from ._propose import take_in

UNPUBLISHED = "form_not_asked"  # the reason of the case


@act(robots=("healthcare", "worker"))
def settle(ref: str, *, facts: QuestionnaireFacts, fetched_at: datetime, by: Actor) -> Questionnaire | None:
    """Note under which id the healthcare system keeps a version. What it retired itself, while it is what patients are to
    be asked, is a case. A form that is not ours is none of ours."""
    known = of_canonical(facts.url, facts.number)
    if known is None:
        say("It is a form that is not ours")
        return None
    version = Questionnaire.lock(known.id)
    take_in(version, facts, fetched_at)
    if version.status == QuestionnaireStatus.ACTIVE and version.published_at and facts.status == "retired":
        cases.open_case(
            UNPUBLISHED,
            version.id,
            says=f"Version {version.number} of the form {version.key} is what patients are asked, and the healthcare "
            "system has retired it. Propose it anew, or ask the clinic.",
            suggests={"act": "questionnaires.propose", "url": version.url, "label": "See the form"},
            about=[version.id],
        )
    elif facts.status == "active":
        cases.close_when_solved(UNPUBLISHED, version.id, "the healthcare system asks it again")
    say(f"The healthcare system: version {version.number} of the form {version.key} is {facts.status}")
    return version


def of_canonical(url: str, number: str) -> Questionnaire | None:
    """The version of ours that goes by that URL and number there; None for any other form."""
    key = url.rstrip("/").rpartition("/")[2]
    if not number.isdecimal() or len(number) > 9:
        return None
    query = select(Questionnaire).where(Questionnaire.key == key, Questionnaire.number == int(number))
    found = db.session.scalar(query)
    return found if found and found.canonical == url else None
