"""All of a person's care in the story: worked out once, told to the console and to the healthcare system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from . import _dispenses, _prescriptions, _visits
from ._story import Person


@dataclass(frozen=True)
class Care:
    person: Person
    prescribed: list[_prescriptions.Written]
    dispensed: list[_dispenses.Dispensed]
    visits: list[_visits.Visited]


def care_of(person: Person, until: datetime) -> Care:
    prescribed = _prescriptions.written(person, until)
    dispensed = list(_dispenses.of(prescribed, until))
    return Care(person, prescribed, dispensed, _visits.of(person, prescribed))
