"""Notes about somebody's health: who may read them, and that it is written down who did."""

from __future__ import annotations

from .. import phi as health
from .._actor import Actor

READ_PHI = "notes.read_phi"  # the right that the text of such a note needs, unless one wrote it
HIDDEN = "Health details: you have no right to read this note."


def shown(text: str, *, phi: bool, note_id: str, by_id: str, to: Actor) -> str | None:
    """The text as this reader may see it, None when they may not. That they saw health details is written down."""
    if not phi:
        return text
    if to.id != by_id and not to.may(READ_PHI):
        return None
    health.seen(note_id, "text", by=to)
    return text
