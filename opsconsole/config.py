"""Every setting and environment variable, in one place, and which adapter serves which port."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Misconfigured(Exception):
    """A setting is missing or malformed. The sentence names it and says what to do."""


ENVIRONMENTS = ("sandbox", "production", "test")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# How generous rate limits are: 1 is what people and shops need; one machine's sandbox also runs storms
# and benchmarks against itself; 0 is no limit.
RATES = {"production": 1.0, "sandbox": 20.0, "test": 0.0}
# Any setting of these families may be given as <NAME>_FILE, the path of a file that holds it.
FROM_FILES = (
    "OPSCONSOLE_", "STRIPE_", "HEALTHCARE_", "PHARMACY_", "EASYPOST_", "CUSTOMERIO_", "SMTP_", "FILES_", "OIDC_",
)  # fmt: skip
DERIVED = "sandbox"  # the id of the master key that is made from the secret key
LARGEST_SECRET = 16 * 1024  # bytes; a file that is longer is not a secret


PHARMACIES = {  # the adapters there are: the vendor's own address, and whether its webhooks are signed
    "truepill": ("https://rxapi.truepill.com", False),
    "honeybee": ("https://api.honeybeehealth.com", True),
}


@dataclass(frozen=True)
class PharmacyAccess:
    """Where one pharmacy is called, and what opens it."""

    base_url: str
    api_key: str = field(repr=False)
    webhook_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked. Secrets never appear in its repr."""

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    stripe_api_key: str = field(repr=False)
    stripe_webhook_secret: str = field(repr=False)
    redis_url: str | None = field(default=None, repr=False)  # it may hold a password
    migration_database_url: str | None = field(default=None, repr=False)
    audit_key: str = field(default="", repr=False)  # seals the audit; made from the secret key unless given
    keys: str = field(default="", repr=False)  # OPSCONSOLE_KEYS; `masters` are what it says
    home: Path = Path(".opsconsole")
    env: str = "production"
    stripe_api_base: str | None = None
    customerio_site_id: str | None = None  # None: no CRM, nobody is written to
    customerio_api_key: str = field(default="", repr=False)
    customerio_app_api_key: str = field(default="", repr=False)
    customerio_webhook_secret: str = field(default="", repr=False)
    customerio_track_base: str | None = None
    customerio_app_base: str | None = None
    pharmacies: Mapping[str, PharmacyAccess] = field(default_factory=dict)  # by the adapter's name
    submit_fills: bool = False  # the clock sends what is ready to a pharmacy by itself
    easypost_api_key: str = field(default="", repr=False)  # empty: no parcel is followed
    easypost_webhook_secret: str = field(default="", repr=False)
    easypost_api_base: str | None = None
    healthcare_base_url: str | None = None  # None: no healthcare system, addresses are known from orders only
    healthcare_client_id: str = ""
    healthcare_client_secret: str = field(default="", repr=False)
    healthcare_webhook_secret: str = field(default="", repr=False)
    files_url: str = field(
        default="", repr=False
    )  # where attachments are kept; a folder of the home unless set
    sandbox_url: str | None = None
    breached_passwords: Path | None = None
    smtp_url: str | None = field(
        default=None, repr=False
    )  # None: nobody is written to; it may hold a password
    smtp_from: str = ""
    oidc_issuer: str | None = None  # None: people sign in with passwords only
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_allowed_domains: tuple[str, ...] = ()
    oidc_groups: tuple[tuple[str, str], ...] = ()  # (group there, role here), the first that fits
    demo_token: str | None = field(default=None, repr=False)
    base_url: str | None = None  # the console's own address, as browsers know it
    trusted_hosts: tuple[str, ...] = ()  # names the console answers to; none: whatever it is called
    proxies: int = 0  # how many proxies stand before web, exactly
    rate_limits: float = 0.0  # how generous, see RATES; 0 is no limit
    request_seconds: int = 30  # how long a request may take
    unencrypted: frozenset[str] = frozenset()  # links that may go without TLS: "database", "redis"

    @property
    def sandbox(self) -> bool:
        """True where the outside world may be a sandbox and time may be moved."""
        return self.env in ("sandbox", "test")

    def sealing_key(self) -> bytes:
        """The key of the audit's seals. It must outlive a change of the secret key where that is ever changed."""
        return (
            hashlib.sha256(self.audit_key.encode()).digest() if self.audit_key else self._made("audit seals")
        )

    def masters(self) -> dict[str, bytes]:
        """The master keys by id, the newest first. The last one is always made from the secret key: it wraps what is
        new only where no other is set, and goes on opening what it wrapped before there was one. Raises Misconfigured."""
        found = dict(_master(one) for one in self.keys.split(",") if one.strip())
        return found | {DERIVED: self._made("master key")}

    def sign_in_key(self) -> bytes:
        """The key of second factors, made from the secret key: where that changes, people set theirs up anew."""
        return self._made("second factors")

    def mail_server(self) -> tuple[str, str, int] | None:
        """Where mail is handed in: smtp or smtps, host, port; None where none is sent."""
        if not self.smtp_url:
            return None
        parts = urlsplit(self.smtp_url)
        return parts.scheme, parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 587)

    def _made(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, made from the secret key."""
        return hashlib.sha256(f"{purpose} {self.secret_key}".encode()).digest()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check the environment. Raises Misconfigured with a sentence that names the setting."""
        environ = from_files(environ)
        env = environ.get("OPSCONSOLE_ENV", "production")
        if env not in ENVIRONMENTS:
            raise Misconfigured(f"OPSCONSOLE_ENV is {env!r}: set it to one of {', '.join(ENVIRONMENTS)}.")
        settings = cls(
            database_url=_database(environ, "OPSCONSOLE_DATABASE_URL"),
            migration_database_url=_database(environ, "OPSCONSOLE_MIGRATION_DATABASE_URL", optional=True)
            or None,
            redis_url=_redis(environ),
            secret_key=_required(
                environ, "OPSCONSOLE_SECRET_KEY", "at least 32 random characters", at_least=32
            ),
            audit_key=_key(environ, "OPSCONSOLE_AUDIT_KEY"),
            keys=environ.get("OPSCONSOLE_KEYS", "").strip(),
            home=Path(environ.get("OPSCONSOLE_HOME", ".opsconsole")),
            env=env,
            stripe_api_key=_stripe_key(environ, env),
            stripe_api_base=_url(environ, "STRIPE_API_BASE"),
            stripe_webhook_secret=_required(
                environ, "STRIPE_WEBHOOK_SECRET", "the endpoint's signing secret, whsec_…"
            ),
            **_customerio(environ),
            pharmacies=_pharmacies(environ),
            submit_fills=_switch(environ, "OPSCONSOLE_SUBMIT_FILLS"),
            **_easypost(environ),
            **_healthcare(environ),
            files_url=_files_url(environ),
            sandbox_url=_url(environ, "OPSCONSOLE_SANDBOX_URL"),
            breached_passwords=_file(environ, "OPSCONSOLE_BREACHED_PASSWORDS"),
            **_smtp(environ),
            **_oidc(environ),
            demo_token=environ.get("OPSCONSOLE_DEMO_TOKEN") or None,
            base_url=(base_url := _url(environ, "OPSCONSOLE_BASE_URL")),
            trusted_hosts=_hosts(environ, env, base_url),
            proxies=int(_number(environ, "OPSCONSOLE_PROXIES", 0, 0, 10)),
            rate_limits=_number(environ, "OPSCONSOLE_RATE_LIMITS", RATES[env], 0, 1000),
            request_seconds=int(_number(environ, "OPSCONSOLE_REQUEST_SECONDS", 30, 1, 600)),
            unencrypted=_unencrypted(environ),
        )
        if not settings.sandbox and (settings.demo_token or settings.sandbox_url):
            raise Misconfigured(
                "OPSCONSOLE_DEMO_TOKEN and OPSCONSOLE_SANDBOX_URL belong to a sandbox: unset them in production."
            )
        settings.masters()  # malformed ones are told now
        return settings


def from_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with each <NAME>_FILE replaced by <NAME>, its file's content without the last line's end.

    Raises Misconfigured when both are set, or the file cannot be read, is empty or is no text.
    """
    read = dict(environ)
    for given, path in environ.items():
        name = given.removesuffix("_FILE")
        if name == given or not name.startswith(FROM_FILES) or not path.strip():
            continue
        if environ.get(name, "").strip():
            raise Misconfigured(f"{name} and {given} are both set: unset one of them.")
        try:
            with open(path.strip(), "rb") as file:
                content = file.read(LARGEST_SECRET + 1)
            value = content.decode().rstrip("\r\n")
        except (OSError, ValueError):
            raise Misconfigured(f"{given} names a file that cannot be read as text.") from None
        if not value.strip() or len(content) > LARGEST_SECRET:
            raise Misconfigured(f"{given} names a file that is empty, or too long for a setting.")
        del read[given]
        read[name] = value
    return read


def _hosts(environ: Mapping[str, str], env: str, base_url: str | None) -> tuple[str, ...]:
    """Every name the console answers to: its base URL's, those listed, and loopback on one machine."""
    listed = [name.strip().lower() for name in environ.get("OPSCONSOLE_TRUSTED_HOSTS", "").split(",")]
    for name in filter(None, listed):
        if not re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[?[0-9a-f:]+\]?", name):
            raise Misconfigured(
                f"OPSCONSOLE_TRUSTED_HOSTS has {name!r}: list bare host names, separated by commas."
            )
    own = [urlsplit(base_url).hostname or ""] if base_url else []
    return tuple(dict.fromkeys(filter(None, [*own, *listed, *(LOOPBACK if env != "production" else ())])))


def _number(environ: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    said = environ.get(name, "").strip()
    try:
        value = float(said) if said else default
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise Misconfigured(f"{name} is {said!r}: set it to a number between {least} and {most}.")
    return value


def _unencrypted(environ: Mapping[str, str]) -> frozenset[str]:
    named = frozenset(environ.get("OPSCONSOLE_UNENCRYPTED", "").replace(",", " ").split())
    if named - {"database", "redis"}:
        raise Misconfigured('OPSCONSOLE_UNENCRYPTED names links: "database", "redis", or both.')
    return named


def _master(said: str) -> tuple[str, bytes]:
    """One key of OPSCONSOLE_KEYS, "id:base64". The sentence says which is wrong and never what it says."""
    id, colon, coded = said.strip().partition(":")
    try:
        key = base64.b64decode(coded, validate=True)
    except ValueError:
        key = b""
    if not colon or not 1 <= len(id) <= 40 or len(key) != 32:
        raise Misconfigured(
            "OPSCONSOLE_KEYS is malformed: it is id:key,id:key with the newest first; each key is 32 bytes in base64."
        )
    if id == DERIVED:
        raise Misconfigured(
            f"OPSCONSOLE_KEYS calls a key {id!r}, as the one made from the secret key is: rename it."
        )
    return id, key


def _required(environ: Mapping[str, str], name: str, what: str, *, at_least: int = 1) -> str:
    value = environ.get(name, "").strip()
    if len(value) < at_least:
        raise Misconfigured(f"{name} is {'too short' if value else 'not set'}: set it to {what}.")
    return value


def _key(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if value and len(value) < 32:
        raise Misconfigured(
            f"{name} is too short: set it to at least 32 random characters, or leave it unset."
        )
    return value


def _database(environ: Mapping[str, str], name: str, *, optional: bool = False) -> str:
    value = environ.get(name, "").strip()
    if not value and optional:
        return ""
    for prefix in ("postgresql://", "postgres://"):
        if value.startswith(prefix):
            value = "postgresql+psycopg://" + value.removeprefix(prefix)
    if not value.startswith("postgresql+psycopg://"):
        problem = "is not a PostgreSQL URL" if value else "is not set"
        raise Misconfigured(f"{name} {problem}: set it to postgresql://user:password@host/database.")
    return value


def _redis(environ: Mapping[str, str]) -> str | None:
    value = environ.get("OPSCONSOLE_REDIS_URL", "").strip()
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise Misconfigured("OPSCONSOLE_REDIS_URL is not a Redis URL: set it to redis://host:6379/0.")
    return value or None


def _url(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name, "").strip().rstrip("/")
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise Misconfigured(f"{name} is not a web address: set it to https://host or leave it unset.")
    return value or None


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    value = environ.get(name, "").strip()
    if value and not Path(value).is_file():
        raise Misconfigured(f"{name} is not a file that can be found: set it to a path, or leave it unset.")
    return Path(value) if value else None


def _stripe_key(environ: Mapping[str, str], env: str) -> str:
    key = _required(environ, "STRIPE_API_KEY", "the account's secret or restricted key, sk_… or rk_…")
    if not key.startswith(("sk_", "rk_")) or not key.isascii() or any(c.isspace() for c in key):
        raise Misconfigured("STRIPE_API_KEY is not a secret key: it must start with sk_ or rk_.")
    if env == "sandbox" and "_live_" in key:
        raise Misconfigured("STRIPE_API_KEY is a live key in a sandbox: use a test key, sk_test_….")
    return key


def _customerio(environ: Mapping[str, str]) -> dict[str, Any]:
    """The CRM's settings: all of them, or none, for it may be left out."""
    needed = {
        "CUSTOMERIO_SITE_ID": "the workspace's site id",
        "CUSTOMERIO_API_KEY": "the Track API's key",
        "CUSTOMERIO_WEBHOOK_SECRET": "the reporting webhook's signing key",
    }
    others = ("CUSTOMERIO_APP_API_KEY", "CUSTOMERIO_TRACK_BASE", "CUSTOMERIO_APP_BASE")
    if not any(environ.get(name, "").strip() for name in (*needed, *others)):
        return {}
    site, key, secret = (
        _required(environ, name, f"{what}, or unset all of CUSTOMERIO_*") for name, what in needed.items()
    )
    return {
        "customerio_site_id": site,
        "customerio_api_key": key,
        "customerio_app_api_key": environ.get("CUSTOMERIO_APP_API_KEY", "").strip() or key,
        "customerio_webhook_secret": secret,
        "customerio_track_base": _url(environ, "CUSTOMERIO_TRACK_BASE"),
        "customerio_app_base": _url(environ, "CUSTOMERIO_APP_BASE"),
    }


def _pharmacies(environ: Mapping[str, str]) -> dict[str, PharmacyAccess]:
    """Every pharmacy that has an API key; all of one's settings, or none."""
    found = {}
    given = {
        match[1] for name in environ if environ[name].strip() and (match := _OF_A_PHARMACY.fullmatch(name))
    }
    if strange := sorted(given - {name.upper() for name in PHARMACIES}):
        known = ", ".join(name.upper() for name in PHARMACIES)
        raise Misconfigured(
            f"PHARMACY_{strange[0]}_… names no pharmacy that there is an adapter for: {known}."
        )
    for name, (own_address, signs) in PHARMACIES.items():
        prefix = f"PHARMACY_{name.upper()}"
        if name.upper() not in given:
            continue
        unset = f"or unset all of {prefix}_*"
        key = _required(environ, f"{prefix}_API_KEY", f"the key that the pharmacy gave you, {unset}")
        secret = ""
        if signs:
            what = f"what the pharmacy signs its webhooks with, {unset}"
            secret = _required(environ, f"{prefix}_WEBHOOK_SECRET", what)
        found[name] = PharmacyAccess(_url(environ, f"{prefix}_BASE_URL") or own_address, key, secret)
    return found


_OF_A_PHARMACY = re.compile(r"PHARMACY_([A-Z0-9]+)_(?:BASE_URL|API_KEY|WEBHOOK_SECRET)")


def _switch(environ: Mapping[str, str], name: str) -> bool:
    said = environ.get(name, "").strip().lower()
    if said not in ("", "on", "off"):
        raise Misconfigured(f'{name} is {said!r}: set it to "on" or "off".')
    return said == "on"


def _smtp(environ: Mapping[str, str]) -> dict[str, Any]:
    """The mail server's settings: both, or none."""
    url, sender = (environ.get(name, "").strip() for name in ("SMTP_URL", "SMTP_FROM"))
    if not url and not sender:
        return {}
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("smtp", "smtps") and parts.hostname and not parts.path.strip("/")
        good = good and bool(parts.username) == bool(parts.password) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Misconfigured(
            "SMTP_URL is not a mail server: set it to smtp://user:password@host:587 or smtps://user:password@host:465, "
            "or unset all of SMTP_*."
        )
    if not re.fullmatch(r"([^<>@\r\n]{1,60}<)?[^\s<>@]+@[A-Za-z0-9.-]+>?", sender):
        raise Misconfigured(
            "SMTP_FROM is not a sender: set it to an address, or to OpsConsole <ops@example.com>."
        )
    if not _url(environ, "OPSCONSOLE_BASE_URL"):
        raise Misconfigured("OPSCONSOLE_BASE_URL is not set: links in mails lead to it.")
    return {"smtp_url": url, "smtp_from": sender}


def _easypost(environ: Mapping[str, str]) -> dict[str, Any]:
    """What follows parcels: all of its settings, or none, for it may be left out."""
    names = ("EASYPOST_API_KEY", "EASYPOST_WEBHOOK_SECRET", "EASYPOST_API_BASE")
    if not any(environ.get(name, "").strip() for name in names):
        return {}
    key = _required(environ, "EASYPOST_API_KEY", "the account's API key, or unset all of EASYPOST_*")
    if not key.isascii() or any(c.isspace() or c == ":" for c in key):
        raise Misconfigured("EASYPOST_API_KEY is not an API key: it has neither spaces nor colons.")
    return {
        "easypost_api_key": key,
        "easypost_webhook_secret": _required(
            environ, "EASYPOST_WEBHOOK_SECRET", "the webhook's secret, or unset all of EASYPOST_*"
        ),
        "easypost_api_base": _url(environ, "EASYPOST_API_BASE"),
    }


def _healthcare(environ: Mapping[str, str]) -> dict[str, Any]:
    """The healthcare system's settings: all of them, or none, for it may be left out."""
    names = ("BASE_URL", "CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_SECRET")
    if not any(environ.get(f"HEALTHCARE_{name}", "").strip() for name in names):
        return {}
    base = _url(environ, "HEALTHCARE_BASE_URL")
    if not base:
        raise Misconfigured(
            "HEALTHCARE_BASE_URL is not set: set it to the FHIR server's base, or unset all of HEALTHCARE_*."
        )
    unset = "or unset all of HEALTHCARE_*"
    return {
        "healthcare_base_url": base,
        "healthcare_client_id": _required(
            environ, "HEALTHCARE_CLIENT_ID", f"what the healthcare system calls this console, {unset}"
        ),
        "healthcare_client_secret": _required(
            environ, "HEALTHCARE_CLIENT_SECRET", f"the secret that it gave this console, {unset}"
        ),
        "healthcare_webhook_secret": _required(
            environ, "HEALTHCARE_WEBHOOK_SECRET", f"what it signs its rest-hooks with, {unset}"
        ),
    }


def _files_url(environ: Mapping[str, str]) -> str:
    """file:///a/folder, or s3://KEY:SECRET@host/bucket/prefix?region=…; nothing is a folder of the home."""
    value = environ.get("FILES_URL", "").strip()
    parts = urlsplit(value)
    folder = parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc
    bucket = parts.scheme == "s3" and all(
        (parts.hostname, parts.username, parts.password, parts.path.strip("/"))
    )
    if value and not (folder or bucket):
        raise Misconfigured(
            "FILES_URL is malformed: set it to file:///a/folder or s3://KEY:SECRET@host/bucket?region=us-east-1, each part "
            "percent-encoded, or leave it unset."
        )
    return value


def _oidc(environ: Mapping[str, str]) -> dict[str, Any]:
    """The identity provider's settings: all that it needs, or none."""
    issuer = _url(environ, "OIDC_ISSUER")
    names = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ALLOWED_DOMAINS", "OIDC_GROUPS")
    if not issuer and not any(environ.get(name, "").strip() for name in names):
        return {}
    if not issuer:
        raise Misconfigured(
            "OIDC_ISSUER is not set: set it to the provider's address, or unset all of OIDC_*."
        )
    if not _url(environ, "OPSCONSOLE_BASE_URL"):
        raise Misconfigured("OPSCONSOLE_BASE_URL is not set: the identity provider sends people back to it.")
    pairs = [
        pair.strip().partition("=") for pair in environ.get("OIDC_GROUPS", "").split(",") if pair.strip()
    ]
    if any(not (group and role) for group, _, role in pairs):
        raise Misconfigured("OIDC_GROUPS is malformed: set it to group=role,group=role, or leave it unset.")
    domains = environ.get("OIDC_ALLOWED_DOMAINS", "").lower().replace("@", "").split(",")
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": _required(environ, "OIDC_CLIENT_ID", "what the provider calls this console"),
        "oidc_client_secret": _required(
            environ, "OIDC_CLIENT_SECRET", "the secret that the provider gave it"
        ),
        "oidc_allowed_domains": tuple(domain.strip() for domain in domains if domain.strip()),
        "oidc_groups": tuple((group.strip(), role.strip()) for group, _, role in pairs),
    }


def adapters(settings: Settings) -> dict[str, Any]:
    """Which adapter serves which port. Imported here and nowhere else."""
    from .vendors.billing.stripe import StripeBilling
    from .vendors.payments.stripe import Stripe

    connected: dict[str, Any] = {
        "payments": Stripe(
            api_key=settings.stripe_api_key,
            api_base=settings.stripe_api_base,
            webhook_secrets=[s.strip() for s in settings.stripe_webhook_secret.split(",")],
            livemode=settings.env == "production" and "_live_" in settings.stripe_api_key,
        ),
        "billing": StripeBilling(api_key=settings.stripe_api_key, api_base=settings.stripe_api_base),
    }
    connected["files"] = _files(settings)
    if settings.customerio_site_id:
        connected["crm"] = _crm(settings)
    if settings.smtp_url:
        connected["email"] = _email(settings)
    connected |= {f"pharmacy-{name}": _pharmacy(name, access) for name, access in settings.pharmacies.items()}
    if settings.easypost_api_key:
        from .vendors.tracking.easypost import EasyPost

        connected["tracking"] = EasyPost(
            api_key=settings.easypost_api_key,
            webhook_secrets=[s.strip() for s in settings.easypost_webhook_secret.split(",")],
            api_base=settings.easypost_api_base,
        )
    if settings.healthcare_base_url:
        from .vendors.healthcare.fhir import Fhir

        connected["healthcare"] = Fhir(
            base_url=settings.healthcare_base_url,
            client_id=settings.healthcare_client_id,
            client_secret=settings.healthcare_client_secret,
            webhook_secrets=[s.strip() for s in settings.healthcare_webhook_secret.split(",")],
        )
    if settings.oidc_issuer:
        from .vendors.identity.openid import OpenID

        connected["identity"] = OpenID(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
        )
    return connected


def _email(settings: Settings) -> Any:
    from .vendors.email import Links
    from .vendors.email.smtp import SMTP, Server

    return SMTP(
        server=Server.of(settings.smtp_url or ""),
        sender=settings.smtp_from,
        links=Links(settings.base_url or "", settings.sign_in_key()),
    )


def _pharmacy(name: str, access: PharmacyAccess) -> Any:
    """One of PHARMACIES."""
    from .vendors.pharmacy.honeybee import Honeybee
    from .vendors.pharmacy.truepill import Truepill

    if name == "truepill":
        return Truepill(api_key=access.api_key, base_url=access.base_url)
    secrets = [secret.strip() for secret in access.webhook_secret.split(",")]
    return Honeybee(api_key=access.api_key, webhook_secrets=secrets, base_url=access.base_url)


def _files(settings: Settings) -> Any:
    """Where attachments are kept: S3, or a folder."""
    from .vendors.files.folder import Folder
    from .vendors.files.s3 import S3

    parts = urlsplit(settings.files_url)
    if parts.scheme != "s3":
        return Folder(Path(unquote(parts.path)) if settings.files_url else settings.home.absolute() / "files")
    bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
    scheme = "http" if parts.hostname in LOOPBACK else "https"
    return S3(
        endpoint=f"{scheme}://{parts.netloc.rpartition('@')[2]}",
        bucket=bucket,
        prefix=prefix,
        region=dict(parse_qsl(parts.query)).get("region", "us-east-1"),
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
    )


def _crm(settings: Settings) -> Any:
    """Customer.io. In a sandbox it lives in the sandbox's time, which may be days ahead of ours."""
    from .vendors import sandbox_time
    from .vendors.crm.customerio import CustomerIO
    from .vendors.crm.templates import TEMPLATES

    return CustomerIO(
        site_id=settings.customerio_site_id or "",
        track_key=settings.customerio_api_key,
        app_key=settings.customerio_app_api_key,
        webhook_secrets=[s.strip() for s in settings.customerio_webhook_secret.split(",")],
        templates=TEMPLATES,
        track_base=settings.customerio_track_base,
        app_base=settings.customerio_app_base,
        now=lambda: sandbox_time.now(settings.sandbox_url if settings.sandbox else None),
    )
