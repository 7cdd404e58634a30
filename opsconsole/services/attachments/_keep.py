"""Keeping a file before the act that tells of it: sealed by a key of its own, under a name that says nothing.

An act that is refused after this leaves a sealed file that nobody can open: its key was never written down.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from ... import vendors
from ...keyring import Key
from ...lib import ids
from ...lib.refusal import Refused
from ...models import Attachment
from ._read import Picture

CONTENT, THUMBNAIL = "content", "thumbnail"


class CannotKeep(Refused):
    """The store of files does not answer."""


@dataclass(frozen=True)
class Kept:
    """A file that lies sealed where files lie. What was drawn by lot does not make two of them differ."""

    kind: str
    size: int
    width: int | None
    height: int | None
    name: str = field(repr=False)
    id: str = field(compare=False)
    key: bytes = field(compare=False, repr=False)


def keep(picture: Picture, *, store: bool = True) -> Kept:
    """Seal the file and keep it; without `store` only tell what would be kept, for a preview. Talks to the outside: no
    transaction may be open. Raises CannotKeep."""
    id, key = ids.new(Attachment.PREFIX), secrets.token_bytes(32)
    if store:
        try:
            for part, plain in ((CONTENT, picture.content), (THUMBNAIL, picture.thumbnail)):
                if plain is not None:
                    vendors.port("files").put(f"{id}.{part}", Key(0, key).seal(plain, place(id, part)))
        except vendors.Unavailable as failure:
            raise CannotKeep(f"{failure.words} Nothing was added; try again.", field="file") from None
    return Kept(picture.kind, len(picture.content), picture.width, picture.height, picture.name, id, key)


def place(id: str, part: str) -> str:
    """What a sealed file is bound to: moved to another name it does not open."""
    return f"files|{part}|{id}"
