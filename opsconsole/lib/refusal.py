"""How an act says no. The classes that refuse stand beside the act that raises them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


class Refused(Exception):
    """The act was understood and may not happen now: 409. `field` names the input at fault.

    The code people and programs see is the class name in snake case: NotRefundable -> not_refundable. `blockers` are
    all the things that stand in the way, where an act looks for all of them at once: {"code", "says", "fix": {"act",
    "url", "label"} or None}, the fix being where each is put right. `more` is what else they need to go on: JSON values
    under names of their own.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        code: str | None = None,
        blockers: Sequence[Mapping[str, Any]] = (),
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.blockers = blockers
        self.more = more or {}
        self.message = message
        self.field = field
        self.code = code or re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"code": self.code, "message": self.message, "field": self.field, **self.more}
        return told | ({"blockers": [*self.blockers]} if self.blockers else {})


class Denied(Exception):
    """The actor has no right to do this: 403. `permission` names what is missing."""

    def __init__(self, permission: str, who: str) -> None:
        super().__init__(f"{who} may not do {permission}.")
        self.permission = permission
        self.who = who

    @property
    def as_json(self) -> dict[str, str | None]:
        return {
            "code": "denied",
            "message": f"You have no right to do this ({self.permission}). Ask an admin for the right.",
            "field": None,
        }


class NotFound(Exception):
    """There is no such thing, or the actor may not know of it: 404."""


class Invalid(Exception):
    """The input cannot be read: 422. `errors` maps each field to sentences."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors
