"""Ending a token."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Refused
from ...models import Approval, ApprovalStatus, Token
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ..staff import SECOND, reasoned


class AlreadyRevoked(Refused):
    """It is worth nothing as it is."""


@act(second=SECOND)
def revoke(token_id: str, *, reason: str, by: Actor) -> Token:
    """The token is worth nothing from the next request on, and what it asked for is void. It never comes back.

    Raises AlreadyRevoked, Invalid.
    """
    token = Token.lock(token_id)
    reason = reasoned(reason)
    if token.revoked_at:
        raise AlreadyRevoked(f"The token {token.name} is worth nothing as it is.")
    token.revoked_at = performing().now
    waiting = select(Approval).where(
        Approval.asked_by_id == token.id, Approval.status == ApprovalStatus.WAITING
    )
    for request in db.session.scalars(waiting.order_by(Approval.id).with_for_update()).all():
        request.move_to(ApprovalStatus.VOID)
        concerns(request.id)
        warn(f"Its request will not be done: {request.says}")
    say(f"The token {token.name} is worth nothing any more: {reason}")
    return token
