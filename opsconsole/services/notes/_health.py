"""Notes about somebody's health: who may read them, and that it is written down who did."""

from __future__ import annotations

import structlog

from .._actor import Actor

READ_PHI = "notes.read_phi"  # the right that the text of such a note needs, unless one wrote it
HIDDEN = "Health details: you have no right to read this note."
security = structlog.get_logger("security")


def shown(text: str, *, phi: bool, note_id: str, by_id: str, to: Actor) -> str | None:
    """The text as this reader may see it, None when they may not. Reading health details is logged."""
    if not phi:
        return text
    if to.id != by_id and not to.may(READ_PHI):
        return None
    security.info("phi_seen", note=note_id, by=to.id)
    return text
