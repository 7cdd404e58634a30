"""Photos that patients send with their answers: fetched by a promise each, sealed where files lie, named by the answer."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ... import vendors
from ...lib.refusal import Invalid
from ...models import AnswerPhoto, Attachment, Visit, VisitAnswers
from ...vendors.healthcare import Photo
from .. import attachments
from .._act import act, concerns, performing, say
from .._actor import Actor
from ..attachments import CannotKeep, Kept
from ..outbox import keeper, promise

PHOTO, KEPT = "photo", "attachment"  # in an answer's value: where it is there, and what it is here
NAME = "A photo from the questionnaire"


def with_photos(answers: VisitAnswers, told: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """In an act: the answers as they are kept, each photo with the attachment it became. What is new is fetched."""
    known = {one.place: one for one in AnswerPhoto.of(answers.id)}
    kept = {}
    for question, values in told.items():
        kept[question] = [
            _named(value, known, answers, question) if isinstance(value, dict) and PHOTO in value else value
            for value in values
        ]
    return kept


def _named(
    value: dict[str, Any], known: dict[str, AnswerPhoto], answers: VisitAnswers, question: str
) -> dict[str, Any]:
    place = str(value[PHOTO])
    if place not in known:
        known[place] = _wanted(place, answers, question)
    found = known[place].attachment_id
    return {**value, KEPT: found} if found else value


def _wanted(place: str, answers: VisitAnswers, question: str) -> AnswerPhoto:
    photo = AnswerPhoto(
        answers_id=answers.id, visit_id=answers.visit_id, customer_id=answers.customer_id, question=question[:255]
    )  # fmt: skip
    photo.place = place
    photo.add()
    says = "A photo that the patient sent is fetched from the healthcare system"
    promise(fetch, photo, lane=f"healthcare:{photo.id}", says=says, arguments={})
    return photo


def _place(photo_id: str) -> dict[str, Any]:
    return {"where": AnswerPhoto.require(photo_id).place}


def _put_away(found: Photo | None) -> Kept:
    """Seal it and put it where files lie, as pixels alone: where it was taken is not kept. Raises Declined for what is no
    picture, or is not there any more; Unavailable while the store does not answer."""
    if found is None:
        raise vendors.Declined("photo_gone", "The healthcare system has this photo no more.")
    try:
        return attachments.keep(attachments.read(found.data, NAME))
    except Invalid as odd:
        raise vendors.Declined("not_a_photo", " ".join(odd.errors["file"])) from None
    except CannotKeep as failure:
        raise vendors.Unavailable(failure.message, maybe_done=False) from None


@act(robots=("worker",), private=("facts",))
def photo_kept(photo_id: str, *, facts: Kept, fetched_at: datetime, by: Actor) -> Attachment | None:
    """It lies sealed where files lie: put it beside the visit, and name it in the answer."""
    photo = AnswerPhoto.require(photo_id)
    answers = VisitAnswers.lock(photo.answers_id)
    photo = AnswerPhoto.lock(photo_id)
    photo.visit_id = answers.visit_id
    if photo.attachment_id:
        say("This photo was kept before")
        return Attachment.get(photo.attachment_id)
    about = sorted(id for id in (photo.customer_id, answers.visit_id) if id)
    subject = answers.visit_id or photo.customer_id
    made = Attachment(
        id=facts.id,
        created_at=performing().now,
        subject_noun="visits" if answers.visit_id else "customers",
        subject_id=subject,
        customer_id=photo.customer_id,
        about=about,
        kind=facts.kind,
        size=facts.size,
        width=facts.width,
        height=facts.height,
        name=facts.name,
        key=facts.key,
        by="the patient",
        by_id=photo.customer_id,
        trace_id=performing().trace,
    ).add()
    photo.attachment_id = made.id
    answers.told = json.dumps(with_photos(answers, answers.answers))
    concerns(photo.customer_id, answers.visit_id)
    say("Kept a photo that the patient sent")
    return made


@act(robots=("worker",))
def photo_lost(photo_id: str, *, code: str, words: str, by: Actor) -> Visit | None:
    """The healthcare system does not give it. The outbox opens the case."""
    photo = AnswerPhoto.lock(photo_id)
    concerns(photo.customer_id, photo.visit_id)
    say("A photo that the patient sent cannot be fetched")
    return Visit.get(photo.visit_id) if photo.visit_id else None


fetch = keeper(
    "visits.fetch_photo",
    call="healthcare.fetch_photo",
    then=photo_kept,
    declined=photo_lost,
    changes=False,
    reads=_place,
    between=_put_away,
)
