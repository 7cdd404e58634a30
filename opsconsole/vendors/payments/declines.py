"""What decline codes mean, for whoever shows or weighs one: https://docs.stripe.com/declines/codes"""

from __future__ import annotations

from .._stripe.declines import WORDS as WORDS
from .._stripe.declines import in_words

NO_CARD = "no_card"  # ours: there was nothing to try
NEVER_AGAIN = "do_not_try_again"  # what the processor advises when the network forbids another try


def meaning(code: str | None) -> str:
    """What a decline code means in plain words for staff, and what helps."""
    if code == NO_CARD:
        return "There is no card to charge. Ask the customer to save one."
    if code is None:
        return "Stripe did not say why."
    return in_words(code, f"The bank said “{code.replace('_', ' ')}”.")
