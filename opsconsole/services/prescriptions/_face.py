"""What stands on a prescription, as a request keeps it sealed."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from ...lib import canonical
from ...vendors.healthcare import DrugKey, Face


def kept(face: Face) -> str:
    """The JSON of a face."""
    told = canonical.plain(face)
    told["quantity"] = None if face.quantity is None else str(face.quantity)
    return json.dumps(told)


def face_of(text: str) -> Face:
    """What `kept` has written."""
    read: dict[str, Any] = json.loads(text)
    quantity, keys = read.pop("quantity"), read.pop("keys")
    written_on, expires_on = _day(read.pop("written_on")), _day(read.pop("expires_on"))
    return Face(
        keys=tuple(DrugKey(**key) for key in keys),
        quantity=None if quantity is None else Decimal(quantity),
        written_on=written_on,
        expires_on=expires_on,
        **read,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
