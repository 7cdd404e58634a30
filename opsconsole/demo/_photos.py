"""Photos that the demo's patients sent: drawn, of nobody. Only of visits that wait, which is where somebody looks."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image, ImageDraw, ImageFilter
from sqlalchemy import select

from .. import vendors
from ..config import Settings, adapters
from ..db import db
from ..models import Attachment, Visit, VisitAnswers
from ..services import attachments, transaction
from ._chance import Chance

MOST = 12  # visits
_SKINS = ((236, 200, 176), (222, 178, 148), (196, 148, 116), (150, 104, 78), (108, 74, 56))


def send(settings: Settings) -> None:
    """Put photos beside the visits that clinicians are to decide on, and those that they are compared with."""
    vendors.connect("files", adapters(settings)["files"])
    waiting = select(Visit).where(Visit.status == "submitted").order_by(Visit.due_at, Visit.id).limit(MOST)
    visits = list(db.session.scalars(waiting))
    wanted = [(one.id, one.customer_id) for one in visits]
    wanted += [(one.previous_id, one.customer_id) for one in visits if one.previous_id]
    db.session.rollback()
    for visit_id, customer_id in wanted:
        _of(visit_id, customer_id, before=visit_id not in [one.id for one in visits])


def _of(visit_id: str, customer_id: str, *, before: bool) -> None:
    found = VisitAnswers.of_visit(visit_id)
    told = found.answers if found else {}
    at, answers_id = (found.authored_at, found.id) if found else (None, "")
    db.session.rollback()
    photos = [value for values in told.values() for value in values if _is_photo(value)]
    drawn = [_drawn(customer_id, place, spots=22 if before else 9) for place in range(len(photos))]
    kept = [attachments.keep(attachments.read(each, "photo.jpg")) for each in drawn]
    if not kept:
        return
    with transaction():
        for value, file in zip(photos, kept, strict=True):
            made = Attachment(
                id=file.id, created_at=at, subject_noun=Visit.PLURAL, subject_id=visit_id, customer_id=customer_id,
                about=sorted((visit_id, customer_id)), kind=file.kind, size=file.size, width=file.width,
                height=file.height, by="the patient", by_id=customer_id, trace_id=answers_id,
            )  # fmt: skip
            made.name, made.key = file.name, file.key
            made.add()
            value["attachment"] = made.id
        VisitAnswers.lock(answers_id).told = json.dumps(told)


def _is_photo(value: Any) -> bool:
    return isinstance(value, dict) and "photo" in value


def _drawn(customer_id: str, place: int, *, spots: int) -> bytes:
    """A face as a child draws one, from the front or from the left, with so many spots."""
    skin = Chance("skin", customer_id).choice(_SKINS)
    chance = Chance("photo", f"{customer_id} {place} {spots}")
    canvas = Image.new("RGB", (720, 900), (206, 213, 216))
    draw = ImageDraw.Draw(canvas)
    shade = tuple(int(part * 0.86) for part in skin)
    draw.rectangle((280, 700, 440, 900), fill=shade)
    draw.ellipse((140, 90, 580, 790), fill=skin)
    left = place > 0
    eyes = ((250, 360),) if left else ((270, 370), (450, 370))
    for x, y in eyes:
        draw.ellipse((x - 34, y - 16, x + 34, y + 16), fill=(250, 250, 248))
        draw.ellipse((x - 14, y - 14, x + 14, y + 14), fill=(64, 46, 38))
        draw.arc((x - 52, y - 62, x + 52, y - 12), 200, 340, fill=(70, 54, 46), width=9)
    nose = 190 if left else 360
    draw.polygon(((nose, 400), (nose - 26, 520), (nose + 30, 524)), fill=shade)
    draw.arc(
        (nose - 10, 570, nose + 130, 650) if left else (280, 560, 440, 650),
        20,
        160,
        fill=(150, 70, 68),
        width=10,
    )
    for _ in range(spots):
        x, y, size = chance.randint(210, 510), chance.randint(420, 680), chance.randint(5, 12)
        red = (min(255, skin[0] + 6), max(0, skin[1] - 74), max(0, skin[2] - 70))
        draw.ellipse((x - size, y - size, x + size, y + size), fill=red)
    out = io.BytesIO()
    canvas.resize((480, 600)).filter(ImageFilter.GaussianBlur(1)).save(out, "JPEG", quality=86)
    return out.getvalue()
