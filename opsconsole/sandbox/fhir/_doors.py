"""The two doors of a FHIR server: one where a token is given out, one that a token opens."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

from flask import Response, request

from .. import _door
from .._door import Door
from ._turn import Turn, refuse

MIME = "application/fhir+json"
TOKEN_SECONDS = 300


class FhirDoor(Door):
    """Opened by a bearer token that was given out here. It speaks application/fhir+json and nothing else."""

    def _opens(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        with self._turn() as turn:
            row = turn.db.execute("SELECT until FROM fhir_tokens WHERE token = ?", (token,)).fetchone()
        return scheme == "Bearer" and row is not None and row["until"] > self._clock.now()

    def _given(self) -> dict[str, Any]:
        if not request.accept_mimetypes[MIME]:
            raise refuse(406, "not_acceptable")
        if request.method == "GET":
            return dict(request.args)
        if request.mimetype != MIME:
            raise refuse(415, "media_type")
        try:
            given = json.loads(request.get_data())
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise refuse(400, "invalid_request")
        return given

    def _answer(self, status: int, body: Mapping[str, Any]) -> Response:
        answer = Response(json.dumps(body), status, content_type=f"{MIME}; charset=utf-8")
        if version := body.get("meta", {}).get("versionId"):
            answer.headers["ETag"] = f'W/"{version}"'
            answer.headers["Last-Modified"] = formatdate(self._clock.now(), usegmt=True)
            if status == 201:
                answer.headers["Location"] = f"{self.prefix}/Patient/{body['id']}/_history/{version}"
        return answer


class OAuthDoor(Door):
    """Open to everybody: what this server is, where a token is given out, and that place itself."""

    def _opens(self, authorization: str) -> bool:
        return True

    def _given(self) -> dict[str, Any]:
        return dict(request.args if request.method == "GET" else request.form)


def token(turn: Turn, given: Mapping[str, Any], client_id: str, client_secret: str) -> dict[str, Any]:
    """POST /oauth2/token, https://www.rfc-editor.org/rfc/rfc6749#section-4.4"""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise _door.Refusal(400, {"error": "invalid_request"})
    if given.get("grant_type") != "client_credentials":
        raise _door.Refusal(400, {"error": "unsupported_grant_type"})
    if set(given) - {"grant_type", "scope"}:
        raise _door.Refusal(400, {"error": "invalid_request"})
    ours = f"{client_id}:{client_secret}".encode()
    if not hmac.compare_digest(_basic(request.headers.get("Authorization", "")), ours):
        raise _door.Refusal(401, {"error": "invalid_client"})
    made = secrets.token_urlsafe(32)
    turn.db.execute("DELETE FROM fhir_tokens WHERE until <= ?", (turn.now,))
    turn.db.execute("INSERT INTO fhir_tokens VALUES (?, ?)", (made, turn.now + TOKEN_SECONDS))
    return {
        "access_token": made,
        "token_type": "bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": given.get("scope", ""),
    }


def _basic(authorization: str) -> bytes:
    scheme, _, coded = authorization.partition(" ")
    try:
        named = base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return b""
    return ":".join(map(unquote, named.split(":", 1))).encode() if scheme == "Basic" else b""


# How the door's own words read where a token is asked for.
_ERRORS = {"unauthorized": "invalid_client", "forbidden": "unauthorized_client", "not_found": "not_found"}


def refuse_token(status: int, code: str) -> _door.Refusal:
    return _door.Refusal(status, {"error": _ERRORS.get(code, "temporarily_unavailable")})
