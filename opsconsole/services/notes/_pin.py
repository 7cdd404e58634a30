"""Pinning a note to the top of the page of what it is on, and taking it down again."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Note
from .._act import act, say
from .._actor import Actor


class AlreadyPinned(Refused):
    """It stands at the top already."""


class NotPinned(Refused):
    """It does not stand at the top."""


@act
def pin(note_id: str, *, by: Actor) -> Note:
    """Show the note at the top of the page of what it is on. Raises AlreadyPinned."""
    note = Note.lock(note_id)
    if note.pinned:
        raise AlreadyPinned("This note is pinned already.")
    note.pinned = True
    say(f"Pinned a note of {note.by}")
    return note


@act
def unpin(note_id: str, *, by: Actor) -> Note:
    """Take the note from the top of the page; it stays where it stands in the story. Raises NotPinned."""
    note = Note.lock(note_id)
    if not note.pinned:
        raise NotPinned("This note is not pinned.")
    note.pinned = False
    say(f"Unpinned a note of {note.by}")
    return note
