"""What a file shows, to who has the right to health data. Each look is written down."""

from __future__ import annotations

from ... import vendors
from ...keyring import CannotOpen, Key
from ...lib.refusal import NotFound
from ...models import Attachment
from .. import sight
from .._actor import Actor
from ._keep import CONTENT, THUMBNAIL, place


def content(attachment: Attachment, *, to: Actor) -> bytes:
    """The file as it is shown. Raises NotFound for one that was taken away or is not where it should be, and
    vendors.Unavailable."""
    return _opened(attachment, CONTENT, to)


def thumbnail(attachment: Attachment, *, to: Actor) -> bytes:
    """A small JPEG of a photo. Raises NotFound for a document too."""
    return _opened(attachment, THUMBNAIL, to)


def _opened(attachment: Attachment, part: str, to: Actor) -> bytes:
    if attachment.removed_at or (part == THUMBNAIL and not attachment.picture):
        raise NotFound("This file is not shown any more.")
    sealed = vendors.port("files").get(f"{attachment.id}.{part}")
    if sealed is None:
        raise NotFound("This file is not where files are kept. Tell engineering.")
    sight.seen(attachment.id, part, by=to, customer_id=attachment.customer_id)
    try:
        return Key(0, attachment.key).open(sealed, place(attachment.id, part))
    except CannotOpen:
        raise NotFound("This file was changed where it lies, and is not shown. Tell engineering.") from None
