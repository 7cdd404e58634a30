"""One fill as a pharmacy holds it, against what we hold: pure comparison, nothing is asked and nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ... import vendors
from ...models import FillStatus, OrderStatus
from ...vendors.pharmacy import FillFacts, FillState
from .. import fills
from ._finding import OVER, Finding, Held, words

_F, _O = FillStatus, OrderStatus
ENDED = (FillState.ERROR, FillState.CANCELED)
LEFT = (FillState.SHIPPED, FillState.DELIVERED)
_ASKS = (_F.TRIAGE, _F.EXCEPTION)
OFF = (_O.CANCELED, _O.REJECTED)


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
    off = order.status in OFF or fill.status == _F.CANCELED
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
    elif not mine and vendors.connected("tracking") and held.order.status not in OFF:
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
