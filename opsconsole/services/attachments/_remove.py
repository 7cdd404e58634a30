"""Taking a file away: it is shown no more, and kept."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Attachment
from .._act import act, performing, say
from .._actor import Actor


class AlreadyRemoved(Refused):
    """Somebody took it away."""


@act
def remove(attachment_id: str, *, reason: str, by: Actor) -> Attachment:
    """Show a file no more. It is kept sealed, because it may be evidence. Raises AlreadyRemoved."""
    attachment = Attachment.lock(attachment_id)
    if attachment.removed_at:
        raise AlreadyRemoved("This file was taken away already.")
    attachment.removed_at = performing().now
    attachment.removed_by = by.label
    attachment.removed_reason = reason
    say(f"Took a {'photo' if attachment.picture else 'document'} away: {reason}")
    return attachment
