"""Rows as the text that COPY reads: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """One line a row."""
    return "".join(["\t".join([_text(value) for value in row]) + "\n" for row in rows]).encode()


def _text(value: Any) -> str:
    match value:
        case None:
            return r"\N"
        case str():
            return value.translate(_ESCAPES)
        case bool():
            return "t" if value else "f"
        case int():
            return str(value)
        case datetime():
            return value.isoformat()
        case Jsonb():
            return json.dumps(value.obj, ensure_ascii=False).translate(_ESCAPES)
        case list():
            return _array(value).translate(_ESCAPES)
        case bytes():
            return rf"\\x{value.hex()}"
        case _:
            raise TypeError(f"no text of COPY for {type(value).__name__}")


def _array(values: list[str]) -> str:
    quoted = ['"' + value.replace("\\", r"\\").replace('"', r"\"") + '"' for value in values]
    return "{" + ",".join(quoted) + "}"
