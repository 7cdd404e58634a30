"""How long a parcel may take, by carrier and service, in days on which the carrier works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...lib.calendar import HOLIDAYS, MAJOR

_EVERY = frozenset(HOLIDAYS)


@dataclass(frozen=True)
class Patience:
    """Days that may pass: from the label to its first scan, between two scans, and in all."""

    first_scan: int = 3
    between_scans: int = 5
    in_all: int = 10


@dataclass(frozen=True)
class Week:
    """When a carrier works: Monday to Friday, and Saturdays where it does; not on its holidays."""

    saturdays: bool
    holidays: frozenset[str]


# The default thresholds for stuck orders; faster services are due sooner. (carrier, service); "" is any.
_PATIENCE = {
    ("", ""): Patience(),
    ("USPS", "Express"): Patience(2, 2, 4),
    ("USPS", "Priority"): Patience(3, 4, 7),
    ("UPS", "NextDayAir"): Patience(1, 1, 3),
    ("UPS", "2ndDayAir"): Patience(2, 2, 4),
    ("FedEx", "PRIORITY_OVERNIGHT"): Patience(1, 1, 3),
    ("FedEx", "FEDEX_2_DAY"): Patience(2, 2, 4),
}
_WEEKS = {
    "": Week(saturdays=False, holidays=MAJOR),
    "USPS": Week(saturdays=True, holidays=_EVERY),
}


def patience(carrier: str, service: str) -> Patience:
    for known in ((carrier, service), (carrier, ""), ("", "")):
        if known in _PATIENCE:
            return _PATIENCE[known]
    raise AssertionError("there is a row for any carrier")


def services() -> Mapping[tuple[str, str], Patience]:
    """What is allowed to each (carrier, service) that is no ordinary one."""
    return {which: allowed for which, allowed in _PATIENCE.items() if any(which)}


def week(carrier: str) -> Week:
    return _WEEKS.get(carrier, _WEEKS[""])
