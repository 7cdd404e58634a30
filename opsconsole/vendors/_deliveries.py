"""What every webhook reader shares: how old a delivery may be, and what of its body can be kept."""

from __future__ import annotations

import json
from typing import Any

from . import NotParseable

TOLERANCE_SECONDS = 300
_TEXT_LIMIT = 500


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in these bytes. Raises NotParseable for anything else."""
    try:
        event = _decoder.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise NotParseable("The body is not JSON.") from None
    if not isinstance(event, dict):
        raise NotParseable("The body is not a JSON object.")
    return event


def kept(value: Any) -> str | None:
    """Text we store with an event; None for what is no text. Raises NotParseable for what no database takes."""
    if not isinstance(value, str):
        return None
    if len(value) > _TEXT_LIMIT or "\0" in value or not _is_unicode(value):
        raise NotParseable("The event carries text that cannot be kept.")
    return value


def _is_unicode(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, written as an escape
        return False
    return True


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
