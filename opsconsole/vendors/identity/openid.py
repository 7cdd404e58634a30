"""OpenID Connect (OpenID Connect Core 1.0, authorization code flow with PKCE), through Authlib.

What is checked of the ID token: its signature by one of the provider's own keys and an asymmetric algorithm ("none" and
shared secrets never), issuer, audience, expiry and nonce.
"""

from __future__ import annotations

import secrets
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .. import Declined, Unavailable
from . import Begun, Known

SECONDS = 10
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY = 60  # seconds that two clocks may be apart
_STRONG_ACR = {"phr", "phrh"}  # OpenID's names for phishing-resistant


class OpenID:
    """One provider. Its addresses and keys are read anew for each sign-in: keys may roll at any time."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self.client_secret = client_secret

    def begin(self, back: str) -> Begun:
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with self._client(back) as client:
            url, state = client.create_authorization_url(
                self._discovered(client)["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Begun(url, state, nonce, verifier)

    def finish(self, back: str, *, code: str, begun: Begun) -> Known:
        with self._client(back) as client:
            try:
                places = self._discovered(client)
                token = client.fetch_token(
                    places["token_endpoint"], code=code, code_verifier=begun.verifier,
                    grant_type="authorization_code", allow_redirects=False,
                )  # fmt: skip
                claims = self._checked(token, _json(client, places["jwks_uri"]), begun.nonce)
                if "email" not in claims:
                    claims = {**self._told(client, places, claims["sub"]), **claims}
            except requests.RequestException as error:
                raise _away(error) from None
            except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
                raise Declined("not_authentic", "The sign-in service's answer does not hold.") from error
        return _known(self.issuer, claims)

    def _client(self, back: str) -> Any:
        session = OAuth2Session(
            self.client_id, self.client_secret, scope="openid email profile", redirect_uri=back,
            code_challenge_method="S256", default_timeout=SECONDS,
        )  # fmt: skip
        session.trust_env = False  # a ~/.netrc would replace the credentials
        return session

    def _discovered(self, client: Any) -> dict[str, Any]:
        try:
            places = _json(client, f"{self.issuer}/.well-known/openid-configuration")
        except requests.RequestException as error:
            raise _away(error) from None
        except ValueError as error:
            raise Declined("not_a_provider", "The sign-in service does not describe itself.") from error
        if str(places.get("issuer", "")).rstrip("/") != self.issuer:
            raise Declined("other_issuer", "The sign-in service calls itself by another name.")
        return places

    def _checked(self, token: dict[str, Any], keys: dict[str, Any], nonce: str) -> dict[str, Any]:
        found = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        if str(found.claims.get("iss", "")).rstrip("/") != self.issuer:
            raise ValueError("issuer")
        claims = CodeIDToken(
            found.claims,
            found.header,
            {"aud": {"essential": True, "value": self.client_id}},
            {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(leeway=LEEWAY)
        return dict(claims)

    def _told(self, client: Any, places: dict[str, Any], subject: str) -> dict[str, Any]:
        """What only the userinfo endpoint tells, as long as it speaks of the same person."""
        if "userinfo_endpoint" not in places:
            return {}
        told = _json(client, places["userinfo_endpoint"], signed=True)
        return told if told.get("sub") == subject else {}


def _json(client: Any, url: str, *, signed: bool = False) -> dict[str, Any]:
    answer = client.get(url, withhold_token=not signed, allow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _away(error: requests.RequestException) -> Unavailable:
    words = "The sign-in service does not answer. Try again, or sign in with your password."
    return Unavailable(words, maybe_done=False, code=type(error).__name__)


def _known(issuer: str, claims: dict[str, Any]) -> Known:
    groups = claims.get("groups")
    amr = claims.get("amr")
    return Known(
        issuer=issuer,
        subject=str(claims["sub"])[:255],
        email=str(claims.get("email") or "").lower(),
        email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or claims.get("email") or "")[:200],
        groups=frozenset(map(str, groups)) if isinstance(groups, list) else frozenset(),
        strong=(isinstance(amr, list) and "mfa" in amr) or claims.get("acr") in _STRONG_ACR,
    )
