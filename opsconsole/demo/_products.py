"""What the shop sells. These names stay in the console: Stripe is told an order's number and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

# Prices are made in US cents; other currencies get round prices near them.
_PER_CENT = {"usd": 1.0, "jpy": 1.5, "kwd": 3.07}
_ROUND_TO = {"usd": 1, "jpy": 10, "kwd": 100}
_SIGS = {
    "NC": "Apply a pea-sized amount to clean, dry skin at night.",
    "NN": "Apply a pea-sized amount to clean, dry skin at night.",
    "SC": "Apply a thin layer to dark spots twice a day.",
    "MG": "Apply a thin layer to clean skin in the morning.",
    "RG": "Apply a thin layer to red areas twice a day.",
}
STEP = {"usd": 1, "jpy": 1, "kwd": 10}  # Stripe takes three-decimal amounts in tens only


@dataclass(frozen=True)
class Product:
    """`cents` is its price in the US; what needs no prescription is taxed. `keys` are (system, key) of the drug
    registers; what a pharmacy compounds has none there."""

    sku: str
    name: str
    cents: int
    prescription: bool = True
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def form(self) -> str | None:
        """ "Night cream, tretinoin …" is a cream."""
        return self.name.partition(",")[0].rpartition(" ")[2].lower() if self.prescription else None

    @property
    def strength(self) -> str | None:
        """What stands between the form and the days, when it is a percentage."""
        words = self.name.partition(", ")[2].rpartition(", ")[0]
        return words if "%" in words else None

    @property
    def days(self) -> int:
        """How long one lasts: what its number ends with."""
        return int(self.sku.rpartition("-")[2].rstrip("D"))

    @property
    def grams(self) -> int:
        """In one: half a gram a day."""
        return self.days // 2

    @property
    def sig(self) -> str:
        return _SIGS[self.sku[:2]]

    @property
    def prescribed_as(self) -> tuple[tuple[str, str], ...]:
        """(system, key) by which clinicians name it: the drug registers' own, or the formula of what is compounded."""
        return self.keys or (("compound", f"oc-{self.sku.lower()}"),)

    @property
    def not_in_pregnancy(self) -> bool:
        return "tretinoin" in self.name or "hydroquinone" in self.name

    def price(self, currency: str) -> int:
        return priced(self.cents, currency)


TREATMENTS = (
    Product("NC-018-60", "Night cream, tretinoin 0.018 %, 60 days", 5900),
    Product("NC-025-60", "Night cream, tretinoin 0.025 %, 60 days", 6400),
    Product("NC-050-60", "Night cream, tretinoin 0.05 %, 60 days", 6900),
    Product("NC-050-90", "Night cream, tretinoin 0.05 %, 90 days", 9600),
    Product("NC-100-60", "Night cream, tretinoin 0.1 %, 60 days", 7400),
    Product("NN-025-60", "Night cream, tretinoin 0.025 % and niacinamide 4 %, 60 days", 7900),
    Product("SC-040-60", "Spot cream, hydroquinone 4 %, 60 days", 8200, keys=(("ndc", "42192-0151-01"),)),
    Product(
        "MG-125-60",
        "Morning gel, clindamycin 1.2 % and benzoyl peroxide 2.5 %, 60 days",
        6100,
        keys=(("rxnorm", "885131"),),
    ),
    Product("RG-150-90", "Redness gel, azelaic acid 15 %, 90 days", 8800),
)
# No longer sold, but in the orders of years ago and in the plans of whoever never changed theirs.
LEGACY = (
    Product("NC-025-30", "Night cream, tretinoin 0.025 %, 30 days", 3600),
    Product("SC-040-90", "Spot cream, hydroquinone 4 %, 90 days", 11800),
)
# The same things under other SKUs, since the shop's catalogue was moved.
DUPLICATES = (
    Product("NC050-60D", "Night cream, tretinoin 0.05 %, 60 days", 6900),
    Product("RG150-90D", "Redness gel, azelaic acid 15 %, 90 days", 8800),
)
EXTRAS = (
    Product("CL-150", "Gentle cleanser, 150 ml", 1800, prescription=False),
    Product("SU-040", "Mineral sunscreen SPF 40, 50 ml", 2600, prescription=False),
    Product("MO-050", "Barrier moisturiser, 50 ml", 2400, prescription=False),
    Product("LB-001", "Lip balm", 700, prescription=False),
)


BY_SKU = {product.sku: product for product in (*TREATMENTS, *LEGACY, *DUPLICATES, *EXTRAS)}


def priced(cents: int, currency: str) -> int:
    """About as much as `cents`, in round minor units of the currency."""
    return round(cents * _PER_CENT[currency] / _ROUND_TO[currency]) * _ROUND_TO[currency]


def share(amount: int, part: float, currency: str) -> int:
    """A part of an amount, in units that Stripe takes; all of it for 1.0."""
    return amount if part == 1 else int(amount * part) // STEP[currency] * STEP[currency]
