"""Rows as the text that COPY reads: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_needs_escapes = re.compile(r"[\\\t\n\r]").search


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """One line a row. Raises KeyError for a value of any other type than those below."""
    return "".join(["\t".join([_TEXT[type(value)](value) for value in row]) + "\n" for row in rows]).encode()


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _needs_escapes(text) else text


def _json(value: Jsonb) -> str:
    return _escaped(json.dumps(value.obj))


def _array(values: list[str]) -> str:
    quoted = ['"' + value.replace("\\", r"\\").replace('"', r"\"") + '"' for value in values]
    return "{" + ",".join(quoted) + "}"


_TEXT: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: r"\N",
    str: _escaped,
    bool: lambda value: "t" if value else "f",
    int: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    Jsonb: _json,
    list: lambda value: _escaped(_array(value)),
    bytes: lambda value: rf"\\x{value.hex()}",
}
