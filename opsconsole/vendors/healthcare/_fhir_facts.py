"""FHIR R4's Patient, Bundle and OperationOutcome in our words: https://hl7.org/fhir/R4/patient.html

Health data comes with all of them. Only ids, versions, instants and the one address are read; words come from codes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .. import NotAuthentic, NotParseable
from .._asking import WrongShape, clean, json_of, object_in
from .._deliveries import kept, parse
from .._postal import PostalAddress
from . import HealthcareDelivery, PatientFacts
from ._in_place import with_address

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # https://hl7.org/fhir/R4/datatypes.html#id
_SIGNATURE = "x-signature"
_HEX = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{0,63}")
_PATH = re.compile(r"Patient(\.[A-Za-z]{1,40}(\[\d{1,3}\])?){0,6}")
_ETAG = re.compile(r'(?:W/)?"([^"\s]{1,64})"')
#: What stands in an address about the place itself; all else of it (use, type, extensions) says what it is for.
OF_THE_PLACE = frozenset(
    name
    for part in ("text", "line", "city", "district", "state", "postalCode", "country", "period")
    for name in (part, f"_{part}")
)
_HERE = ("", "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA")


# patients


def patient(text: str, etag: str = "") -> PatientFacts:
    """GET or PUT [base]/Patient/[id]. The version stands in the resource, or only in the answer's ETag."""
    data = resource(text, "Patient")
    id, meta = data.get("id"), object_in(data.get("meta") or {})
    version = meta.get("versionId") or (found[1] if (found := _ETAG.fullmatch(etag)) else None)
    if not isinstance(id, str) or not ID.fullmatch(id):
        raise WrongShape("a patient without an id")
    if not isinstance(version, str) or not ID.fullmatch(version):
        raise WrongShape("a patient without a version")
    chosen = home(_addresses(data))
    return PatientFacts(
        id=id,
        version=version,
        address=_postal(_addresses(data)[chosen]) if chosen is not None else None,
        active=data.get("active") is not False,
        updated_at=_instant(meta.get("lastUpdated")),
    )


def home(addresses: Sequence[Mapping[str, Any]]) -> int | None:
    """Which address is where parcels go: the one of use home and type postal or both; failing that, one at home that
    does not say its type, one that takes mail and does not say its use, or the only one there is if it says neither.
    What is over is none of them."""
    today = datetime.now(UTC).date().isoformat()
    wanted = [("home", "postal"), ("home", "both"), ("home", None), (None, "postal"), (None, "both")]
    if len(addresses) == 1:
        wanted.append((None, None))
    for use, type in wanted:
        for place, one in enumerate(addresses):
            if (one.get("use"), one.get("type")) == (use, type) and not _over(one, today):
                return place
    return None


def _over(address: Mapping[str, Any], today: str) -> bool:
    end = object_in(address.get("period") or {}).get("end")
    return isinstance(end, str) and end[:10] < today[: len(end[:10])]


def stands(found: PatientFacts, wanted: PostalAddress) -> bool:
    """Is that the patient's address already?"""
    return found.address == wanted


def moved(text: str, wanted: PostalAddress) -> str:
    """The patient in `text` with that address in its place, and every other byte as it was."""
    place = home(_addresses(resource(text, "Patient")))
    new: dict[str, Any] = {
        "line": [line for line in (wanted.line1, wanted.line2) if line],
        "city": wanted.city,
        "state": wanted.state,
        "postalCode": wanted.zip,
        "country": wanted.country,
    }
    if place is None:
        new = {"use": "home", "type": "both", **new}
    return with_address(text, new, place, OF_THE_PLACE)


