"""Card numbers, which must never get in here: found in text, however they are spaced."""

from __future__ import annotations

import re
import unicodedata

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014"), "-")
_RUN = re.compile(r"\d+(?:[ .\-]\d+)*")  # groups of digits, one space, dash or dot apart
LENGTHS = range(13, 20)
FIRST = "23456"  # ISO/IEC 7812: 2 and 5 Mastercard, 3 American Express and others, 4 Visa, 6 the rest


def holds_card_number(text: str) -> bool:
    """Does the text hold what is most likely the number of a payment card (right length, Luhn's sum fits)?"""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return any(_among(re.findall(r"\d+", run)) for run in _RUN.findall(plain))


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, the digits' sum a multiple of ten."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _among(groups: list[str]) -> bool:
    """Do some groups in a row make a card number? An expiry date may stand right behind it."""
    for start in range(len(groups)):
        joined = ""
        for group in groups[start : start + 19]:
            joined += group
            if len(joined) in LENGTHS and joined[0] in FIRST and luhn(joined):
                return True
    return False
