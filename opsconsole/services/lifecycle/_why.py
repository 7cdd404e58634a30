"""Why a card was declined: asked of Stripe after each try, for only the payment says it, and then the customer is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...models import Customer, Dunning, DunningStatus, Invoice, LifecyclePolicy, Subscription
from ...vendors.payments import PaymentFacts, PaymentState
from ...vendors.payments.declines import NO_CARD, meaning
from .. import messages
from .._act import act, concerns, say
from .._actor import Actor
from ..outbox import keeper, promise
from ._attempts import explain, is_hard
from ._zones import day_in, zone_of

_NOT_DECLINED = (PaymentState.PROCESSING, PaymentState.SUCCEEDED)


@act(robots=("worker",))
def explained(dunning_id: str, *, facts: PaymentFacts | None, fetched_at: datetime, by: Actor) -> Dunning:
    """What the payment says of the latest try. After a hard decline no card is tried any more, and another is asked for."""
    dunning, _ = locked(dunning_id)
    if facts and facts.state in _NOT_DECLINED:
        say("The payment is under way: nobody is told that it failed")
        return dunning
    code = (facts.failure_code if facts else None) or NO_CARD
    learned(dunning, code, facts.failure_advice if facts else None)
    say(meaning(code))
    return dunning


read = keeper("lifecycle.explained", call="payments.fetch_payment", then=explained, changes=False)


def ask_why(dunning: Dunning, invoice: Invoice) -> None:
    """In an act: have the payment of the invoice read. Without one there was no card to try."""
    if not invoice.payments:
        learned(dunning, NO_CARD, None)
        return
    promise(
        read,
        dunning,
        lane=f"{invoice.lane}:why",
        says="Stripe is asked why the card was declined",
        arguments={"id": invoice.payments[-1]},
        due_in=timedelta(0),
    )


def learned(dunning: Dunning, code: str, advice: str | None) -> None:
    """In an act: the latest try failed because of this. What was to be told once that is known is told."""
    policy = LifecyclePolicy.require(dunning.policy_id)
    explain(dunning, code, advice)
    dunning.decline_code = code[:60]
    newly_hard = not dunning.hard and (code == NO_CARD or is_hard(policy, code, advice))
    dunning.hard = dunning.hard or newly_hard
    message, dunning.tells = dunning.tells, None
    if dunning.running and (message or newly_hard):
        tell(dunning, policy, message)
    concerns(*dunning.related())


def tell(dunning: Dunning, policy: LifecyclePolicy, message: str | None) -> None:
    """In an act: write to the customer, after a hard decline in the policy's words for that; where we cannot, say why."""
    template = (policy.hard_message or message) if dunning.hard and dunning.running else message
    customer = Customer.get(dunning.customer_id or "")
    if template is None:
        return
    if customer is None or messages.why_not_write(customer):
        return
    zone = zone_of(customer.ships_to.state if customer.ships_to else None)
    ends = day_in(zone, policy.step_at(dunning.started_at, len(policy.steps)))
    messages.write(
        customer,
        template=template,
        data={"date": messages.on_day(ends)},
        subscription_id=dunning.subscription_id,
    )


def locked(dunning_id: str) -> tuple[Dunning, Invoice]:
    """A dunning with what it is about, locked in the order in which every act takes its locks."""
    known = Dunning.require(dunning_id)
    if known.customer_id:
        Customer.lock(known.customer_id)
    if known.subscription_id:
        Subscription.lock(known.subscription_id)
    invoice = Invoice.lock(known.invoice_id)
    return Dunning.lock(dunning_id), invoice


def why_not_running(dunning: Dunning) -> str | None:
    """Why nothing more is done about it; None while something is."""
    if dunning.running:
        return None
    return {
        DunningStatus.RECOVERED: "The invoice was paid.",
        DunningStatus.STOPPED: "It was stopped already.",
        DunningStatus.ENDED: "Its last day has passed.",
    }[DunningStatus(dunning.status)]
