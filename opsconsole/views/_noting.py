"""The door to writing a note, alike for every noun that can carry notes, and the box for it on the noun's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint
from wtforms import BooleanField, Form, TextAreaField

from ..lib import ids
from ..models import Note, Record
from ..services import ACTS, Act, notes, search
from ._acting import Asked, performs
from ._fields import text
from ._who import actor


class NoteForm(Form):
    text = TextAreaField(
        "Note",
        text(4000, needed=True),
        description="@sam tells Sam. Health details only with the box below ticked.",
    )
    phi = BooleanField(
        "Tells of somebody's health", description="Then only clinicians, auditors and you can read it."
    )


def noting(pages: Blueprint, act: Act, noun: type[Record]) -> None:
    """Give a noun its door /<nouns>/<id>/note."""
    name = f"{noun.noun()}_id"

    def note(form: NoteForm, **subject: str) -> Asked:
        record = noun.require(subject[name])
        return Asked(
            record.id,
            lambda: {"text": form.text.data or "", "phi": form.phi.data},
            context={"on": search.hit(record, actor()), "submit": "Write it down"},
            done="The note is written.",
            then=record.url,
        )

    door = performs(act, NoteForm)(note)
    pages.add_url_rule(f"/{noun.PLURAL}/<{name}>/note", view_func=door, methods=["GET", "POST"])


@dataclass(frozen=True)
class Pinned:
    """A note at the top of a page. `text` is None when it tells of health and the reader may not read that."""

    note: Note
    text: str | None


@dataclass(frozen=True)
class Box:
    """What a page shows of a thing's notes: those that are pinned, and where to write one, None without the right.
    `key` makes a double click one note."""

    pinned: Sequence[Pinned]
    write_url: str | None
    key: str


def box(record: Record) -> Box | None:
    """The notes' part of a thing's page; None for what carries no notes, and for who may read none."""
    act = ACTS.get(f"{record.PLURAL}.note")
    if act is None or not actor().may("notes.read"):
        return None
    pinned = [Pinned(note, shown(note)) for note in notes.pinned(record.id)]
    return Box(pinned, f"{record.url}/note" if act.permits(actor()) else None, ids.new("key"))


def shown(note: Note) -> str | None:
    """The text of a note as who asks may see it."""
    return notes.shown(note.text, phi=note.phi, note_id=note.id, by_id=note.by_id, to=actor())
