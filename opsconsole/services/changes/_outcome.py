"""How a change ends: the processor has done it, would not, or a person says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ...models import Change, ChangeStatus, Invoice, Subscription
from .. import outbox
from .._act import Act, act, concerns, say
from .._actor import Actor
from ..outbox import Keeper, Reopened, keeper

_S = ChangeStatus
Ended = Callable[[Change], None]
_ENDED: dict[str, Ended] = {}


def keeps(verb: str, call: str, *, then: Act, takes_no: bool = False) -> Keeper:
    """Register the changes of the act named `verb`: `call` is "port.method", `then(change_id, facts=, fetched_at=)` takes in
    what comes back and says `done`. With `takes_no` a no opens no case: whoever is told by `when_ended` knows what to do."""
    return keeper(
        verb,
        call=call,
        then=then,
        declined=declined,
        locks=_locked,
        reopened=_reopened,
        done_outside=_done_outside,
        dropped=_dropped,
        takes_no=takes_no,
    )


def when_ended(verb: str, follows: Ended) -> None:
    """Have `follows` told of each change of this verb that is done, failed or withdrawn, in the same commit."""
    _ENDED[verb] = follows


def done(change_id: str, *, external_id: str | None = None) -> Change:
    """In an act: the processor has done it. `external_id` is what it made there."""
    change = _locked(change_id)
    if external_id:
        change.external_id = external_id
    change.failure_code = change.failure_reason = None
    if change.move_to(_S.DONE):
        ended(change)
    concerns(*change.related())
    return change


def happened(change_id: str | None, *, external_id: str | None = None) -> None:
    """In an act: the processor's own records show that it was done, although its answer never came. `external_id` as
    in `done`."""
    change = Change.get(change_id) if change_id else None
    if change and change.status == _S.SUBMITTED:
        outbox.proven(change.id)
        done(change.id, external_id=external_id)


@act(robots=("worker",))
def declined(
    change_id: str,
    *,
    code: str,
    words: str,
    facts: object = None,
    fetched_at: datetime | None = None,
    by: Actor,
) -> Change:
    """The processor said no. The outbox opens the case; what it keeps of it (`facts`, a payment that no card has paid) its
    own events tell of."""
    change = _locked(change_id)
    change.failure_code, change.failure_reason = code[:100], words[:500]
    change.move_to(_S.FAILED)
    ended(change)
    concerns(*change.related())
    say(f"Stripe would not do it: {words}")
    return change


def ended(change: Change) -> None:
    """Tell whoever follows changes of this verb."""
    if follows := _ENDED.get(change.verb):
        follows(change)


def _reopened(change_id: str, *, fix: dict[str, Any], by: Actor) -> Reopened | None:
    """A person has it asked again, as it was."""
    change = _locked(change_id)
    if change.status != _S.FAILED:
        return None  # the outcome is unknown: the same request goes out again, unchanged
    change.failure_code = change.failure_reason = None
    change.move_to(_S.PLANNED)
    return Reopened(change.says, change.arguments)


def _done_outside(change_id: str, *, external_id: str, by: Actor) -> None:
    """Somebody did it at the processor by hand, and says what came of it."""
    done(change_id, external_id=external_id)


def _dropped(change_id: str) -> None:
    """Somebody found out that it did not happen, and that it need not."""
    change = _locked(change_id)
    if change.under_way:
        change.failure_reason = "Given up."
        change.move_to(_S.FAILED)
        ended(change)


def _locked(change_id: str) -> Change:
    """What is changed first, then the change: the order in which every act here takes its locks."""
    known = Change.require(change_id)
    if known.subscription_id:
        Subscription.lock(known.subscription_id)
    if known.invoice_id:
        Invoice.lock(known.invoice_id)
    return Change.lock(change_id)
