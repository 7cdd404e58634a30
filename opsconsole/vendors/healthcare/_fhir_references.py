"""References between resources: https://hl7.org/fhir/R4/references.html

They are relative, absolute, with a version, within the resource, or name a business identifier only. What we need of them is
an id at our own server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from .._asking import object_in
from ._fhir_elements import objects, text

_PLACE = re.compile(
    r"(?:.*/)?([A-Z][A-Za-z]{1,63})/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?"
)


class Beside(Protocol):
    """What stands beside a resource at its server. Both give None for what is not there or may not be read."""

    def read(self, kind: str, id: str) -> Mapping[str, Any] | None: ...

    def find(self, kind: str, system: str, value: str) -> str | None:
        """The id of the only resource that has this identifier."""
        ...


def place(url: Any) -> tuple[str, str] | None:
    """The type and id at which a URL ends, with or without a version: "…/Patient/p1/_history/3" is ("Patient", "p1")."""
    found = _PLACE.fullmatch(url) if isinstance(url, str) and len(url) < 2000 else None
    return (found[1], found[2]) if found else None


def to(kind: str, id: str) -> dict[str, str]:
    """A Reference to send."""
    return {"reference": f"{kind}/{id}"}


def id_of(
    reference: Any, *kinds: str, beside: Beside, within: Mapping[str, Any] | None = None, by: bool = True
) -> str | None:
    """The id of what a Reference that may be left out names, where that is one of `kinds` (or anything, if there are none).

    `within` is the resource that may contain it. A role of a practitioner is the practitioner. Where only an identifier is
    told the server is asked for who has it, unless `by` forbids it.
    """
    told = object_in(reference or {})
    url = told.get("reference")
    if isinstance(url, str) and url.startswith("#"):
        return _contained(url[1:], kinds, beside, within or {})
    if found := place(url):
        kind, id = found
        if kind == "PractitionerRole" and kinds == ("Practitioner",):
            role = beside.read(kind, id)
            return id_of(role.get("practitioner"), *kinds, beside=beside, within=role) if role else None
        return id if not kinds or kind in kinds else None
    kind = text(told.get("type")).rpartition("/")[2] or (kinds[0] if kinds else "")
    if not by or not kind or (kinds and kind not in kinds):
        return None
    return _by_identifier(told.get("identifier"), kind, beside)


def contained(within: Mapping[str, Any], id: str) -> Mapping[str, Any] | None:
    return next((one for one in objects(within.get("contained")) if one.get("id") == id), None)


def _contained(id: str, kinds: tuple[str, ...], beside: Beside, within: Mapping[str, Any]) -> str | None:
    """What stands within a resource has no id of its own; who it is their identifiers tell."""
    found = contained(within, id)
    kind = found.get("resourceType") if found else None
    if found is None or not isinstance(kind, str):
        return None
    if kind == "PractitionerRole" and kinds == ("Practitioner",):
        inner = {"contained": [one for one in objects(within.get("contained")) if one is not found]}
        return id_of(found.get("practitioner"), *kinds, beside=beside, within=inner)
    if kinds and kind not in kinds:
        return None
    known = (_by_identifier(one, kind, beside) for one in objects(found.get("identifier")))
    return next(filter(None, known), None)


def _by_identifier(identifier: Any, kind: str, beside: Beside) -> str | None:
    told = object_in(identifier or {})
    system, value = text(told.get("system")), text(told.get("value"), 100)
    return beside.find(kind, system, value) if system and value else None
