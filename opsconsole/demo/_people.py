"""Names, telephone numbers and cards of people who do not exist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from faker import Faker

from ._chance import SEED, Chance

_BRANDS = {"visa": 55, "mastercard": 33, "amex": 12}
_TEST_CARDS = {"pm_card_refundFail": "5126", "pm_card_pendingRefund": "7726"}  # docs.stripe.com/testing
_names = Faker("en_US")


@dataclass(frozen=True)
class Card:
    """`method` is the test payment method of Stripe's that it behaves like."""

    brand: str
    last4: str
    month: int
    year: int
    method: str

    @property
    def expires(self) -> str:
        return f"{self.month:02}/{self.year}"

    def like(self, method: str | None) -> Card:
        """The same customer's other card, which is one of Stripe's test cards."""
        return replace(self, brand="visa", last4=_TEST_CARDS[method], method=method) if method else self


def name_of(i: int) -> str:
    _names.seed_instance(f"{SEED}:name:{i}")
    return f"{_names.first_name()} {_names.last_name()}"


def phone_of(chance: Chance, area_code: str) -> str:
    """555-0100 to 555-0199 are set aside for fiction, in every area."""
    return f"+1 {area_code}-555-01{chance.digits(2)}"


def born_on(i: int, today: date, *, minor: bool) -> date:
    """Grown up, and below 80; or, where the story wants it, a few months short of 18."""
    chance = Chance("birth date", i)
    days = 17.2 * 365.25 if minor else chance.uniform(18.1, 79.9) * 365.25
    return today - timedelta(days=int(days))


def card_of(chance: Chance, this_year: int) -> Card:
    """A card that works for some years yet; a few have run out since they were charged."""
    brand = chance.choices(list(_BRANDS), list(_BRANDS.values()))[0]
    year = this_year + chance.choices((-1, 1, 2, 3, 4), (3, 25, 25, 25, 22))[0]
    return Card(brand, chance.digits(4), chance.randint(1, 12), year, f"pm_card_{brand}")
