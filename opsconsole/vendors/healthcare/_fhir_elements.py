"""What all FHIR R4 resources are made of, in our words: https://hl7.org/fhir/R4/datatypes.html

Strict about types, for a wrong one means that we misread; open about everything else: what we do not know is not looked at.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from .._asking import WrongShape, clean, json_of, object_in

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # https://hl7.org/fhir/R4/datatypes.html#id
REF = "urn:opsconsole:ref"  # the identifier system of our own refs
_ETAG = re.compile(r'(?:W/)?"([^"\s]{1,64})"')
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?")


@dataclass(frozen=True)
class Record:
    """A resource as the server told it: read, with every byte of it, and with its ETag."""

    data: Mapping[str, Any] = field(repr=False)
    text: str = field(default="", repr=False)
    etag: str = ""

    @classmethod
    def of(cls, kind: str, body: bytes, etag: str = "") -> Record:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise WrongShape("not UTF-8") from None
        return cls(resource(text, kind), text, etag)

    @property
    def id(self) -> str:
        id = self.data.get("id")
        if not isinstance(id, str) or not ID.fullmatch(id):
            raise WrongShape(f"a {self.kind} without an id")
        return id

    @property
    def kind(self) -> str:
        return str(self.data.get("resourceType"))

    @property
    def version(self) -> str:
        """It stands in the resource, or only in the answer's ETag."""
        version = self.told_version
        if not version:
            raise WrongShape(f"a {self.kind} without a version")
        return version

    @property
    def told_version(self) -> str:
        """The same, "" from a server that keeps no versions."""
        version = object_in(self.data.get("meta") or {}).get("versionId")
        if version is None:
            version = found[1] if (found := _ETAG.fullmatch(self.etag)) else ""
        if not isinstance(version, str) or (version and not ID.fullmatch(version)):
            raise WrongShape(f"an odd version of a {self.kind}")
        return version

    @property
    def updated_at(self) -> datetime | None:
        return instant(object_in(self.data.get("meta") or {}).get("lastUpdated"))

    @property
    def ref(self) -> str | None:
        return identified(self.data, REF)

    @property
    def seen(self) -> dict[str, Any]:
        """What a `Seen` is made of."""
        return {"id": self.id, "version": self.told_version, "updated_at": self.updated_at}


def resource(text: str | bytes, kind: str) -> dict[str, Any]:
    data = json_of(text)
    if not isinstance(data, dict) or data.get("resourceType") != kind:
        raise WrongShape(f"not a {kind}")
    return data


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that may be left out."""
    return [object_in(one) for one in list_in(value)]


def list_in(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise WrongShape("not a list")
    return value or []


# values


def text(value: Any, limit: int = 200) -> str:
    """Text that a database can keep, in one line; null stands where only an extension is."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongShape("not text")
    return " ".join(clean(value).split())[:limit]


def prose(value: Any, limit: int = 2000) -> str:
    """Text of several lines that a database can keep."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongShape("not text")
    lines = (" ".join(line.split()) for line in clean(value).splitlines())
    return "\n".join(filter(None, lines))[:limit]


def whole(value: Any) -> int | None:
    if value is None:
        return None
    number = decimal(value)
    if number is None or number != number.to_integral_value():
        raise WrongShape("not a whole number")
    return int(number)


def decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongShape("not a number")
    if not -1e12 < value < 1e12:
        raise WrongShape("an odd number")
    return Decimal(str(value))


def instant(value: Any) -> datetime | None:
    """A dateTime, in UTC; what is less exact than a second begins then."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise WrongShape("an odd instant")
    if "T" not in value:
        first = day(value)
        return datetime(first.year, first.month, first.day, tzinfo=UTC) if first else None
    try:
        read = datetime.fromisoformat(re.sub(r"(T\d\d:\d\d):60", r"\1:59", value))  # a leap second
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongShape("an odd instant") from None


def day(value: Any, *, last: bool = False) -> date | None:
    """The day of a date or dateTime as it is written, wherever that is; of a month or a year the first or the last."""
    if value is None:
        return None
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise WrongShape("an odd date")
    year = int(found[1])
    month = int(found[2] or (12 if last else 1))
    try:
        return date(year, month, int(found[3] or (calendar.monthrange(year, month)[1] if last else 1)))
    except (ValueError, IndexError):
        raise WrongShape("an odd date") from None


# codes and identifiers


class Code(NamedTuple):
    system: str
    code: str
    display: str


def codes(concept: Any) -> list[Code]:
    """The codings of a CodeableConcept that may be left out. Those without a code are none."""
    told = (coding(one) for one in objects(object_in(concept or {}).get("coding")))
    return [one for one in told if one.code]


def coding(told: Mapping[str, Any]) -> Code:
    return Code(text(told.get("system")), text(told.get("code"), 100), text(told.get("display")))


def words(concept: Any) -> str:
    """What people read of a CodeableConcept: its text, or what its first coding says."""
    concept = object_in(concept or {})
    said = (one.display or one.code for one in map(coding, objects(concept.get("coding"))))
    return text(concept.get("text")) or next(filter(None, said), "")


def code(concept: Any) -> str | None:
    """The first code of a CodeableConcept, or its text where it has none."""
    return next((one.code for one in codes(concept)), text(object_in(concept or {}).get("text"), 100)) or None


def concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    """A CodeableConcept to send."""
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def identified(data: Mapping[str, Any], system: str) -> str | None:
    """The value of the resource's identifier of this system; one that is no longer used comes last."""
    found = [one for one in objects(data.get("identifier")) if one.get("system") == system]
    found.sort(key=lambda one: one.get("use") == "old")
    return next(filter(None, (text(one.get("value"), 100) for one in found)), None)


def status(data: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """{"status": our word, "raw_status": theirs}. A status that nobody has mapped is unknown, not an error."""
    raw = text(data.get("status"), 60)
    return {"status": known.get(raw, "unknown"), "raw_status": raw}
