"""Sending a fill again that the pharmacy could not take: to the same pharmacy or another one, never beside a live one."""

from __future__ import annotations

from datetime import timedelta

from ...lib.refusal import Refused
from ...models import Fill, Pharmacy, PromiseStatus
from .. import cases, outbox
from .._act import act, performing, say, warn
from .._actor import Actor
from ..outbox import promise
from ._ask import ask, asks, locked
from ._choose import lines_of, named
from ._follow import UNANSWERED
from ._recipes import recipe_of
from ._submit import makes_good, only_by
from ._why_not import why_not_resend


class NotResendable(Refused):
    """A copy lives at the pharmacy, or may: a second one could be made up."""


class TooSoon(Refused):
    """The pharmacy said from which day it may be filled."""


@act
def resend(fill_id: str, *, pharmacy: str | None, by: Actor) -> Fill:
    """Send a fill that ended in an error again. `pharmacy` is another one's id or URL; unless given, the same.

    Raises NotResendable, TooSoon, NoPharmacy.
    """
    order, fill = locked(fill_id)
    if why_not := why_not_resend(fill):
        raise NotResendable(why_not)
    if any(
        one.kind == ask.name and one.status == PromiseStatus.MANUAL_INTERVENTION for one in outbox.of(fill.id)
    ):
        raise NotResendable(
            "Its call is a case of its own: try it again there, so that nothing is sent twice."
        )
    mine = {item["line"] for item in fill.items}
    lines = [line for line in lines_of(order).all if line.id in mine]
    where, why = named(order, lines, pharmacy or fill.pharmacy_id)
    only_by(makes_good(order), where)
    if where.id == fill.pharmacy_id and fill.due_on and fill.due_on > performing().now.date():
        raise TooSoon(f"It may be filled from {fill.due_on:%d %b %Y} on, not before.")
    recipe = recipe_of(fill)
    if recipe and recipe.clinical:
        warn(f"{recipe.means} Sent again unchanged it will come back: {recipe.do[0].lower()}{recipe.do[1:]}")
    send_on(fill, where, why)
    cases.close_when_solved(UNANSWERED, fill.id, "it was sent again")
    say(f"Sent the fill of order {order.reference} to {where.name} again")
    return fill


def send_on(fill: Fill, where: Pharmacy, why: str) -> None:
    """Queue a fill of which no copy lives for a pharmacy, and owe asking it."""
    if where.id != fill.pharmacy_id:
        fill.pharmacy_id, fill.why = where.id, why
        fill.chosen, fill.routing_id, fill.considered = True, None, []
    fill.external_id = fill.fetched_at = fill.carrier = fill.tracking_number = None
    fill.raw_status = ""
    fill.code = fill.vendor_code = fill.due_on = fill.answer = None
    fill.move_to(fill.STATUS("queued"))
    asked = asks(fill)
    promise(
        ask, fill, lane=fill.lane, says=asked.says, arguments=asked.arguments, due_in=timedelta(0), port=where.port
    )  # fmt: skip
