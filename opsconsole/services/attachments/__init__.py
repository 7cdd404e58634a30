"""Photos and documents beside an order, a customer or a note: read -> keep -> add, shown to whom, removed."""

from ._add import NotAttachable, add
from ._content import content, thumbnail
from ._keep import CannotKeep, Kept, keep
from ._read import LARGEST, Picture, read
from ._remove import AlreadyRemoved, remove

__all__ = [
    "LARGEST", "AlreadyRemoved", "CannotKeep", "Kept", "NotAttachable", "Picture", "add", "content", "keep", "read",
    "remove", "thumbnail",
]  # fmt: skip
