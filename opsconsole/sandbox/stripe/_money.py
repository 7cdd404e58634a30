"""Currencies the sandbox knows: the least amount Stripe charges, and how it writes amounts in messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Currency:
    """`decimals` of the minor unit, `least` charge in minor units, `step` that amounts are multiples of."""

    decimals: int
    least: int
    sign: str
    step: int = 1


#: docs.stripe.com/currencies: minimum charges; three-decimal amounts end in 0.
CURRENCIES = {
    "usd": Currency(2, 50, "$"),
    "eur": Currency(2, 50, "€"),
    "gbp": Currency(2, 30, "£"),
    "cad": Currency(2, 50, "$"),
    "aud": Currency(2, 50, "$"),
    "jpy": Currency(0, 50, "¥"),
    "kwd": Currency(3, 200, "KWD ", step=10),
}
MOST = 99_999_999


def shown(amount: int, currency: str) -> str:
    """`$12.34`, `¥1234`."""
    known = CURRENCIES[currency]
    return f"{known.sign}{amount / 10**known.decimals:.{known.decimals}f}"
