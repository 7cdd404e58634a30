"""What the pages of all rules that are data have in common: their acts, the request that waits, what programs get."""

from __future__ import annotations

from typing import Any

from ..models import Approval, ApprovalStatus, Stateful, Versioned
from ..services import approvals
from ._listing import Acts, act_on, common


def told_version(version: Versioned, acts: Acts) -> dict[str, Any]:
    """A version for programs, without what it says."""
    return common(version, acts) | {"number": version.number, "reason": version.why, "by": version.by}


def acts_of_version(version: Versioned, noun: str, adopt: str) -> Acts:
    """Adopting, on a button that says `adopt`, and taking back. `noun` is that of the acts ("hold_rules")."""
    why_not = version.why_not_draft
    return [
        act_on(version, f"{noun}.adopt", f"{version.url}/adopt", adopt, why_not=why_not),
        act_on(version, f"{noun}.withdraw", f"{version.url}/withdraw", "Take back", why_not=why_not),
    ]


def again(version: Stateful, noun: str, label: str = "Start from these") -> dict[str, Any]:
    """The way to propose what this version says once more."""
    return act_on(None, f"{noun}.propose", f"/{version.PLURAL}/propose?start={version.id}", label)


def waits_for(version: Stateful) -> Approval | None:
    """The request about a draft that a second person has to decide on."""
    if version.status != "draft":
        return None
    return next(iter(approvals.find(about=version.id, status=ApprovalStatus.WAITING).items), None)
