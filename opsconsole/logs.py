"""Logs: one JSON object a line, with the trace. Ids only: no bodies, no forms, no PHI, no secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from .config import Settings
from .lib.cause import current


def configure(settings: Settings) -> None:
    """Set logging up once per process."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s", force=True)
    structlog.configure(
        processors=[
            _cause,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _cause(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if cause := current():
        event.setdefault("trace", cause.trace)
        event.setdefault("cause", cause.name)
    return event
