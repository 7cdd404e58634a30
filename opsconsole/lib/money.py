"""Money as integer minor units plus a lower-case ISO 4217 code, and the only place that formats it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

# Currencies whose minor unit is not a hundredth (docs.stripe.com/currencies, ISO 4217).
_WHOLE = "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"
_THOUSANDTHS = "bhd jod kwd omr tnd"
_EXPONENTS = {**dict.fromkeys(_WHOLE.split(), 0), **dict.fromkeys(_THOUSANDTHS.split(), 3)}


# "1,50" is one and a half to some and a typing error to others: commas stand between thousands or nowhere.
_TYPED = re.compile(r"(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]*))?")


class NotMoney(ValueError):
    """The text is not an amount of the currency; the message says what is expected."""


def exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for usd, 0 for jpy, 3 for kwd."""
    return _EXPONENTS.get(currency.lower(), 2)


@dataclass(frozen=True, order=True)
class Money:
    """`minor` units of `currency`: Money(1050, "usd") is 10.50 dollars."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read what a person typed, "1,234.50" or "10". Raises NotMoney with words for them."""
        places = exponent(currency)
        example = str(cls(10 * 10**places, currency).amount)
        cleaned = text.strip()
        if currency.lower() == "usd":
            cleaned = cleaned.removeprefix("$")
        typed = _TYPED.fullmatch(cleaned)
        sign, whole, decimals = typed.groups(default="") if typed else ("", "", "")
        whole = whole.replace(",", "")
        if not whole + decimals or len(whole) > 10:
            raise NotMoney(f"Write an amount like {example}.")
        if len(decimals) > places:
            most = "no decimals" if places == 0 else f"at most {places} decimals"
            raise NotMoney(f"{currency.upper()} has {most}: write an amount like {example}.")
        return cls(int(f"{sign}{whole}{decimals:0<{places}}"), currency.lower())

    @property
    def amount(self) -> str:
        """The amount alone, as JSON carries it: "10.50"."""
        places = exponent(self.currency)
        return f"{Decimal(self.minor).scaleb(-places):.{places}f}"

    @property
    def as_json(self) -> dict[str, str]:
        return {"amount": self.amount, "currency": self.currency}

    def __str__(self) -> str:
        whole, _, rest = self.amount.lstrip("-").partition(".")
        grouped = f"{int(whole):,}" + (f".{rest}" if rest else "")
        sign = "-" if self.minor < 0 else ""
        return f"{sign}${grouped}" if self.currency == "usd" else f"{sign}{grouped} {self.currency.upper()}"
