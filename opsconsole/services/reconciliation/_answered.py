"""Putting right what differs, step two: a worker asks the outside, and what it answers decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ... import vendors
from ...lib.refusal import Refused
from ...models import Drift, DriftStatus, ReconciliationRun
from ...vendors.pharmacy import FillFacts, FillState
from ...vendors.tracking import TrackerFacts
from .. import cases, fills
from .._act import act, say
from .._actor import WORKER, Actor, robot
from ..outbox import Reopened, keeper
from ._compare_fills import ENDED
from ._kinds import KINDS, Repair
from ._look import at_fills, at_parcels
from ._record import REASON, end


class NotOpen(Refused):
    """It is over: repaired, dismissed, or gone by itself."""


@act(robots=("worker",))
def told(drift_id: str, *, facts: FillFacts | None, fetched_at: datetime, by: Actor) -> Drift:
    """The pharmacy told how the fill stands: ours follows, or what it does not have is given up or taken in."""
    drift = Drift.lock(drift_id)
    if drift.status != DriftStatus.OPEN or not drift.external_id:
        say("It was settled meanwhile")
        return drift
    how = KINDS[drift.kind].repair
    if how is Repair.GIVE_UP and facts is None:
        gone = FillFacts(id=drift.external_id, state=FillState.CANCELED, raw_status="not there")
        fills.settle(drift.external_id, facts=gone, fetched_at=fetched_at, by=robot(drift.port))
    elif how is Repair.ADOPT and facts and drift.order_id and facts.state not in ENDED:
        fills.adopt(
            drift.order_id,
            pharmacy=drift.port.removeprefix("pharmacy-"),
            facts=facts,
            fetched_at=fetched_at,
            by=WORKER,
        )
    _compare(drift, {drift.external_id: facts}, fetched_at)
    say(
        f"{vendors.name_of(drift.port)} says: {facts.raw_status if facts else 'not there'}. {_outcome(drift)}"
    )
    return drift


@act(robots=("worker",))
def seen(drift_id: str, *, facts: TrackerFacts | None, fetched_at: datetime, by: Actor) -> Drift:
    """The carrier's vendor told where the parcel is: ours follows, or it is followed anew."""
    drift = Drift.lock(drift_id)
    if drift.status == DriftStatus.OPEN and drift.external_id:
        at_parcels(mending(drift), {drift.external_id: facts}, fetched_at)
    say(f"EasyPost says: {facts.raw_status if facts else 'not followed'}. {_outcome(drift)}")
    return drift


@act(robots=("worker",))
def answered(drift_id: str, *, facts: FillFacts, fetched_at: datetime, by: Actor) -> Drift:
    """The pharmacy was asked to stop it, or told an address: what it holds now says whether that was done."""
    drift = Drift.lock(drift_id)
    if drift.status == DriftStatus.OPEN and drift.external_id:
        _compare(drift, {drift.external_id: facts}, fetched_at)
        if drift.status == DriftStatus.OPEN and KINDS[drift.kind].repair is Repair.STOP:
            _not_stopped_yet(drift, facts)
    say(f"{vendors.name_of(drift.port)} says: {facts.raw_status}. {_outcome(drift)}")
    return drift


@act(robots=("worker",))
def refused(drift_id: str, *, code: str, words: str, by: Actor) -> Drift:
    """The pharmacy would not do it. The outbox opens the case; the finding stays."""
    drift = Drift.lock(drift_id)
    say(f"{vendors.name_of(drift.port)} declined: {words}")
    return drift


def _not_stopped_yet(drift: Drift, facts: FillFacts) -> None:
    """It decides later, or would not: then somebody calls."""
    if facts.cancel is None or facts.cancel.value != "denied":
        return
    words = f"{vendors.name_of(drift.port)} would not stop {drift.external_id}: it will ship. Call them if it must not."
    suggests = {
        "act": "reconciliation.dismiss",
        "url": f"{drift.url}/dismiss",
        "label": "Dismiss it once it is settled",
    }
    case = cases.open_case(REASON, drift.id, says=words, suggests=suggests, about=drift.related())
    case.suggests = drift.suggests = suggests


def _compare(drift: Drift, facts: Mapping[str, FillFacts | None], fetched_at: datetime) -> None:
    at_fills(mending(drift), drift.port, facts, fetched_at)


def mending(drift: Drift) -> ReconciliationRun:
    """The run that saw it, as one that mends: a person wants just that. What it counts is not kept."""
    seen_by = ReconciliationRun.require(drift.run_id)
    return ReconciliationRun(
        id=seen_by.id, fix=True, order_id=seen_by.order_id, since=seen_by.since, found=0, repaired=0, gone=0
    )


def put_right(drift: Drift) -> None:
    end(mending(drift), drift)


def _outcome(drift: Drift) -> str:
    return "We agree again" if drift.status != DriftStatus.OPEN else "We still differ"


def _again(drift_id: str, *, fix: Mapping[str, Any], by: Actor) -> Reopened | None:
    """A person tries again what was refused: the same, as it is asked for now."""
    drift = Drift.lock(drift_id)
    if drift.status != DriftStatus.OPEN:
        raise NotOpen(f"This finding is {drift.status}: dismiss the case.")
    return None


ask_fill = keeper("reconciliation.read", call="pharmacy.fetch_fill", then=told, changes=False)
ask_parcel = keeper("reconciliation.see", call="tracking.fetch", then=seen, changes=False)
stop = keeper(
    "reconciliation.stop", call="pharmacy.cancel_fill", then=answered, declined=refused, reopened=_again
)
readdress = keeper(
    "reconciliation.readdress",
    call="pharmacy.change_address",
    then=answered,
    declined=refused,
    reopened=_again,
)
