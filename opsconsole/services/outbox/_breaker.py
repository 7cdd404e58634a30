"""One breaker per vendor method: a vendor that is down is asked by one probe, not by everybody.

While it is open no promise is attempted and no attempt is counted; when a probe gets through, all that
waited becomes due, in the order of its lanes, a few at first (`_outage.let_out`).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert

from ... import vendors
from ...db import db, instant, touched
from ...models import Breaker, EventStatus, InboxEvent, Promise, PromiseStatus
from ._outage import held, let_out

FAILURES = 5
LANES = 3
PROBE_EVERY = [2, 3, 5, 8, 13, 20, 30]  # seconds between probes, the last one for ever


def admits(port: str, method: str) -> bool:
    """May a call of this method be made now? Not while somebody says that the vendor is down. When the breaker is open,
    the first to ask after the probe's time becomes the probe. Part of the claim's commit."""
    if held(port):
        return False
    breaker = db.session.get(Breaker, (port, method))
    if breaker is None or breaker.opened_at is None:
        return True
    took = db.session.execute(
        update(Breaker)
        .where(Breaker.port == port, Breaker.method == method, Breaker.probe_at <= instant())
        .values(probe_at=instant() + timedelta(seconds=25), probes=Breaker.probes + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(touched(took))


def failed(port: str, method: str, lane: str, words: str, *, at_once: bool = False) -> None:
    """A call got no answer. Opens on several failures over several lanes, or at once."""
    db.session.execute(insert(Breaker).values(port=port, method=method, lanes=[]).on_conflict_do_nothing())
    breaker = _locked(port, method)
    breaker.failures += 1
    if lane not in breaker.lanes and len(breaker.lanes) < LANES:
        breaker.lanes = [*breaker.lanes, lane]
    breaker.words = words[:500]
    if breaker.opened_at is not None:
        wait = PROBE_EVERY[min(breaker.probes, len(PROBE_EVERY) - 1)]
        breaker.probe_at = instant() + timedelta(seconds=wait)
    elif at_once or (breaker.failures >= FAILURES and len(breaker.lanes) >= LANES):
        breaker.opened_at = instant()
        breaker.probe_at = instant() + timedelta(seconds=PROBE_EVERY[0])
        breaker.probes = 0


def answered(port: str, method: str) -> bool:
    """A call got an answer, yes or no. Closes the breaker and frees what waited; True if it was open."""
    breaker = db.session.get(Breaker, (port, method))
    if breaker is None or not (breaker.failures or breaker.opened_at):
        return False
    breaker = _locked(port, method)
    was_open = breaker.opened_at is not None
    breaker.failures, breaker.lanes, breaker.probes = 0, [], 0
    breaker.opened_at = breaker.probe_at = None
    if was_open:
        db.session.flush()  # it counts as closed
        let_out([port], method)
    return was_open


def at_rest(before: timedelta) -> bool:
    """Close what has been open since `before` and keeps nothing waiting: nobody is left who could ask. Whoever asks
    next finds out anew. True if there was any."""
    asks = select(Promise.id).where(
        Promise.port == Breaker.port,
        Promise.method == Breaker.method,
        Promise.status.in_([PromiseStatus.WAITING, PromiseStatus.CLAIMED]),
    )
    sources = {port: system.source for system in vendors.SYSTEMS for port in system.ports if system.source}
    unsettled = select(InboxEvent.id).where(
        InboxEvent.status == EventStatus.RECEIVED,
        InboxEvent.source == case(sources, value=Breaker.port),
        InboxEvent.created_at < instant() - before,
    )
    closed = db.session.execute(
        update(Breaker)
        .where(Breaker.probe_at < instant() - before, ~asks.exists(), ~unsettled.exists())
        .values(failures=0, lanes=[], probes=0, opened_at=None, probe_at=None)
        .execution_options(synchronize_session=False)
    )
    return bool(touched(closed))


def health() -> list[Breaker]:
    """All breakers that have something to tell, open ones first."""
    query = select(Breaker).where(Breaker.failures > 0).order_by(Breaker.opened_at.nulls_last(), Breaker.port)
    return list(db.session.scalars(query))


def _locked(port: str, method: str) -> Breaker:
    query = select(Breaker).where(Breaker.port == port, Breaker.method == method).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()
