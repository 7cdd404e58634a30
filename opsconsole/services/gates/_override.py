"""A clinician lets one order through one closed gate: override -> used -> withdraw_override, or it ends by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ...lib.refusal import Invalid, Refused
from ...models import Customer, GateOverride, Order, OverrideReason, Provider
from .._act import act, concerns, performing, say, tell_change
from .._actor import Actor
from ._asked import day_of
from ._blocker import Blocker
from ._of_order import of_order

LONGEST = timedelta(days=30)
# What is a clinician's judgement, each with why.
MAY = {
    "clinical_flag": "A flag is a question to a clinician, and the answer may be that it does not matter here.",
    "too_young": "The age that a product asks for is our own caution; the state’s is not, and stays.",
    "quantity_mismatch": "A clinician may find that the other quantity does as well.",
    "days_supply_mismatch": "A clinician may find that the other supply does as well.",
    "rx_expires_soon": "It is still valid: a clinician may count on a pharmacy that is quicker than usual.",
}
# What nobody overrides, each with why and what is to be done instead.
NEVER = {
    "review_denied": "A clinician said no. Only another visit changes that.",
    "rx_missing": "Nothing is dispensed without a prescription. Ask a clinician for one.",
    "rx_not_signed": "What is not signed is no prescription yet. Its clinician has to sign it.",
    "rx_on_hold": "Its clinician stopped it, and lets it go on where they stopped it.",
    "rx_stopped": "It was stopped, canceled or entered in error. Only a new prescription takes its place.",
    "rx_expired": "Nobody extends a date, and nobody dispenses after it. A clinician has to prescribe again.",
    "no_refills": "More refills are a new prescription. A clinician has to prescribe again.",
    "product_mismatch": "Another drug or strength is a new prescription, or another mapping of our registry.",
    "prescriber_not_licensed": "A licence is the state’s to give. Somebody who is licensed there has to prescribe.",
    "pharmacy_not_licensed": "A licence is the state’s to give. Another pharmacy has to ship it.",
    "state_not_served": "Without a rule for the state nobody is treated there.",
    "too_young_for_state": "The age is the state’s law.",
}


class NotOverridable(Refused):
    """Nobody may override that, or not this person."""


class NotClosed(Refused):
    """Nothing of the kind keeps the order here."""


class NotOverridden(Refused):
    """Nobody has overridden that, or it has ended already."""


@act(private=("words",))
def override(order_id: str, *, code: str, reason: str, words: str, until: date, by: Actor) -> Order:
    """Let an order through what keeps it here by `code`, until the end of the day `until` where the patient lives: thirty
    days at most. Only who is a prescriber licensed in the state that it ships to, and only what is a clinician's to judge
    (MAY, NEVER). `words` is what they say to it. Raises NotOverridable, NotClosed, Invalid.
    """
    order = _locked(order_id)
    today = day_of(order.ships_to, performing().now)
    if reason not in [one.value for one in OverrideReason]:
        raise Invalid({"reason": [f"Choose one of: {', '.join(OverrideReason)}."]})
    if not today <= until <= today + LONGEST:
        raise Invalid({"until": ["Choose a day between today and thirty days from now."]})
    if not words.strip():
        raise Invalid({"words": ["Say why, for whoever looks at it later."]})
    if code not in MAY:
        raise NotOverridable(NEVER.get(code, "That is nothing for a clinician to judge."), field="code")
    provider = _licensed(order, by, today)
    if not any(one.code == code for one in of_order(order, performing().now).blockers):
        raise NotClosed("Nothing of the kind keeps this order here now.", field="code")
    made = GateOverride(
        order_id=order.id, provider_id=provider.id, code=code, reason=reason, until_on=until, by=by.label, by_id=by.id,
        trace_id=performing().trace, created_at=performing().now,
    )  # fmt: skip
    made.words = words.strip()
    made.add()
    concerns(made.id, provider.id)
    called = code.replace("_", " ")
    tell_change(order, "gate overridden", "", f"{called}, until {until:%-d %b %Y}")
    say(
        f"Let order {order.reference} through in spite of {called}, until {until:%-d %b %Y}: {made.why.lower()}"
    )
    return order


@act
def withdraw_override(order_id: str, *, code: str, by: Actor) -> Order:
    """Take back what a clinician has overridden: the gate counts again. What went out meanwhile stays out. Raises
    NotOverridden.
    """
    order = _locked(order_id)
    today = day_of(order.ships_to, performing().now)
    standing = [one for one in GateOverride.of_order(order.id) if one.code == code and one.stands(today)]
    if not standing:
        raise NotOverridden("Nobody overrides that now.", field="code")
    for one in standing:
        GateOverride.lock(one.id)
        one.withdrawn_at, one.withdrawn_by = performing().now, by.label
        concerns(one.id)
    called = code.replace("_", " ")
    tell_change(order, "gate overridden", called, "")
    say(f"Order {order.reference} is no longer let through in spite of {called}")
    return order


def used(order: Order, overridden: Sequence[Blocker]) -> None:
    """Something leaves because of these overrides: the act under way writes that down."""
    for one in overridden:
        assert one.override
        one.override.used_at = one.override.used_at or performing().now
        concerns(one.override.id)
        words = f"{one.code.replace('_', ' ')}, by {one.override.by} until {one.override.until_on:%-d %b %Y}"
        tell_change(one.override, "let through", "", words)


def overridable(blockers: Sequence[Blocker]) -> list[Blocker]:
    """Of what keeps something here, what a clinician may override."""
    return [one for one in blockers if one.code in MAY]


def _licensed(order: Order, by: Actor, today: date) -> Provider:
    provider = Provider.of_staff(by.id)
    if provider is None:
        raise NotOverridable("Only a prescriber may: your account is none. Ask a clinician.")
    address = order.ships_to
    if address is None or address.state not in provider.licensed_in(today):
        where = address.state if address else "the patient’s state, which nobody told"
        raise NotOverridable(f"You are not licensed in {where}. Ask a colleague who is.")
    return provider


def _locked(order_id: str) -> Order:
    Customer.lock(Order.require(order_id).customer_id)
    return Order.lock(order_id)
