"""Logs: one JSON object a line, with the trace. Ids only: no bodies, no forms, no PHI, no secrets.

What a fault says may quote what somebody typed, or what a vendor sent. So of an error the log keeps its kind and where
it happened, and never its words; and nothing by the name of a column whose data class is not public.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog

from .config import Settings
from .lib.cause import current


def configure(settings: Settings) -> None:
    """Set logging up once per process."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(_Wordless("%(message)s"))
    logging.basicConfig(handlers=[stream], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[
            _cause,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            _hide,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


HIDDEN = "[hidden]"


@cache
def _hidden_names() -> frozenset[str]:
    """The names of all columns that hold phi, pii or secrets somewhere."""
    from .db import db
    from .models import PUBLIC, data_class

    columns = [column for table in db.metadata.sorted_tables for column in table.columns]
    return frozenset(column.name for column in columns if data_class(column) != PUBLIC)


def _hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event.keys() & _hidden_names():
        event[name] = HIDDEN
    for error in event.get("exception") or ():
        error["exc_value"] = HIDDEN
        error["exc_notes"] = []
    return event


class _Wordless(logging.Formatter):
    """What libraries log of an error: its kind and where, without its words."""

    def formatException(self, ei: Any) -> str:
        kind, _, where = ei
        frames = [f"  {at.filename}:{at.lineno} in {at.name}" for at in traceback.extract_tb(where)]
        return "\n".join([kind.__name__ if kind else "", *frames])


def _cause(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if cause := current():
        event.setdefault("trace", cause.trace)
        event.setdefault("cause", cause.name)
    return event
