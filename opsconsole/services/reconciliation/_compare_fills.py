"""One fill as a pharmacy holds it, against what we hold: pure comparison, nothing is asked and nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ... import vendors
from ...models import Fill, FillStatus, Order, OrderStatus
from ...vendors.pharmacy import FillFacts, FillState
from .. import fills
from ._finding import OVER, Finding, Held, words

_F, _O = FillStatus, OrderStatus
ENDED = (FillState.ERROR, FillState.CANCELED)
LEFT = (FillState.SHIPPED, FillState.DELIVERED)
_ASKS = (_F.TRIAGE, _F.EXCEPTION)
_OFF = (_O.CANCELED, _O.REJECTED)
_MAY_ADOPT = (_O.READY, _O.SUBMITTED, _O.AT_PHARMACY, _O.MANUAL_INTERVENTION)


def under_way(facts: FillFacts) -> bool:
    """Is it there, and could be stopped?"""
    return facts.state not in (*ENDED, *LEFT, FillState.UNKNOWN)


def of_fill(held: Held, facts: FillFacts | None, port: str) -> list[Finding]:
    """In what a fill of ours differs from the pharmacy's; None is what the pharmacy does not have."""
    if held.fill.status in (_F.QUEUED, _F.WITHDRAWN):
        return []
    return list(_missing(held, port) if facts is None else _differing(held, facts, port))


def _missing(held: Held, port: str) -> Iterator[Finding]:
    fill = held.fill
    if fill.status not in OVER:
        left = fill.status == _F.SHIPPED
        ours = f"{words(fill.status)}, as {fill.external_id}"
        yield _finding("fill_missing_there", held, port, ours, "Not there", can=not left)


def _differing(held: Held, facts: FillFacts, port: str) -> Iterator[Finding]:
    if facts.state is FillState.UNKNOWN:
        return  # a case of its own
    yield from _state(held, facts, port)
    if facts.state in ENDED or held.fill.status in OVER:
        return
    yield from _parcel(held, facts, port)
    yield from _goods(held, facts, port)
    yield from _address(held, facts, port)


def _state(held: Held, facts: FillFacts, port: str) -> Iterator[Finding]:
    fill, order = held.fill, held.order
    off = order.status in _OFF or fill.status == _F.CANCELED
    if off and under_way(facts):
        ours = f"Order {words(order.status)}, fill {words(fill.status)}"
        yield _finding("canceled_here_live_there", held, port, ours, facts.raw_status)
        return
    should = fills.stands(fill, facts)
    if should is None or should == fill.status:
        if fill.status in _ASKS and facts.code != fill.code:
            code = words(fill.code or "nothing")
            yield _finding(
                "fill_behind",
                held,
                port,
                f"Waits for: {code}",
                f"Waits for: {words(facts.code or 'nothing')}",
            )
        return
    if fill.status == _F.SHIPPED:
        yield _finding("fill_ahead_here", held, port, words(fill.status), facts.raw_status)
    elif should in fill.MOVES[fill.state] and not (facts.state in ENDED and fill.status in OVER):
        kind = "fill_ended_there" if facts.state in ENDED else "fill_behind"
        yield _finding(kind, held, port, words(fill.status), facts.raw_status)


def _parcel(held: Held, facts: FillFacts, port: str) -> Iterator[Finding]:
    fill, number = held.fill, facts.tracking_number
    if not number or fill.status != _F.SHIPPED:
        return
    if _bare(fill.tracking_number) != _bare(number):
        yield _finding("tracking_differs", held, port, fill.tracking_number or "No number", number)
        return
    if any(_bare(one.tracking_code) == _bare(number) for one in held.parcels):
        return
    mine = next((one for one in held.parcels if one.fill_id in (fill.id, fill.external_id)), None)
    if mine and not mine.final:
        anew = {"act": "shipments.relabel", "url": f"{mine.url}/relabel", "label": "Follow the new number"}
        yield _finding(
            "tracking_differs", held, port, mine.tracking_code, number, instead=anew, shipment=mine
        )
    elif not mine and vendors.connected("tracking") and held.order.status not in _OFF:
        yield _finding("parcel_missing_here", held, port, "No parcel", number)


def _goods(held: Held, facts: FillFacts, port: str) -> Iterator[Finding]:
    ours = tuple(sorted((str(item["sku"]), int(item["quantity"])) for item in held.fill.items))
    if facts.items is None or facts.items == ours:
        return
    stop = {"act": "fills.cancel", "url": f"{held.fill.url}/cancel", "label": "Have it stopped"}
    may = fills.why_not_cancel(held.fill) is None and under_way(facts)
    yield _finding(
        "items_differ",
        held,
        port,
        _listed(ours),
        _listed(facts.items),
        can=False,
        instead=stop if may else None,
    )


def _address(held: Held, facts: FillFacts, port: str) -> Iterator[Finding]:
    address = held.order.ships_to
    if address and facts.state_to and facts.state_to != address.state:
        can = under_way(facts)
        yield _finding("ship_to_differs", held, port, address.state, facts.state_to, can=can)


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
    if order.status in _OFF:
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


def _finding(kind: str, held: Held, port: str, ours: str, theirs: str, **more: object) -> Finding:
    fill = held.fill
    return Finding(
        kind, fill.id, port, ours[:1].upper() + ours[1:], theirs, fill.external_id, held.order, fill, **more  # type: ignore[arg-type]
    )  # fmt: skip


def _bare(number: str | None) -> str:
    """A tracking number as carriers print it."""
    return "".join(letter for letter in number or "" if letter.isalnum()).upper()


def _listed(items: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{quantity} × {sku}" for sku, quantity in items)[:300] or "Nothing"
