"""Stripe's error envelope: `{"error": {"type", "code", "message", "param"}}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DOCS = "https://docs.stripe.com/error-codes#"


class ApiError(Exception):
    """A refusal once the call is executing: kept under its idempotency key like any other answer.

    `keeps_effects`: what the call did so far stays (a declined card leaves its failed charge behind).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps_effects: bool = False,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps_effects = keeps_effects
        self.headers = dict(headers or {})
        facts = {"code": code, "doc_url": DOCS + code.replace("_", "-") if code else None, "param": param}
        self.body = {"error": {"message": message, "type": type} | _known(facts) | more}


class Malformed(ApiError):
    """Refused before anything executes: never kept under an idempotency key (docs: error-low-level)."""


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def no_such(kind: str, id: str, param: str | None = None) -> ApiError:
    """404 when the id stood in the path, 400 when it was a parameter."""
    return ApiError(
        f"No such {kind}: '{id}'",
        status=400 if param else 404,
        code="resource_missing",
        param=param or ("intent" if kind == "payment_intent" else "id"),
    )


def unrecognized_url(method: str, path: str) -> Malformed:
    return Malformed(
        f"Unrecognized request URL ({method}: {path}). "
        "Please see https://docs.stripe.com or we can help at https://support.stripe.com/.",
        status=404,
    )
