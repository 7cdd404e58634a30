"""A request that waits for a second person is a case, in the one worklist. It is decided on its own page."""

from __future__ import annotations

from typing import Any

from ...models import Approval, Team
from .. import cases
from .._actor import Actor

REASON = "approval_waiting"
_INSTEAD = "Somebody decides at the request’s page: approve it there, or say no."
_MONEY = ("refunds", "billing", "payouts", "payments", "lifecycle", "hold_rules", "cases")
_CARE = ("prescriptions", "visits", "flag_rules", "questionnaires", "state_rules", "review_flags")


def tell(approval: Approval) -> None:
    """Open its case, which is due when the request runs out."""
    case = cases.open_case(
        REASON,
        approval.id,
        says=f"{approval.asked_by} asks for a second person: {approval.says}",
        behind_id=approval.id,
        suggests={"act": "approvals.approve", "url": approval.url, "label": "Look at it and decide"},
        about=[id for id in (approval.about_id,) if id],
        due_at=approval.expires_at,
    )
    noun = approval.act.partition(".")[0]
    case.team = (Team.FINANCE if noun in _MONEY else Team.CLINIC if noun in _CARE else Team.OPS).value


def over(approval: Approval) -> None:
    """Decided, taken back, run out or void."""
    cases.close_when_solved(REASON, approval.id, approval.status)


def _never(approval_id: str, *, by: Actor, **_: Any) -> None:
    raise AssertionError(f"{by.label} was let through to {approval_id}")


cases.remedy(
    Approval.PREFIX,
    cases.Remedy(
        retry=None,
        settle=_never,
        dismiss=_never,
        fixable=lambda _: (),
        instead=_INSTEAD,
        where=lambda approval_id: cases.Where(None, REASON, Approval.require(approval_id).act),
    ),
)
