"""What a trace still waits for."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from ...db import db
from ...models import EXPECTATION_OPEN, Expectation, ExpectationStatus
from .._actor import Actor
from ..audit import Waiting, waits
from ._find import still_open
from ._kinds import KINDS

# The trace tells of these by themselves, as long as they are not late.
_TOLD_ANYWAY = ("refund.settled", "message.sent", "message.delivered")


@waits
def _awaited(trace_id: str, by: Actor) -> Iterator[Waiting]:
    """What should come back of it and has not, as `by` may see it."""
    if not by.may("expectations.read"):
        return
    query = select(Expectation).where(
        Expectation.trace_id == trace_id, Expectation.status.in_(EXPECTATION_OPEN)
    )
    for one in still_open(db.session.scalars(query).all()):
        late = one.status != ExpectationStatus.WAITING
        if late or one.kind not in _TOLD_ANYWAY:
            yield Waiting(said(one), one.created_at)


def said(one: Expectation) -> str:
    """In a sentence: what is awaited, until when, and what was done about it."""
    what = KINDS[one.kind].title if one.kind in KINDS else one.kind
    words = f" {one.words}" if one.words else ""
    return f"{what}, by {one.due_at:%d %b, %H:%M} UTC.{words}"
