"""Having an order filled, step three: the pharmacy tells how it goes, now or days later."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...models import Fill, FillStatus, Order
from ...vendors.pharmacy import FillFacts, FillState
from .. import cases, outbox
from .._act import act, say
from .._actor import Actor
from ._ask import ask, locked, look
from ._follow import follow

_ENDED = (FillState.ERROR, FillState.CANCELED)


@act(robots=("pharmacy-truepill", "pharmacy-honeybee"))
def settle(external_id: str, *, facts: FillFacts, fetched_at: datetime, by: Actor) -> Fill | None:
    """Take in a fill as it stands at the pharmacy. It also settles a call whose answer was lost.

    A pharmacy's order that is not this fill's own is a second copy: one that ended is left alone, one that lives and
    could be made up is a case.
    """
    adapter = by.id.removeprefix("pharmacy-")
    known = Fill.by_external(adapter, external_id) or Fill.get(facts.tags.get("opsconsole_subject", ""))
    if known is None:
        say(f"Order {external_id} at the pharmacy is none of ours")
        return None
    order, fill = locked(known.id)
    if facts.duplicate_of and _is_another(fill, facts):
        return fill
    if not _is_its_own(order, fill, facts, adapter):
        return fill
    fill.external_id = external_id
    if fill.status in (FillStatus.SENT, FillStatus.QUEUED):
        outbox.proven(fill.id, ask)
    follow(order, fill, facts, fetched_at=fetched_at)
    say(f"The fill of order {order.reference}: {fill.state.value.replace('_', ' ')}")
    return fill


def _is_another(fill: Fill, facts: FillFacts) -> bool:
    """The pharmacy refused a copy because the first one was there. If that is ours, the first attempt has landed."""
    first = facts.duplicate_of or ""
    if fill.external_id not in (None, first, facts.id):
        return False
    holder = Fill.by_external(fill.pharmacy.adapter, first)
    if holder is not None and holder.id != fill.id:
        return False  # somebody else's: that is an error
    outbox.proven(fill.id, ask)
    if fill.external_id != first:
        fill.external_id = first
        outbox.promise(
            look,
            fill,
            lane=f"{fill.lane}:look",
            says=f"{fill.pharmacy.name} is asked about the first of two copies",
            arguments={"id": first},
            due_in=timedelta(0),
            port=fill.pharmacy.port,
        )
    say(f"{fill.pharmacy.name} has it already, as {first}: our first try had got there")
    return True


def _ref(fill: Fill) -> str | None:
    """The ref of the newest promise to have it filled."""
    return next((one.ref for one in reversed(outbox.of(fill.id)) if one.kind == ask.name), None)


def _is_its_own(order: Order, fill: Fill, facts: FillFacts, adapter: str) -> bool:
    """Is what the pharmacy tells of this fill, or of a copy from an earlier try?"""
    here = fill.pharmacy.adapter == adapter
    if here and fill.external_id in (facts.id, *([None] if facts.ref == _ref(fill) else [])):
        return True
    if facts.state in _ENDED:
        say(f"An earlier copy, {facts.id}, has ended and is left alone")
        return False
    if here and fill.status in (FillStatus.ERROR, FillStatus.REJECTED):
        return True  # the one that was given up lives after all
    words = (
        f"The pharmacy goes on with {facts.id}, an earlier copy of this fill of order {order.reference}, beside "
        f"{fill.external_id or 'the one that is being sent'}. Call them, and have one of the two stopped."
    )
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once one of them is stopped"}
    cases.open_case("two_copies", fill.id, says=words, suggests=suggests, about=fill.related())
    say(f"A second copy, {facts.id}, is alive at the pharmacy")
    return False
