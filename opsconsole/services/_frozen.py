"""An act's inputs as they are kept while it waits for a second person, and back again."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

from ..lib import canonical
from ._act import Act


def freeze(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs as JSON."""
    return {name: canonical.plain(value) for name, value in inputs.items()}


def thaw(act: Act, frozen: dict[str, Any]) -> dict[str, Any]:
    """The inputs as the act takes them, by the types that it declares."""
    types_of = typing.get_type_hints(act.function)
    return {name: _as(types_of[name], value) for name, value in frozen.items()}


def _as(kind: Any, value: Any) -> Any:
    """The JSON `value` as a `kind`."""
    if value is None:
        return None
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        [only] = [one for one in inner if one is not type(None)]
        return _as(only, value)
    if origin in (list, Sequence, tuple):
        return [_as(inner[0], one) for one in value]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _as(hints[name], one) for name, one in value.items()})
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value
