"""What a case can do about the finding behind it: whoever ends the case ends the finding."""

from __future__ import annotations

from typing import Any

from ...models import Drift, DriftStatus
from .. import cases
from .._actor import Actor
from ._dismiss import let_be
from ._repair import repair


def _retry(drift_id: str, *, fix: dict[str, Any], by: Actor) -> None:
    repair(drift_id, by=by)


def _settle(drift_id: str, *, external_id: str, reason: str, by: Actor) -> None:
    _dismiss(drift_id, reason=f"Done outside ({external_id}): {reason}", by=by)


def _dismiss(drift_id: str, *, reason: str, by: Actor) -> None:
    drift = Drift.lock(drift_id)
    if drift.status == DriftStatus.OPEN:
        let_be(drift, reason)


def _where(drift_id: str) -> cases.Where:
    drift = Drift.require(drift_id)
    return cases.Where(drift.port, drift.kind, "comparison")


cases.remedy(
    Drift.PREFIX,
    cases.Remedy(retry=_retry, settle=_settle, dismiss=_dismiss, fixable=lambda _: (), where=_where),
)
