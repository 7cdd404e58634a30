"""What it means that a card was declined, in words for who talks to the customer, and what helps.

https://docs.stripe.com/declines/codes: codes are open, and one that is not here is told in Stripe's own words.
"""

from __future__ import annotations

_ANOTHER = "Ask the customer for another card."
_NO_REASON = f"The bank declined the card and gives no reason. The customer can ask their bank. {_ANOTHER}"
_LATER = "Try again in an hour."
_ANOTHER_DAY = "Try again another day, or ask the customer for another card."
# Stripe asks not to tell the customer more than that the card was declined.
_BLOCKED = f"The bank has blocked the card. Do not tell the customer why. {_ANOTHER}"

_THEY_CONFIRM = (
    "The bank wants the customer to confirm this payment, which they can only do in the shop. "
    "Send them there to pay: trying again from here fails again."
)

WORDS = {
    "authentication_required": _THEY_CONFIRM,
    "invoice_payment_intent_requires_action": _THEY_CONFIRM,
    "subscription_payment_intent_requires_action": _THEY_CONFIRM,
    "approve_with_id": f"The bank could not approve it. {_LATER}",
    "call_issuer": _NO_REASON,
    "card_not_supported": f"The card does not allow this kind of purchase. {_ANOTHER}",
    "card_velocity_exceeded": f"The card is over its limit for now. {_LATER} Or ask the customer for another card.",
    "currency_not_supported": f"The card does not take this currency. {_ANOTHER}",
    "do_not_honor": _NO_REASON,
    "expired_card": f"The card has expired. {_ANOTHER}",
    "fraudulent": _BLOCKED,
    "generic_decline": _NO_REASON,
    "incorrect_cvc": f"The card's security code is wrong. {_ANOTHER}",
    "incorrect_number": f"The card's number is wrong. {_ANOTHER}",
    "insufficient_funds": f"There is not enough money on the card. {_ANOTHER_DAY}",
    "issuer_not_available": f"The bank could not be reached. {_LATER}",
    "lost_card": _BLOCKED,
    "merchant_blacklist": _BLOCKED,
    "no_action_taken": _NO_REASON,
    "pickup_card": _BLOCKED,
    "processing_error": f"The bank stumbled over the payment. {_LATER}",
    "reenter_transaction": f"The bank stumbled over the payment. {_LATER}",
    "restricted_card": _BLOCKED,
    "stolen_card": _BLOCKED,
    "transaction_not_allowed": f"The card does not allow this kind of purchase. {_ANOTHER}",
    "try_again_later": _LATER,
    "withdrawal_count_limit_exceeded": f"The card is over its limit. {_ANOTHER_DAY}",
}  # fmt: skip


def in_words(code: str, theirs: str) -> str:
    """What a card's no means. `code` is the decline code, or the error's where there is none."""
    return WORDS.get(code, f"{theirs} {_ANOTHER}")
