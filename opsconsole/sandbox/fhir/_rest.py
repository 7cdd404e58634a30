"""The API: for every type read, one version, search, create and update, each for those whose token allows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import g, request

from .._door import Run
from . import _pharmacy, _records, _search
from ._parameters import OF_ALL, PARAMETERS
from ._resources import RESOURCES
from ._turn import Refusal, Turn, refuse

PREFIX = "/fhir"
MIME = "application/fhir+json"
READS, WRITES = {"read", "*", "r", "rs", "cruds"}, {"write", "*", "cu", "cud", "cruds"}
A_SCOPE = re.compile(r"system/([A-Z][A-Za-z]*|\*)\.(read|write|\*|(?=[cruds])c?r?u?d?s?)")
#: Scopes as SMART has them (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html), in both its writings.
SCOPES = frozenset(f"system/{type}.{right}" for type in (*RESOURCES, "*") for right in READS | WRITES)


def base() -> str:
    return f"{request.host_url.rstrip('/')}{PREFIX}"


def routes() -> list[tuple[str, str, Run]]:
    return [route for type in RESOURCES for route in _of(type)]


def _of(type: str) -> list[tuple[str, str, Run]]:
    def search(turn: Turn, given: Any) -> tuple[int, dict[str, Any]]:
        query = [(name, value) for name, value in request.args.items(multi=True)]
        return 200, _search.search(turn, type, query, base())

    def create(turn: Turn, given: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        if condition := request.headers.get("If-None-Exist"):
            found = _search.matches(turn, type, condition)
            if len(found) > 1:
                raise Refusal(412, "multiple-matches", "Several match this If-None-Exist.")
            if found:
                return 200, _records.show(turn, type, found[0])
        made = _records.create(turn, type, given)
        _pharmacy.hears(turn, None, made)
        return 201, made

    def read(turn: Turn, given: Any, id: str) -> tuple[int, dict[str, Any]]:
        return 200, _records.show(turn, type, id)

    def read_version(turn: Turn, given: Any, id: str, version: str) -> tuple[int, dict[str, Any]]:
        return 200, _records.show_version(turn, type, id, version)

    def update(turn: Turn, given: Mapping[str, Any], id: str) -> tuple[int, dict[str, Any]]:
        made = _records.update(turn, type, given, id, request.headers.get("If-Match"))
        before = _records.show_version(turn, type, id, str(int(made["meta"]["versionId"]) - 1))
        _pharmacy.hears(turn, before, made)
        return 200, made

    return [
        ("GET", f"/{type}", _allowed(type, READS, search)),
        ("POST", f"/{type}", _allowed(type, WRITES, create)),
        ("GET", f"/{type}/<id>", _allowed(type, READS, read)),
        ("PUT", f"/{type}/<id>", _allowed(type, WRITES, update)),
        ("GET", f"/{type}/<id>/_history/<version>", _allowed(type, READS, read_version)),
    ]


def _allowed(type: str, rights: set[str], run: Callable[..., tuple[int, dict[str, Any]]]) -> Run:
    def checked(
        turn: Turn, given: Mapping[str, Any], key: str | None, **ids: str
    ) -> tuple[int, dict[str, Any]]:
        if g.scopes.isdisjoint(f"system/{of}.{right}" for of in (type, "*") for right in rights):
            raise refuse(403, "forbidden")
        turn.by = "client"
        return run(turn, given, **ids)

    return checked


def capabilities() -> dict[str, Any]:
    return {
        "resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance",
        "implementation": {"description": "A clinic on one machine", "url": base()}, "fhirVersion": "4.0.1",
        "format": [MIME],
        "rest": [{
            "mode": "server",
            "security": {"service": [{"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR",
            }]}]},
            "resource": [_capability(type) for type in RESOURCES],
        }],
    }  # fmt: skip


def _capability(type: str) -> dict[str, Any]:
    return {
        "type": type, "versioning": "versioned-update", "readHistory": True, "updateCreate": False,
        "conditionalCreate": True, "conditionalRead": "not-supported", "conditionalUpdate": False,
        "conditionalDelete": "not-supported", "referencePolicy": ["literal", "logical", "enforced", "local"],
        "interaction": [{"code": code} for code in ("read", "vread", "update", "create", "search-type")],
        "searchParam": [
            {"name": name, "type": "token" if parameter.kind == "code" else parameter.kind}
            for name, parameter in (OF_ALL | PARAMETERS[type]).items()
        ],
    }  # fmt: skip


def smart() -> dict[str, Any]:
    return {
        "token_endpoint": f"{base()}/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": [f"system/{type}.{right}" for type in RESOURCES for right in ("read", "write")],
        "capabilities": ["client-confidential-symmetric", "permission-v1", "permission-v2"],
    }
