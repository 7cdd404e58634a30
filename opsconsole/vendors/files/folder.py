"""The files port over a folder of this machine."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import Unavailable

_NAME = re.compile(r"[A-Za-z0-9_]+(\.[a-z0-9]+)?")


class Folder:
    """`place` is made when the first file comes. Only the console's own user reads what is in it."""

    name = "folder"

    def __init__(self, place: Path) -> None:
        self._place = place

    def put(self, name: str, content: bytes) -> None:
        """Under another name first, then in one step under its own: nobody ever reads half of it."""
        target = self._at(name)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
            _sync(self._place)
        except OSError as problem:
            with contextlib.suppress(OSError):
                part.unlink()
            words = f"The file could not be kept ({problem.strerror})."
            raise Unavailable(words, maybe_done=False, code="no_place") from None

    def get(self, name: str) -> bytes | None:
        try:
            return self._at(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as problem:
            words = f"The file could not be read ({problem.strerror})."
            raise Unavailable(words, maybe_done=False, code="unreadable") from None

    def health(self) -> Mapping[str, Any]:
        place = next(one for one in (self._place, *self._place.parents) if one.exists())
        fine = os.access(place, os.W_OK | os.X_OK)
        words = "Files can be kept." if fine else "The folder for files cannot be written to."
        return {"base_url": self._place.as_uri(), "reachable": fine, "words": words, "sandbox": False}

    def _at(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("This is no name that we give to files.")
        return self._place / name


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
