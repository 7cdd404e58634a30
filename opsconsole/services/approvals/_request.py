"""Asking for a second person: what was asked and what it would do are written down, and nothing else happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, select

from ...db import db
from ...models import Approval, ApprovalStatus, Grant, Limit, Role
from .. import _perform
from .._act import ACTS, Need, NeedsApproval, act, performing, run, say
from .._actor import Actor
from .._frozen import freeze
from .._perform import Preview
from ._case import tell

LASTS = timedelta(hours=24)
APPROVE = "approvals.approve"


@act(private=("asked",))
def request(
    about_id: str | None = None,
    *,
    of: str,
    asked: dict[str, Any],
    would: dict[str, Any],
    needs: list[dict[str, Any]],
    by: Actor,
) -> Approval:
    """Write down that `by` wants the act `of` done with the inputs `asked`; `would` is the preview they saw.

    The inputs stand in the request alone: what the act keeps out of the audit does not get there by this way.
    """
    now = performing().now
    approval = Approval(
        status=ApprovalStatus.WAITING, act=of, about_id=about_id, inputs=asked, hash=would["hash"], seen=would,
        needs=needs, says=would["says"], asked_by=by.label, asked_by_id=by.id, person=by.person, device=by.device,
        trace_id=performing().trace, created_at=now, expires_at=now + LASTS,
    ).add()  # fmt: skip
    tell(approval)
    say(f"Asked for approval: {would['says']}")
    return approval


def _ask(would: Preview, needs: NeedsApproval, inputs: dict[str, Any], by: Actor) -> dict[str, Any]:
    """What `perform` answers instead: 202 with the request. Runs in its transaction."""
    performance = needs.ran.performance
    seen = {**would.as_json["preview"], "says": performance.says or would.act}
    whys = [{"why": n.why, "measure": n.measure, "total": n.total} for n in performance.every_need()]
    ran = run(
        ACTS["approvals.request"],
        performance.asked_of,
        {"of": would.act, "asked": freeze(inputs), "would": seen, "needs": whys},
        by=by,
    )
    approval: Approval = ran.result
    told = {
        "id": approval.id,
        "url": approval.url,
        "status": approval.status,
        "hash": approval.hash,
        "needs": [why["why"] for why in whys],
        "expires_at": approval.expires_at.isoformat(),
    }
    return {"approval": told, "trace": ran.performance.trace}


def who(act: str, needs: Sequence[Need]) -> str:
    """The roles whose people can agree to it, in words."""
    may = exists().where(Grant.role_id == Role.id)
    query = select(Role.name).where(
        may.where(Grant.permission == APPROVE),
        may.where(Grant.permission == act),
        *(~_too_little(need) for need in needs if need.measure),
    )
    names = [name.replace("_", " ") for name in db.session.scalars(query.order_by(Role.name))]
    if not names:
        return "Nobody yet: ask an admin who may"
    return f"Somebody else who is {' or '.join(_article(name) for name in names)}"


def _too_little(need: Need) -> Any:
    return exists().where(
        Limit.role_id == Role.id,
        Limit.measure == need.measure,
        func.coalesce(Limit.at_most, need.total) < need.total,
    )


def _article(name: str) -> str:
    return name if name == "finance" else f"an {name}" if name[0] in "aeiou" else f"a {name}"


_perform.asks_with(_ask, who)
