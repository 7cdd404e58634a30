"""FHIR R4's Practitioner, and the licences among their qualifications: https://hl7.org/fhir/R4/practitioner.html

Where a licence holds stands in an extension of the US directories (Da Vinci Plan-Net). Systems that do not know it name the
state in the licence's identifier or in the name of the board: it is read from there, and only where there is no doubt, for
whoever is taken to be licensed where they are not may prescribe there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from .._asking import object_in
from . import LicenceFacts, PractitionerFacts
from ._fhir_elements import Record, codes, coding, day, identified, list_in, objects, text, words
from ._states import CODES, NAMES

NPI = "http://hl7.org/fhir/sid/us-npi"
QUALIFICATION = "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
USPS = "https://www.usps.com/"
_DEGREES = "terminology.hl7.org/CodeSystem/v2-0360"
_TAXONOMY = "http://nucc.org/provider-taxonomy"
#: https://terminology.hl7.org/CodeSystem-v2-0360.html -> what prescribers are to us, the first that fits
CREDENTIALS = {"MD": "MD", "DO": "DO", "NP": "NP", "CNP": "NP", "FPNP": "NP", "PA": "PA"}
#: Plan-Net's QualificationStatusCS, and the plain words that boards use.
STATUSES = {
    "active": "active",
    "pending": "pending",
    "inactive": "expired",
    "expired": "expired",
    "suspended": "suspended",
    "revoked": "suspended",
    "surrendered": "surrendered",
}
#: As letters before a number these are degrees as often as states.
_DEGREES_TOO = frozenset({"MD", "PA"})


def practitioner(found: Record) -> PractitionerFacts:
    data = found.data
    npi = identified(data, NPI)
    qualifications = objects(data.get("qualification"))
    return PractitionerFacts(
        **found.seen,
        npi=npi if npi and re.fullmatch(r"\d{10}", npi) else None,
        name=_name(data),
        credential=_credential(data, qualifications),
        active=data.get("active") is not False,
        licences=tuple(one for told in qualifications for one in _licences(told)),
    )


def _name(data: Mapping[str, Any]) -> str:
    names = sorted(objects(data.get("name")), key=lambda one: _USES.get(text(one.get("use")), 1))
    for one in names:
        parts = [*list_in(one.get("given")), one.get("family")]
        if found := text(one.get("text")) or " ".join(filter(None, map(text, parts))):
            return found
    return ""


_USES: Mapping[str, int] = {"official": 0, "old": 2, "maiden": 2}


def _credential(data: Mapping[str, Any], qualifications: list[dict[str, Any]]) -> str:
    """What lets them prescribe: by code, failing that by what the qualification or their name ends with."""
    coded = [one.code for told in qualifications for one in codes(told.get("code")) if _DEGREES in one.system]
    said = [words(told.get("code")) for told in qualifications]
    after = [text(one) for name in objects(data.get("name")) for one in list_in(name.get("suffix"))]
    for told in (coded, said, after):
        held = {CREDENTIALS.get(one.replace(".", "").upper()) for one in told}
        if found := next((one for one in CREDENTIALS.values() if one in held), None):
            return found
    return ""


def _licences(told: Mapping[str, Any]) -> Iterator[LicenceFacts]:
    """One for each state in which this qualification holds; a board's certificate for a specialty is no licence."""
    coded = codes(told.get("code"))
    if coded and all(one.system == _TAXONOMY for one in coded):
        return
    extended = [
        part
        for one in objects(told.get("extension"))
        if one.get("url") == QUALIFICATION
        for part in objects(one.get("extension"))
    ]
    period = object_in(told.get("period") or {})
    starts_on, expires_on = day(period.get("start")), day(period.get("end"), last=True)
    said = next((text(one.get("valueCode"), 60) for one in extended if one.get("url") == "status"), None)
    numbers = (text(one.get("value"), 60) for one in objects(told.get("identifier")))
    number = next(filter(None, numbers), "")
    states = [*_where_valid(extended)] or [*_read_off(told)]
    for state in dict.fromkeys(states):
        yield LicenceFacts(state, number, _status(said, starts_on, expires_on), starts_on, expires_on)


def _status(said: str | None, starts_on: date | None, expires_on: date | None) -> str:
    """What is said of it; by its days where nothing is said, and active on none but those."""
    today = datetime.now(UTC).date()
    status = STATUSES.get(said, "unknown") if said else "active"
    if status != "active":
        return status
    if expires_on and expires_on < today:
        return "expired"
    return "pending" if starts_on and starts_on > today else "active"


def _where_valid(extended: list[dict[str, Any]]) -> Iterator[str]:
    for one in extended:
        if one.get("url") != "whereValid":
            continue
        valid = object_in(one.get("valueCodeableConcept") or {})
        known = [
            code
            for code in (coding(told).code.upper() for told in objects(valid.get("coding")))
            if code in CODES
        ]
        if known:
            yield known[0]
        elif (named := text(valid.get("text")).lower()) in NAMES:
            yield NAMES[named]


def _read_off(told: Mapping[str, Any]) -> Iterator[str]:
    """The state that the licence's own number, its system or who issued it names."""
    issued_by = [text(object_in(told.get("issuer") or {}).get("display"))]
    for one in objects(told.get("identifier")):
        issued_by.append(text(object_in(one.get("assigner") or {}).get("display")))
        last = re.search(r"[/:-]([A-Za-z]{2})/?$", text(one.get("system")))
        if last and last[1].upper() in CODES - _DEGREES_TOO:
            yield last[1].upper()
        before = re.match(r"([A-Z]{2})[-: ]", text(one.get("value")))
        if before and before[1] in CODES - _DEGREES_TOO:
            yield before[1]
    for board in issued_by:
        yield from _named_in(board)


def _named_in(board: str) -> Iterator[str]:
    """The one state in the name of a board: "Medical Board of California", "State of WA"."""
    low = board.lower()
    named = {code for name, code in NAMES.items() if re.search(rf"\b{name}\b", low)}
    if named & {"WV", "VI"}:
        named.discard("VA")
    if "washington" in low and re.search(r"\bd\.?c\b", low):
        named = {"DC"}
    if not named and (last := re.search(r"\b(?:of|,)\s*([A-Z]{2})$", board)):
        named = {last[1]} & CODES
    if len(named) == 1:
        yield named.pop()
