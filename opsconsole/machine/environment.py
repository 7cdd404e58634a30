"""The settings that the parts of one machine share: secrets made once, addresses of what runs here."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

# Vendor addresses that mean the sandbox when nobody set them: variable -> path on the sandbox's port.
SANDBOX_PATHS = {
    "STRIPE_API_BASE": "",
    "CUSTOMERIO_TRACK_BASE": "/customerio/track",
    "CUSTOMERIO_APP_BASE": "/customerio/app",
    "PHARMACY_TRUEPILL_BASE_URL": "/truepill",
    "PHARMACY_HONEYBEE_BASE_URL": "/honeybee",
    "EASYPOST_API_BASE": "/easypost",
    "HEALTHCARE_BASE_URL": "/fhir",
}

SECRETS: dict[str, Callable[[], str]] = {
    "OPSCONSOLE_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "STRIPE_API_KEY": lambda: f"sk_test_{secrets.token_hex(16)}",
    "STRIPE_WEBHOOK_SECRET": lambda: f"whsec_{secrets.token_hex(24)}",
    "CUSTOMERIO_SITE_ID": lambda: f"site_{secrets.token_hex(8)}",
    "CUSTOMERIO_API_KEY": lambda: secrets.token_hex(16),
    "CUSTOMERIO_WEBHOOK_SECRET": lambda: secrets.token_hex(32),
    "PHARMACY_TRUEPILL_API_KEY": lambda: secrets.token_hex(16),
    "PHARMACY_HONEYBEE_API_KEY": lambda: secrets.token_hex(16),
    "PHARMACY_HONEYBEE_WEBHOOK_SECRET": lambda: secrets.token_hex(32),
    "EASYPOST_API_KEY": lambda: f"EZTK{secrets.token_hex(16)}",
    "EASYPOST_WEBHOOK_SECRET": lambda: secrets.token_hex(24),
    "HEALTHCARE_CLIENT_ID": lambda: f"console_{secrets.token_hex(8)}",
    "HEALTHCARE_CLIENT_SECRET": lambda: secrets.token_hex(32),
    "HEALTHCARE_WEBHOOK_SECRET": lambda: secrets.token_hex(32),
    "OPSCONSOLE_DEMO_TOKEN": lambda: f"demo_{secrets.token_urlsafe(32)}",
}


def secrets_of(home: Path) -> dict[str, str]:
    """This home's secrets, made on the first call and the same ever after; readable by us only."""
    kept = _read(home / "secrets.json")
    missing = {name: make() for name, make in SECRETS.items() if name not in kept}
    if missing:
        _write_private(home / "secrets.json", kept | missing)
    return kept | missing


def remember(home: Path, ours: Mapping[str, str]) -> None:
    """Keep what `up` gave its children, so that other commands find the same database."""
    _write_private(home / "environment.json", ours)


def remembered(home: Path) -> dict[str, str]:
    """What `up` gave its children in this home the last time it ran; nothing when it never did."""
    return _read(home / "environment.json")


def _read(file: Path) -> dict[str, str]:
    return json.loads(file.read_text()) if file.exists() else {}


def _write_private(file: Path, content: Mapping[str, str]) -> None:
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(dict(content), out, indent=2)
    part.replace(file)


def is_set(environ: Mapping[str, str], name: str) -> bool:
    """True when the variable says something; compose files set what is missing to nothing."""
    return bool(environ.get(name, "").strip())


def compose(environ: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """The children's environment: `ours`, under what is set from outside, which wins always."""
    return {**environ, **{name: value for name, value in ours.items() if not is_set(environ, name)}}