def _addresses(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = data.get("address")
    if found is None:
        return []
    if not isinstance(found, list):
        raise WrongShape("address is no list")
    return [object_in(one) for one in found]


def _postal(told: Mapping[str, Any]) -> PostalAddress:
    lines = told.get("line") or []
    if not isinstance(lines, list):
        raise WrongShape("an address's line is no list")
    first, *more = [_text(line) for line in lines] or [""]
    country = _text(told.get("country"))
    return PostalAddress(
        line1=first,
        line2=", ".join(filter(None, more)),
        city=_text(told.get("city")),
        state=_text(told.get("state")),
        zip=_text(told.get("postalCode")),
        country="US" if country.upper() in _HERE else country,
    )


# lists


def page(text: str) -> tuple[list[HealthcareDelivery], str | None]:
    """A Bundle of type searchset: its patients as if each had been told of, and the link to what comes after."""
    data = resource(text, "Bundle")
    found = []
    for entry in _list(data.get("entry")):
        one = object_in(object_in(entry).get("resource"))
        if one.get("resourceType") == "Patient":
            try:
                found.append(_told(one, json.dumps(one).encode(), datetime.now(UTC)))
            except NotParseable:
                raise WrongShape("an entry that is no resource") from None
    links = [object_in(link) for link in _list(data.get("link"))]
    after = next((link.get("url") for link in links if link.get("relation") == "next"), None)
    if after is not None and not isinstance(after, str):
        raise WrongShape("an odd link")
    return found, after


def resource(text: str, kind: str) -> Mapping[str, Any]:
    data = json_of(text)
    if not isinstance(data, dict) or data.get("resourceType") != kind:
        raise WrongShape(f"not a {kind}")
    return data


# refusals


# https://hl7.org/fhir/R4/valueset-issue-type.html
_MEANS = {
    "invalid": "it is not valid",
    "structure": "it is not built as it must be",
    "required": "something that is needed is missing",
    "value": "a value is not allowed",
    "invariant": "a rule about what goes together is not kept",
    "code-invalid": "a code is not known there",
    "security": "it is not allowed",
    "not-found": "there is no such patient",
    "deleted": "the patient was deleted",
    "business-rule": "a rule of theirs forbids it",
    "conflict": "somebody else has changed it meanwhile",
    "duplicate": "it is there already",
    "not-supported": "it does not do such a thing",
    "multiple-matches": "there are several such patients",
    "too-long": "something is too long",
    "processing": "it could not be processed",
}


def refusal(body: bytes) -> tuple[str, str] | None:
    """The code and our words for an OperationOutcome; None for anything else.

    What it says in free text may repeat what it refuses, so it is not told: the code says what is wrong, the path where.
    """
    try:
        outcome = resource(body.decode("utf-8", "replace"), "OperationOutcome")
        issues = [object_in(one) for one in _list(outcome.get("issue"))]
    except WrongShape:
        return None
    severe = [one for one in issues if one.get("severity") in ("fatal", "error")] or issues
    if not severe or not isinstance(code := severe[0].get("code"), str):
        return None
    code = code if re.fullmatch(r"[a-z][a-z-]{0,59}", code) else "unknown"
    where = [
        path
        for one in severe
        for named in (one.get("expression"), one.get("location"))
        for path in (named if isinstance(named, list) else [])
        if isinstance(path, str) and _PATH.fullmatch(path)
    ]
    at = f" (at {', '.join(dict.fromkeys(where))})" if where else ""
    return code, f"The healthcare system refuses this: {_MEANS.get(code, f'“{code}”')}{at}."


# webhooks


def check_signature(body: bytes, headers: Mapping[str, str], keys: Sequence[bytes]) -> None:
    """Raises NotAuthentic unless one of the keys signed these bytes: X-Signature is the HMAC-SHA256 in hex."""
    found = [value for name, value in headers.items() if name.lower() == _SIGNATURE]
    if len(found) != 1 or not _HEX.fullmatch(found[0]):
        raise NotAuthentic(f"There is not exactly one sound {_SIGNATURE} header.")
    genuine = False
    for key in keys:
        genuine |= hmac.compare_digest(hmac.digest(key, body, "sha256").hex().encode(), found[0].encode())
    if not genuine:
        raise NotAuthentic("No signature matches.")


def delivery(body: bytes, now: datetime) -> HealthcareDelivery:
    """What a rest-hook with a payload sends: the resource itself. Raises NotParseable."""
    return _told(parse(body), body, now)


def _told(data: Mapping[str, Any], body: bytes, now: datetime) -> HealthcareDelivery:
    """A rest-hook has no id of its own: a version of a record is told of once, and what has none by its bytes."""
    kind, id, meta = data.get("resourceType"), kept(data.get("id")), data.get("meta", {})
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind) or not isinstance(meta, dict):
        raise NotParseable("This is no FHIR resource.")
    if id is not None and not ID.fullmatch(id):
        raise NotParseable("The resource's id is odd.")
    version = kept(meta.get("versionId"))
    named = id and version and ID.fullmatch(version)
    try:
        at = _instant(meta.get("lastUpdated"))
    except WrongShape:
        raise NotParseable("The resource's instant is odd.") from None
    return HealthcareDelivery(
        external_id=f"{kind}/{id}/{version}" if named else f"sha256:{hashlib.sha256(body).hexdigest()}",
        kind=kind,
        about=kind.lower(),
        object_id=id,
        occurred_at=at or now,
        body=body,
    )


# small things


def _list(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise WrongShape("not a list")
    return value or []


def _text(value: Any) -> str:
    """Text that a database can keep; null stands where only an extension is."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongShape("not text")
    return " ".join(clean(value).split())[:200]


def _instant(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise WrongShape("an odd instant") from None
