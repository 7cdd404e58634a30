"""What banks say to a card that is charged: Stripe's words and codes for each no.

https://docs.stripe.com/testing#declined-payments and https://docs.stripe.com/declines/codes
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DECLINED = "Your card was declined."


@dataclass(frozen=True)
class No:
    """`network` is the number that the network passes on, `advice` what Stripe advises to do."""

    code: str
    decline_code: str | None
    message: str
    network: str = "05"
    advice: str = "try_again_later"

    @property
    def told(self) -> dict[str, Any]:
        """What of it stands in an error; an expired card, for one, has no decline code."""
        found = {"advice_code": self.advice, "network_decline_code": self.network}
        return found | ({"decline_code": self.decline_code} if self.decline_code else {})


_CARD = "card_declined"
#: By the decline code, or the code where there is none. "declines" is the card that always is, and nobody says why.
NOS = {
    "declines": No(_CARD, "generic_decline", DECLINED),
    "insufficient_funds": No(_CARD, "insufficient_funds", "Your card has insufficient funds.", "51"),
    "lost_card": No(_CARD, "lost_card", DECLINED, "41", "do_not_try_again"),
    "stolen_card": No(_CARD, "stolen_card", DECLINED, "43", "do_not_try_again"),
    "card_velocity_exceeded": No(
        _CARD,
        "card_velocity_exceeded",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        "61",
    ),
    "expired_card": No("expired_card", None, "Your card has expired.", "54", "confirm_card_data"),
    "incorrect_cvc": No("incorrect_cvc", None, "Your card's security code is incorrect.", "N7", "confirm_card_data"),
    "processing_error": No(
        "processing_error", None, "An error occurred while processing your card. Try again in a little bit.", "96"
    ),
    "authentication_required": No(
        "authentication_required",
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
        "1A",
    ),
}  # fmt: skip


def answer(behaves: str | None, *, off_session: bool) -> No | None:
    """What the card's bank says; None is a yes. Who is there can confirm what the bank wants confirmed."""
    if wants_the_customer(behaves) and not off_session:
        return None
    return NOS.get(behaves or "")


def wants_the_customer(behaves: str | None) -> bool:
    """Does the bank want the cardholder to confirm each payment?"""
    return behaves == "authentication_required"
