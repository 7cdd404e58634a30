"""The kinds of banner: one row each. What a row says is what is enforced, shown and tested.

Acts stand here by name, also those that come later: a name counts as soon as there is such an act. Where the rows
come from: a dispute freezes what ships and a fraud warning asks for a decision (the stuck orders PAY.DISPUTE and
PAY.REVIEW); allergies and ages are a clinician's to judge, never operations'; an order may not go out without an
address that was verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...models import Payment

# What sends goods or medicine out, and what will later.
_SHIPS = frozenset(
    {
        "orders.release",
        "orders.reroute",
        "reorders.place",
        "replacements.issue",
        "fills.submit",
        "fills.resend",
    }
)
_RENEWS = frozenset({"subscriptions.resume", "subscriptions.reactivate"})
_TREATS = frozenset({"prescriptions.resend", "subscriptions.swap"})


@dataclass(frozen=True)
class Kind:
    """`says` heads the banner and `advises` tells what to do, both for Sam. `blocks` and `warns` are names of acts.

    `stands_on` holds "customer", "order" or both. `overridden_by` are the words for whoever has the right `override`.
    `by_facts`: the vendor's facts raise and lower it, nobody else. `clinical`: only who may override may lower it.
    """

    code: str
    label: str
    says: str
    advises: str
    tone: str
    stands_on: frozenset[str]
    overridden_by: str
    blocks: frozenset[str]
    warns: frozenset[str] = frozenset()
    by_facts: bool = False
    clinical: bool = False

    @property
    def override(self) -> str:
        """The right to set it aside, of a kind that blocks anything."""
        return f"banners.override_{self.code}"


_ORDER, _CUSTOMER = frozenset({"order"}), frozenset({"customer"})
_ALL = (
    Kind(
        "dispute_open",
        "Dispute open",
        "A payment of this order is disputed.",
        "Nothing more is sent until it has decided. Finance answers with the evidence.",
        "bad",
        _ORDER,
        "finance or an ops lead",
        blocks=_SHIPS | _RENEWS | {"subscriptions.swap"},
        warns=frozenset({"refunds.issue", "orders.cancel", "orders.readdress"}),
        by_facts=True,
    ),
    Kind(
        "fraud_warning",
        "Fraud warning",
        "The card's bank warns that a payment of this order may be fraud.",
        "Refund it before it becomes a dispute, which costs a fee as well. Send nothing unless you are sure.",
        "bad",
        _ORDER,
        "finance or an ops lead",
        blocks=frozenset(),
        warns=_SHIPS | _RENEWS | {"refunds.issue", "subscriptions.swap"},
        by_facts=True,
    ),
    Kind(
        "do_not_ship",
        "Do not ship",
        "Nothing may be shipped.",
        "Ask whoever raised it before anything goes out.",
        "bad",
        _ORDER | _CUSTOMER,
        "an ops lead",
        blocks=_SHIPS | _RENEWS,
        warns=frozenset({"orders.readdress"}),
    ),
    Kind(
        "undeliverable_address",
        "Undeliverable address",
        "Parcels cannot be delivered to this address.",
        "Ask the customer for the right one, correct it, then lower this banner.",
        "warn",
        _ORDER | _CUSTOMER,
        "an ops lead",
        blocks=_SHIPS,
        warns=_RENEWS,
    ),
    Kind(
        "allergy_conflict",
        "Allergy conflict",
        "What this customer told us conflicts with their treatment.",
        "Send nothing. A clinician decides.",
        "bad",
        _ORDER | _CUSTOMER,
        "a clinician",
        blocks=_SHIPS | _RENEWS | _TREATS,
        warns=frozenset({"visits.approve"}),
        clinical=True,
    ),
    Kind(
        "minor",
        "Minor",
        "This customer may be younger than their state allows.",
        "Send nothing. A clinician decides.",
        "bad",
        _CUSTOMER,
        "a clinician",
        blocks=_SHIPS | _RENEWS | _TREATS,
        warns=frozenset({"visits.approve"}),
        clinical=True,
    ),
)
KINDS = {kind.code: kind for kind in _ALL}
OVERRIDES = frozenset(kind.override for kind in _ALL if kind.blocks)
WATCHED = frozenset(act for kind in _ALL for act in kind.blocks)  # acts that some banner can block


def blockers(act: str) -> Sequence[str]:
    """The kinds that block an act of this name."""
    return [kind.code for kind in _ALL if act in kind.blocks]


def evidence(kind: str, payments: Sequence[Payment]) -> tuple[str, Payment] | None:
    """What an order's payments say for a kind that follows facts, and the payment that says it; None when nothing."""
    tells = _FACTS[kind]
    return next(((words, paid) for paid in payments if (words := tells(paid))), None)


def _of_the_dispute(paid: Payment) -> str | None:
    match paid.dispute:
        case "open":
            return (
                f"The bank took money back from the payment with {paid.card}; Stripe refuses refunds of it."
            )
        case "warning":
            return f"The bank asks about the payment with {paid.card} and took nothing yet. A full refund ends it."
        case "unknown":
            return f"Stripe tells of a dispute of the payment with {paid.card} in a word that we do not know."
    return None


def _of_the_warning(paid: Payment) -> str | None:
    if not paid.fraud_warning:
        return None
    return f"About the payment with {paid.card}: {paid.fraud_warning.replace('_', ' ')}."


_FACTS = {"dispute_open": _of_the_dispute, "fraud_warning": _of_the_warning}
