"""What a production start refuses: each thing that would leave the door ajar, named in a sentence.

`opsconsole web`, `worker` and `clock` ask before they start; `opsconsole doctor` tells the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from .config import LOOPBACK, Misconfigured, Settings

KNOWN = ("change", "secret", "example", "default", "password", "insecure", "opsconsole", "0123456789")
FEWEST_LETTERS = 12  # different characters in a random key of 32: fewer than this is a pattern
SHORTEST = 20  # characters of a vendor's secret
VERIFIED = ("verify-full", "verify-ca")


def check(settings: Settings, *, web: bool) -> None:
    """Raise Misconfigured with everything that keeps this from being a production. A sandbox may be all of it."""
    if settings.env == "production" and (found := [*refusals(settings), *(_web(settings) if web else ())]):
        raise Misconfigured("This is no safe production:\n" + "\n".join(f"- {words}" for words in found))


def refusals(settings: Settings) -> Iterator[str]:
    """What is wrong with the settings, a sentence each. Holds no secret."""
    for name, key in (
        ("OPSCONSOLE_SECRET_KEY", settings.secret_key), ("OPSCONSOLE_AUDIT_KEY", settings.audit_key),
    ):  # fmt: skip
        if key and _guessable(key):
            yield f"{name} is not random: make one with `openssl rand -base64 48`."
    for name, value in (
        ("STRIPE_API_KEY", settings.stripe_api_key),
        ("STRIPE_WEBHOOK_SECRET", settings.stripe_webhook_secret),
        ("CUSTOMERIO_WEBHOOK_SECRET", settings.customerio_webhook_secret),
        *((f"PHARMACY_{name.upper()}_API_KEY", one.api_key) for name, one in settings.pharmacies.items()),
        *(
            (f"PHARMACY_{name.upper()}_WEBHOOK_SECRET", one.webhook_secret)
            for name, one in settings.pharmacies.items()
        ),
        ("EASYPOST_WEBHOOK_SECRET", settings.easypost_webhook_secret),
        ("HEALTHCARE_CLIENT_SECRET", settings.healthcare_client_secret),
        ("HEALTHCARE_WEBHOOK_SECRET", settings.healthcare_webhook_secret),
    ):
        if any(0 < len(one.strip()) < SHORTEST for one in value.split(",")):
            yield f"{name} is shorter than any that its vendor gives out."
    for name, base in (
        ("STRIPE_API_BASE", settings.stripe_api_base),
        ("CUSTOMERIO_TRACK_BASE", settings.customerio_track_base),
        ("CUSTOMERIO_APP_BASE", settings.customerio_app_base),
        *((f"PHARMACY_{name.upper()}_BASE_URL", one.base_url) for name, one in settings.pharmacies.items()),
        ("EASYPOST_API_BASE", settings.easypost_api_base),
        ("HEALTHCARE_BASE_URL", settings.healthcare_base_url),
    ):
        if base and (urlsplit(base).scheme != "https" or _local(urlsplit(base).hostname)):
            yield f"{name} is not an https address of the vendor: a sandbox has no place here, nor plain HTTP."
    if not _private(settings.database_url) and "database" not in settings.unencrypted:
        yield (
            "OPSCONSOLE_DATABASE_URL leads to another machine without checking it: add "
            "?sslmode=verify-full, or name the link in OPSCONSOLE_UNENCRYPTED=database if the network encrypts it."
        )
    redis = urlsplit(settings.redis_url or "")
    if redis.scheme == "redis" and not _local(redis.hostname) and "redis" not in settings.unencrypted:
        yield (
            "OPSCONSOLE_REDIS_URL leads to another machine without TLS: use rediss://, or name the link in "
            "OPSCONSOLE_UNENCRYPTED=redis if the network encrypts it."
        )


def _web(settings: Settings) -> Iterator[str]:
    if not settings.base_url or urlsplit(settings.base_url).scheme != "https":
        yield "OPSCONSOLE_BASE_URL is not an https address: set it to https://host, as browsers see the console."
    if not settings.proxies:
        yield (
            "OPSCONSOLE_PROXIES is 0, and web itself speaks plain HTTP: put a proxy before it that speaks TLS, "
            "and say how many there are."
        )


def _guessable(key: str) -> bool:
    return len(set(key)) < FEWEST_LETTERS or any(word in key.lower() for word in KNOWN)


def _local(host: str | None) -> bool:
    return not host or host in LOOPBACK or host.startswith(("127.", "/"))


def _private(url: str) -> bool:
    """Does this database's link stay on this machine, or check whom it reaches?"""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    hosts = [*asked.get("host", ()), *([parts.hostname] if parts.hostname else ())]
    return all(map(_local, hosts)) or asked.get("sslmode", [""])[-1] in VERIFIED
