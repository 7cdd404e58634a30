"""Where people live: real cities with their states, ZIPs and area codes, in streets that do not exist."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import zipcodes
from faker import Faker

from ..models import ShipTo
from ._chance import SEED, Chance
from ._plans import HomePlan

# Inhabitants in ten thousands, 2020 census, rounded: https://www.census.gov/data/tables/2020/dec/2020-apportionment-data.html
_PEOPLE = {
    "CA": 3954, "TX": 2915, "FL": 2154, "NY": 2020, "PA": 1300, "IL": 1281, "OH": 1180, "GA": 1071, "NC": 1044, "MI": 1008,
    "NJ": 929, "VA": 863, "WA": 771, "AZ": 715, "MA": 703, "TN": 691, "IN": 679, "MD": 618, "MO": 615, "WI": 589,
    "CO": 577, "MN": 571, "SC": 512, "AL": 502, "LA": 466, "KY": 451, "OR": 424, "OK": 396, "CT": 361, "UT": 327,
    "IA": 319, "NV": 310, "AR": 301, "MS": 296, "KS": 294, "NM": 212, "NE": 196, "ID": 184, "WV": 179, "HI": 146,
    "NH": 138, "ME": 136, "RI": 110, "MT": 108, "DE": 99, "SD": 89, "ND": 78, "AK": 73, "DC": 69, "VT": 64, "WY": 58,
    "PR": 329,
}  # fmt: skip
_STATES = list(_PEOPLE)
_WEIGHTS = list(accumulate(_PEOPLE.values()))
_faker = Faker("en_US")


@dataclass(frozen=True)
class Place:
    city: str
    state: str
    zip: str
    area_code: str


@dataclass(frozen=True)
class Home:
    """`area_code` is that of the telephone, which soldiers abroad keep from home."""

    line1: str
    line2: str
    city: str
    state: str
    zip: str
    area_code: str

    def ship_to(self, name: str) -> ShipTo:
        return ShipTo(name, self.line1, self.city, self.state, self.zip, self.line2)


def home_of(key: str, plan: HomePlan, but_not_in: str = "") -> Home:
    """The home that `key` stands for, always the same one. `but_not_in` is a state that it is not in."""
    chance = Chance("home", plan.shared or key)
    state = "PR" if plan.kind == "puerto_rico" else _state(chance, but_not_in)
    place = chance.choice(_places(plan.kind if plan.kind == "po_box" else "house")[state])
    area_code = place.area_code
    if plan.kind == "armed_forces":
        place = chance.choice(_places("armed_forces")[chance.choice(("AE", "AP", "AA"))])
        line1 = f"PSC {chance.randint(1, 999)} Box {chance.randint(1000, 9999)}"
    elif plan.kind == "po_box":
        line1 = f"PO Box {chance.randint(1, 9999)}"
    else:
        _faker.seed_instance(f"{SEED}:street:{plan.shared or key}")
        line1 = f"{chance.randint(1, 9999)} {_faker.street_name()}"
    zip = f"{place.zip}-{chance.digits(4)}" if plan.zip4 else place.zip
    return Home(line1, plan.flat, place.city, place.state, zip, area_code)


def _state(chance: Chance, but_not: str) -> str:
    found = chance.choices(_STATES, cum_weights=_WEIGHTS)[0]
    return found if found != but_not else "OR" if but_not == "CA" else "CA"


@cache
def _places(kind: str) -> dict[str, list[Place]]:
    """Every place of a kind by its state. A third of a second, once per process."""
    wanted = {"house": "STANDARD", "po_box": "PO BOX", "armed_forces": "MILITARY"}[kind]
    found: dict[str, list[Place]] = defaultdict(list)
    for one in zipcodes.list_all():  # type: ignore[no-untyped-call]
        codes = one["area_codes"] or ([""] if kind == "armed_forces" else [])
        if one["zip_code_type"] == wanted and one["active"] and codes:
            city = one["city"].upper() if kind == "armed_forces" else one["city"]  # APO, FPO, DPO
            found[one["state"]].append(Place(city, one["state"], one["zip_code"], codes[0]))
    return found
