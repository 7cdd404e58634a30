"""Reading versions of forms."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...models import Questionnaire, QuestionnaireStatus
from .._find import Listing, among, exactly

LIST = Listing(
    Questionnaire,
    {
        "status": among(Questionnaire.status, QuestionnaireStatus, "Which is asked, was asked, or waits."),
        "key": exactly(Questionnaire.key, "The form’s name.", few=True),
    },
)
find = LIST.find


def before(version: Questionnaire) -> Questionnaire | None:
    """The version of the same form before this one that patients were asked, if there was one."""
    query = select(Questionnaire).where(
        Questionnaire.key == version.key,
        Questionnaire.number < version.number,
        Questionnaire.status.in_((QuestionnaireStatus.ACTIVE, QuestionnaireStatus.SUPERSEDED)),
    )
    return db.session.scalar(query.order_by(Questionnaire.number.desc()).limit(1))


def forms() -> Sequence[Questionnaire]:
    """The version of each form that patients are asked now, by name."""
    query = select(Questionnaire).where(Questionnaire.status == QuestionnaireStatus.ACTIVE)
    return db.session.scalars(query.order_by(Questionnaire.key)).all()
