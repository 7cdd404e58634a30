"""The sandbox's healthcare system: a clinic's FHIR R4 server that tells what changes, and a pharmacy behind it."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._door import Run, plain
from . import _dials, _records, _rest
from ._clinic import Clinic
from ._dials import DIALS
from ._doors import FhirDoor, OAuthDoor, refuse_token, token
from ._pharmacy import FALLS_DUE
from ._turn import SCHEMA, Refusal, Turn, refuse


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


class Fhir(Clinic):
    """Opened by OAuth2 client credentials."""

    NAME, HOOK, EVENTS = "fhir", "healthcare", "fhir_events"

    def __init__(self, *parts: Any, keys: Keys, webhook_url: str | None) -> None:
        super().__init__(*parts, schema=SCHEMA, falls_due=FALLS_DUE, webhook_url=webhook_url)
        self.keys = keys
        shared: dict[str, Any] = {"clock": self.clock, "faults": self.faults, "turn": self.turn}
        self.doors = (
            FhirDoor(self.NAME, _rest.PREFIX, refuse=refuse, routes=_rest.routes(), **shared),
            OAuthDoor(
                self.NAME,
                _rest.PREFIX,
                name="fhir-open",
                refuse=refuse_token,
                routes=self._open_routes(),
                **shared,
            ),
        )

    def _open_routes(self) -> list[tuple[str, str, Run]]:
        def give(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
            limited = frozenset(_dials.value(turn, "scopes").split())
            return token(turn, given, self.keys.client_id, self.keys.client_secret, limited or _rest.SCOPES)

        return [
            ("GET", "/.well-known/smart-configuration", plain(lambda turn, given: _rest.smart())),
            ("GET", "/metadata", plain(lambda turn, given: _rest.capabilities())),
            ("POST", "/oauth2/token", plain(give)),
        ]

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation, one resource with its id a line, in any order; what is there stays as it is, nobody is told and
        nothing comes of it by itself. All or none of them. Raises ValueError."""
        with self.turn() as turn:
            try:
                return _records.load(turn, lines)
            except Refusal as no:
                raise ValueError(json.dumps(no.body["issue"][0])) from None

    def counts(self) -> dict[str, int]:
        """How many there are of each type."""
        with self.store.reading() as db:
            rows = db.execute(
                "SELECT type, count(*) FROM fhir_resources WHERE NOT gone GROUP BY type"
            ).fetchall()
        return dict(map(tuple, rows))

    # rest-hooks

    def _at(self, db: sqlite3.Connection, now: float) -> Turn:
        return Turn(db, now, self._tell)

    def _tell(self, turn: Turn, resource: dict[str, Any]) -> None:
        """A subscription with a payload: the resource itself is sent. There is none for Binaries: photos are large."""
        type = resource["resourceType"]
        if type == "Binary":
            return
        id = f"{type}/{resource['id']}/{resource['meta']['versionId']}"
        turn.db.execute("INSERT INTO fhir_events (id, body) VALUES (?, ?)", (id, json.dumps(resource)))
        self._owe(turn.db, id, type, turn.now)

    def _headers(self, body: bytes, flaw: str | None) -> dict[str, str]:
        secret = "secret of somebody else" if flaw == "wrong_secret" else self.keys.webhook_secret
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {"Content-Type": _rest.MIME, "X-Signature": signature}


__all__ = ["DIALS", "Fhir", "Keys"]
