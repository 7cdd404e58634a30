"""In which ways the money of a day can differ from itself, what each means and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STEPS: Mapping[str, tuple[str, str]] = {  # Step.code -> what stands left and right of it
    "sold": ("sold", "charged"),
    "booked": ("charged less refunded", "booked at Stripe"),
    "net": ("booked less fees", "net"),
    "paid_out": ("net", "paid out"),
    "sent": ("payouts", "what they are made of"),
}


@dataclass(frozen=True)
class Kind:
    """`words` is its name, `means` what it says and `to_do` what to do, for Finn. What `waits` comes right by itself."""

    code: str
    words: str
    means: str
    to_do: str
    waits: bool = False


KINDS: Mapping[str, Kind] = {kind.code: kind for kind in (
    Kind(
        "order_without_charge", "Sold and not charged", "It counts as sold and no payment was collected.",
        "Collect it, or find its payment in Stripe and tie it to the order.",
    ),
    Kind(
        "charge_without_order", "Charged for nothing we know", "A payment came in that no order and no invoice claims.",
        "Find the order in the shop and record it, or refund the payment.",
    ),
    Kind(
        "amount_differs", "Amounts differ", "Both sides have it, and not with the same amount.",
        "Compare the record with Stripe. What was charged too much is refunded, what is missing is collected.",
    ),
    Kind(
        "currency_differs", "Currencies differ", "One side has it in another currency.",
        "Look for its other half in the tie-out of that currency: together they should be worth the same.",
    ),
    Kind(
        "timing", "Counted on another day", "Both sides have the same amount, one of them on another day.",
        "Nothing: the other day has its other half.", waits=True,
    ),
    Kind(
        "charge_pending", "Charge is not booked yet", "Stripe took the payment and has not booked it to our balance.",
        "Wait a day. If it is still here then, read the balance again and ask Stripe.", waits=True,
    ),
    Kind(
        "refund_without_entry", "Refund is not booked", "A refund counts as sent and our balance knows nothing of it.",
        "Look at the refund in Stripe: the customer may not have the money.",
    ),
    Kind(
        "refund_failed", "Refund came back", "A refund failed, and our balance has not got all of its money back.",
        "Its case says why it failed. Refund again by other means, and see that the money returns.",
    ),
    Kind(
        "entry_elsewhere", "Made elsewhere", "Stripe booked a payment or a refund that we do not know.",
        "Look for it in Stripe: somebody works there by hand, or an event never reached us.",
    ),
    Kind(
        "dispute_withdrawn", "Dispute took it", "The customer's bank took money back while it looks into a dispute.",
        "Answer the dispute in time with what you know of the parcel.",
    ),
    Kind(
        "dispute_returned", "Dispute gave it back", "A dispute was won and the money is back.", "Nothing: it is ours again.",
        waits=True,
    ),
    Kind(
        "stripe_fee", "Fee of Stripe's own", "Stripe charged us for a service, not for one payment.",
        "Compare it with Stripe's invoice of the month.",
    ),
    Kind(
        "adjustment", "Adjustment by Stripe", "Stripe corrected our balance.", "Read its description in Stripe and book it.",
    ),
    Kind(
        "other_movement", "Other movement", "Money moved that is neither a payment nor a refund: a transfer or a top-up.",
        "Find out who moved it, and book it.",
    ),
    Kind(
        "fee_unexplained", "Fee does not add up", "An entry less its fee is not its net.", "Ask Stripe what was kept.",
    ),
    Kind(
        "awaiting_payout", "Not paid out yet", "It is on our balance and goes out with one of the next payouts.",
        "Wait for the payout.", waits=True,
    ),
    Kind(
        "not_paid_out", "Left behind", "It has been available for more than a week and went out with no payout.",
        "Look in Stripe whether payouts are paused, or made by hand.",
    ),
    Kind(
        "payout_unknown", "Payout unknown", "It went out with a payout that we do not know, or whose state we do not.",
        "Read the balance again, and look at the payout in Stripe.",
    ),
    Kind(
        "payout_failed", "Payout came back", "The payout that it went out with failed or was called off.",
        "Check the bank account in Stripe. The money goes out again with a later payout.",
    ),
    Kind(
        "payout_not_read", "Payout is not read yet", "Stripe has not said yet what this payout is made of.",
        "Wait a day: Stripe says when it can be read.", waits=True,
    ),
    Kind(
        "payout_by_hand", "Paid out by hand", "Somebody paid this out by hand: Stripe does not say what it is made of.",
        "Ask who did it and compare it with the balance of that day.",
    ),
    Kind(
        "payout_differs", "Payout differs", "The payout is not the sum of what it is made of.",
        "Compare it with Stripe's report of this payout.",
    ),
)}  # fmt: skip
