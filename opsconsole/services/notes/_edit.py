"""Changing one's own note. What it said before stays readable."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Note
from .._act import act, concerns, say
from .._actor import Actor
from ._mentions import tell
from ._write import cleaned, keep_version


class NotAuthor(Refused):
    """Somebody else wrote it."""


class NothingChanged(Refused):
    """It says that already."""


@act(private=("text",))
def edit(note_id: str, *, text: str, phi: bool, by: Actor) -> Note:
    """Write a new version of one's own note. Whoever it now calls for the first time is told.

    Raises NotAuthor, NothingChanged, Invalid.
    """
    note = Note.lock(note_id)
    if note.by_id != by.id:
        raise NotAuthor(f"{note.by} wrote this note: write one of your own beside it.")
    text = cleaned(text)
    if (text, phi) == (note.text, note.phi):
        raise NothingChanged("The note says exactly this already.", field="text")
    note.text, note.phi, note.version = text, phi, note.version + 1
    keep_version(note)
    tell(note, by)
    concerns(*note.about)
    say("Changed their note")
    return note
