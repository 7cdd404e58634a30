"""A fill there that is the number of none of ours: pure comparison, nothing is asked and nothing written."""

from __future__ import annotations

from collections.abc import Sequence

from ...models import Fill, FillStatus, Order, OrderStatus
from ...vendors.pharmacy import FillFacts, FillState
from ._compare_fills import ENDED, OFF, under_way
from ._finding import OVER, Finding, words

_F, _O = FillStatus, OrderStatus
_MAY_ADOPT = (_O.READY, _O.SUBMITTED, _O.AT_PHARMACY, _O.MANUAL_INTERVENTION)


def of_stray(
    port: str,
    facts: FillFacts,
    *,
    named: Fill | None,
    order: Order | None,
    of_order: Sequence[Fill],
    asking: bool,
) -> list[Finding]:
    """What a fill there means that is the number of none of ours. `named` is the fill of ours that its tags name, `order`
    the one whose number it carries, with its fills. `asking`: is the pharmacy being asked for `named` right now?"""
    if facts.state in (*ENDED, FillState.UNKNOWN):
        return []
    here = named is not None and f"pharmacy-{named.pharmacy.adapter}" == port
    if named and here and named.external_id is None and named.status not in OVER:
        found = [] if asking else [_of_stray("fill_behind", port, facts, order, named, words(named.status))]
        return found
    live = [one for one in of_order if one.status not in OVER]
    if live:
        ours = f"One fill, {live[0].external_id or 'not confirmed'} at {live[0].pharmacy.name}"
        return [_of_stray("two_live_there", port, facts, order, None, ours, can=under_way(facts))]
    if named and here and named.status in (_F.ERROR, _F.REJECTED):
        return [_of_stray("fill_behind", port, facts, order, named, words(named.status))]
    if order is None:
        return [_of_stray("fill_of_no_order", port, facts, None, None, "Nothing", can=under_way(facts))]
    if order.status in OFF:
        ours = f"Order {words(order.status)}"
        return [_of_stray("canceled_here_live_there", port, facts, order, None, ours, can=under_way(facts))]
    can = order.status in _MAY_ADOPT
    return [_of_stray("fill_unknown_here", port, facts, order, None, "No fill", can=can)]


def _of_stray(
    kind: str,
    port: str,
    facts: FillFacts,
    order: Order | None,
    fill: Fill | None,
    ours: str,
    *,
    can: bool = True,
) -> Finding:
    return Finding(
        kind, fill.id if fill else f"{port}:{facts.id}", port, ours[:1].upper() + ours[1:],
        f"{facts.id}: {facts.raw_status}", facts.id, order, fill, can=can,
    )  # fmt: skip
