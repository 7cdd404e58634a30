"""Stopping what is done about an unpaid invoice, by a person, with a reason."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Dunning, DunningStatus
from .. import staff
from .._act import act, say
from .._actor import Actor
from ._follow import over
from ._spare import plan_sparing
from ._why import locked, why_not_running


class NotRunning(Refused):
    """Nothing is done about the invoice any more."""


@act
def stop(dunning_id: str, *, reason: str, stripe_too: bool, by: Actor) -> Dunning:
    """Do no more about an unpaid invoice by itself: no tries, no messages, and nothing on its last day. The customer still
    owes it. With `stripe_too` Stripe's own tries end as well. Raises NotRunning, and UnderWay while Stripe is asked."""
    dunning, invoice = locked(dunning_id)
    if why := why_not_running(dunning):
        raise NotRunning(why)
    over(dunning, DunningStatus.STOPPED, staff.reasoned(reason)[:300])
    if stripe_too and invoice.auto_advance:
        plan_sparing(invoice)
    say(f"Stopped: {dunning.why}")
    return dunning
