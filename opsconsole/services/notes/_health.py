"""Notes about somebody's health: who may read them, and that it is written down who did."""

from __future__ import annotations

from ...models import Note
from .. import sight
from .._actor import Actor

READ_PHI = "notes.read_phi"  # the right that the text of such a note needs, unless one wrote it
HIDDEN = "Health details: you have no right to read this note."


def shown(text: str, *, phi: bool, note_id: str, by_id: str, to: Actor) -> str | None:
    """The text as this reader may see it, None when they may not. That they saw health details is written down."""
    if not phi:
        return str(sight.written(text, to=to))
    if to.id == by_id or to.may(READ_PHI):
        sight.seen(note_id, "text", by=to)
        return text
    for patient in sight.open_glass(to).keys() & _about(note_id, to):
        sight.seen(note_id, "text", by=to, purpose=sight.BREAK_GLASS, customer_id=patient)
        return text
    return None


def _about(note_id: str, to: Actor) -> set[str]:
    """The records a note is about; asked only in an emergency."""
    note = Note.get(note_id) if sight.open_glass(to) else None
    return set(note.about) if note else set()
