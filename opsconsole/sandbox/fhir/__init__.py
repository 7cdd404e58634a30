"""The sandbox's healthcare system: a FHIR R4 server that knows patients, and tells by rest-hook when one changes."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request

from .._door import Run, plain
from .._vendor import Vendor
from . import patients
from ._doors import MIME, FhirDoor, OAuthDoor, refuse_token, token
from ._turn import SCHEMA, Refusal, Turn, refuse

PREFIX = "/fhir"


@dataclass(frozen=True)
class Keys:
    """What opens the API, and what rest-hooks are signed with."""

    client_id: str = "console_sandbox"
    client_secret: str = field(default="healthcare_sandbox", repr=False)
    webhook_secret: str = field(default="healthcare_signing_sandbox", repr=False)

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> Keys:
        """HEALTHCARE_*, as the console reads them; what is not set is the sandbox's own."""
        named = {
            "client_id": environ.get("HEALTHCARE_CLIENT_ID"),
            "client_secret": environ.get("HEALTHCARE_CLIENT_SECRET"),
            "webhook_secret": environ.get("HEALTHCARE_WEBHOOK_SECRET"),
        }
        return cls(**{name: value for name, value in named.items() if value})


class Fhir(Vendor[Turn]):
    """Opened by OAuth2 client credentials."""

    NAME, HOOK, EVENTS = "fhir", "healthcare", "fhir_events"

    def __init__(self, *parts: Any, keys: Keys, webhook_url: str | None) -> None:
        super().__init__(*parts, schema=SCHEMA, falls_due={}, webhook_url=webhook_url)
        self.keys = keys
        shared: dict[str, Any] = {"clock": self.clock, "faults": self.faults, "turn": self.turn}
        self.doors = (
            FhirDoor(self.NAME, PREFIX, refuse=refuse, routes=ROUTES, **shared),
            OAuthDoor(
                self.NAME, PREFIX, name="fhir-open", refuse=refuse_token, routes=self._open_routes(), **shared
            ),
        )

    def _open_routes(self) -> list[tuple[str, str, Run]]:
        def give(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
            return token(turn, given, self.keys.client_id, self.keys.client_secret)

        return [
            ("GET", "/.well-known/smart-configuration", plain(lambda turn, given: _smart())),
            ("GET", "/metadata", plain(lambda turn, given: CAPABILITIES)),
            ("POST", "/oauth2/token", plain(give)),
        ]

    # the dials

    def move(self, patient: str, line1: str, city: str, state: str, zip: str) -> dict[str, Any]:
        """What the doctor's staff does: write down where a patient lives now. Raises ValueError."""
        address = {"line": [line1], "city": city, "state": state, "postalCode": zip, "country": "US"}
        try:
            with self.turn() as turn:
                return patients.move(turn, patient, address)
        except Refusal as no:
            raise ValueError(no.body["issue"][0]["diagnostics"]) from None

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation of patients, one FHIR Patient with its id a line; who is there stays as they are, and nobody is
        told. All or none of them. Raises ValueError."""
        counts = {"loaded": 0, "unchanged": 0}
        with self.turn() as turn:
            for line in lines:
                if not isinstance(line, Mapping) or not isinstance(line.get("id"), str):
                    raise ValueError("a patient needs an id")
                try:
                    counts["loaded" if patients.put(turn, line) else "unchanged"] += 1
                except Refusal as no:
                    raise ValueError(json.dumps(no.body["issue"][0])) from None
        return counts

    # rest-hooks

    def _at(self, db: sqlite3.Connection, now: float) -> Turn:
        return Turn(db, now, self._tell)

    def _tell(self, turn: Turn, patient: dict[str, Any]) -> None:
        """A subscription with a payload: the resource itself is sent."""
        id = f"Patient/{patient['id']}/{patient['meta']['versionId']}"
        turn.db.execute("INSERT INTO fhir_events (id, body) VALUES (?, ?)", (id, json.dumps(patient)))
        self._owe(turn.db, id, "Patient", turn.now)

    def _headers(self, body: bytes, flaw: str | None) -> dict[str, str]:
        secret = "secret of somebody else" if flaw == "wrong_secret" else self.keys.webhook_secret
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {"Content-Type": MIME, "X-Signature": signature}


def _smart() -> dict[str, Any]:
    return {
        "token_endpoint": f"{_base()}/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/Patient.read", "system/Patient.write"],
        "capabilities": ["client-confidential-symmetric"],
    }


def _base() -> str:
    return f"{request.host_url.rstrip('/')}{PREFIX}"


CAPABILITIES: dict[str, Any] = {
    "resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance",
    "fhirVersion": "4.0.1", "format": [MIME],
    "rest": [{
        "mode": "server",
        "resource": [{
            "type": "Patient", "versioning": "versioned-update", "updateCreate": False,
            "interaction": [{"code": code} for code in ("read", "update", "create", "search-type")],
            "searchParam": [{"name": "_lastUpdated", "type": "date"}],
        }],
    }],
}  # fmt: skip


ROUTES: list[tuple[str, str, Run]] = [
    ("GET", "/Patient", plain(lambda turn, given: patients.search(turn, given, _base()))),
    ("POST", "/Patient", lambda turn, given, key: (201, patients.create(turn, given))),
    ("GET", "/Patient/<id>", plain(lambda turn, given, id: patients.show(turn, id))),
    (
        "PUT",
        "/Patient/<id>",
        plain(lambda turn, given, id: patients.update(turn, given, id, request.headers.get("If-Match"))),
    ),
]

__all__ = ["Fhir", "Keys"]
