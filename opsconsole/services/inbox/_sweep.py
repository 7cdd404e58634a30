"""Finding what we were told and did not hear: the vendor's list of events against the inbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from ... import vendors
from ...db import db, instant
from ...lib.refusal import Invalid
from ...models import Sweep, SweepStatus
from ...vendors.healthcare import HealthcarePage
from ...vendors.payments import DeliveryPage
from ...vendors.pharmacy import EventPage
from .._act import act, performing, say
from .._actor import Actor
from .._transaction import after_commit
from ..outbox import hint, keeper, promise
from ._record import insert_missing

# Whose events can be listed, and the port that does it.
LISTED = {
    "stripe": "payments",
    "healthcare": "healthcare",
    "pharmacy-truepill": "pharmacy-truepill",
    "pharmacy-honeybee": "pharmacy-honeybee",
}
READ_AGAIN = timedelta(minutes=5)  # no list is read more often by itself


@act(robots=("worker",))
def fill(
    sweep_id: str, *, facts: DeliveryPage | EventPage | HealthcarePage, fetched_at: datetime, by: Actor
) -> Sweep:
    """Take a page of listed events in: what is new is recorded and settled like any other."""
    swept = Sweep.lock(sweep_id)
    missed = insert_missing(swept.source, facts.items)
    swept.seen += len(facts.items)
    swept.missed += missed
    say(f"Read {len(facts.items)} of {vendors.name_of(swept.source)}'s events, {missed} of them new to us")
    if missed:
        after_commit(hint)
    if facts.next:
        _read_page(swept, after=facts.next)
    else:
        swept.move_to(SweepStatus.DONE)
    return swept


_list = keeper("inbox.list", call="payments.events", then=fill, changes=False)


@act(robots=("clock",))
def sweep_nightly(source: str, *, by: Actor) -> Sweep:
    """The clock's own sweep: every hour, and when something was awaited and did not come."""
    return _begin(source)


@act
def sweep(*, source: str, by: Actor) -> Sweep:
    """Read the vendor's list since the last sweep (30 days at most) and fill the gaps in the inbox."""
    return _begin(source)


def listed() -> list[str]:
    """The sources that are connected and whose events can be listed."""
    return [source for source, port in LISTED.items() if vendors.connected(port)]


def read_lately(source: str) -> bool:
    """Was reading the source's list begun a moment ago? Then whatever asks for it again may spare itself that."""
    lately = select(Sweep.id).where(Sweep.source == source, Sweep.created_at > instant() - READ_AGAIN)
    return db.session.scalar(lately.limit(1)) is not None


def _begin(source: str) -> Sweep:
    if source not in listed():
        raise Invalid({"source": [f"Choose one of: {', '.join(listed())}."]})
    now = performing().now
    since = Sweep.next_since(source, now)
    begun = Sweep(status=SweepStatus.RUNNING, source=source, since=since, created_at=now).add()
    _read_page(begun, after=None)
    say(f"Asked {vendors.name_of(source)} for its events since {since:%d %b %Y, %H:%M}")
    return begun


def _read_page(swept: Sweep, *, after: str | None) -> None:
    promise(
        _list,
        swept,
        lane=f"{swept.source}:events",
        says=f"{vendors.name_of(swept.source)} lists what it told us since {swept.since:%d %b %Y, %H:%M}",
        arguments={"since": int(swept.since.timestamp()), "after": after},
        due_in=timedelta(0),
        port=LISTED[swept.source],
    )
