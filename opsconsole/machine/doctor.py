"""Looks at what an installation is connected to; says in plain words, without secrets, what is wrong."""

from __future__ import annotations

import http.client
import smtplib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict
from redis.backoff import NoBackoff
from redis.retry import Retry

OLDEST_POSTGRES = 15
OLDEST_REDIS = (6, 2)  # RQ moves jobs with BLMOVE
LATE = 120  # seconds; a promise waits for milliseconds when a worker and the clock run
UNDIAGNOSED = 600  # seconds; everything is looked at every 300
PATIENCE = 5  # seconds for each thing that is asked

OWNED = "select 1 from pg_tables where schemaname = 'public' and tableowner = current_user limit 1"
ONE_ROLE = (
    "The console's role owns its tables, so it could alter the audit: let one role own them and run the "
    "migrations (OPSCONSOLE_MIGRATION_DATABASE_URL), and another run the console (OPSCONSOLE_DATABASE_URL)."
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `wrong` keeps the console from working; `warning` works, and should be changed."""

    what: str
    verdict: Literal["ok", "warning", "wrong"]
    says: str


@dataclass(frozen=True)
class Installation:
    """What to look at. URLs may hold passwords: they are used and never shown."""

    env: str
    database_url: str
    redis_url: str | None
    vendors: Mapping[str, str]  # name -> base URL
    sandbox_url: str | None
    migrations: Callable[[], str | None]  # why the database cannot be used yet, None when it is ready
    behind: Callable[[], Mapping[str, float]]  # what waits -> seconds the oldest has waited beyond its time
    # seconds since everything was looked at for what is stuck, infinite if never
    diagnosed: Callable[[], float] = float
    incidents: Callable[[], Sequence[str]] = tuple  # what is so at each vendor in trouble, as a sentence


def examine(installation: Installation) -> Iterator[Finding]:
    """Look at everything, most basic first; what depends on something broken is not asked."""
    yield Finding("settings", "ok", f"All are there; the environment is {installation.env}.")
    database = list(_database(installation))
    yield from database
    yield _redis(installation.redis_url)
    for name, base in installation.vendors.items():
        yield _vendor(name, base, installation) if base.startswith("http") else _mail(name, base)
    if not any(finding.verdict == "wrong" for finding in database):
        yield from _behind(installation.behind())
        yield _diagnosed(installation.diagnosed())
        yield from _incidents(installation.incidents())


def _database(installation: Installation) -> Iterator[Finding]:
    url = installation.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    told = conninfo_to_dict(url)
    where = f"{told.get('dbname')} at {told.get('host', 'localhost')} as {told.get('user')}"
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            version = connection.info.server_version
            owned = connection.execute(OWNED).fetchone()
    except psycopg.Error as problem:
        yield Finding("database", "wrong", f"{where} does not answer: {_first_line(problem)}")
        return
    answers = f"{where}, PostgreSQL {version // 10000}.{version % 10000}"
    if version // 10000 < OLDEST_POSTGRES:
        yield Finding("database", "wrong", f"{answers}: {OLDEST_POSTGRES} is needed.")
        return
    yield Finding("database", "ok", f"{answers}.")
    why = installation.migrations()
    yield Finding("migrations", "wrong" if why else "ok", why or "The database has this version's shape.")
    if owned:
        yield Finding("roles", "warning", ONE_ROLE)
    else:
        yield Finding("roles", "ok", "The console's role owns nothing.")


def _redis(url: str | None) -> Finding:
    if url is None:
        return Finding("redis", "wrong", "OPSCONSOLE_REDIS_URL is not set: worker and clock need it.")
    client = redis.Redis.from_url(
        url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
    try:
        told: Any = client.info("server")
    except (redis.RedisError, OSError) as problem:
        return Finding("redis", "wrong", f"It does not answer: {_first_line(problem)}")
    finally:
        client.close()
    kind = "Valkey" if "valkey_version" in told else "Redis"
    version = str(told.get("valkey_version") or told["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return Finding("redis", "wrong", f"{kind} {version} is too old: 6.2 is needed.")
    return Finding("redis", "ok", f"{kind} {version}.")


def _vendor(name: str, base: str, installation: Installation) -> Finding:
    sandbox = installation.sandbox_url is not None and base.startswith(installation.sandbox_url)
    where = f"{base} ({'the sandbox' if sandbox else 'not the sandbox'})"
    if sandbox and installation.env == "production":
        return Finding(name, "wrong", f"{where}: a sandbox in production.")
    parts = urlsplit(base)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.netloc, timeout=PATIENCE)
    try:
        connection.request("GET", parts.path or "/")
        connection.getresponse()  # whatever it says: it answers
    except (OSError, http.client.HTTPException) as problem:
        return Finding(name, "wrong", f"{where} does not answer: {_first_line(problem)}")
    finally:
        connection.close()
    return Finding(name, "ok", f"{where} answers.")


def _mail(name: str, base: str) -> Finding:
    """A mail server speaks first. Nothing is handed in."""
    parts = urlsplit(base)
    try:
        with (
            smtplib.SMTP(timeout=PATIENCE)
            if parts.scheme == "smtp"
            else smtplib.SMTP_SSL(timeout=PATIENCE) as line
        ):
            line._host = parts.hostname or ""  # type: ignore[attr-defined]  # whose certificate it must be
            code, _ = line.connect(parts.hostname or "", parts.port or 0)
    except OSError as problem:
        return Finding(name, "wrong", f"{base} does not answer: {_first_line(problem)}")
    return Finding(
        name, "ok" if code == 220 else "wrong", f"{base} {'answers' if code == 220 else 'is no mail server'}."
    )


def _behind(waiting: Mapping[str, float]) -> Iterator[Finding]:
    for what, seconds in waiting.items():
        if seconds > LATE:
            says = f"The oldest is {seconds / 60:.0f} min late: do `opsconsole worker` and `clock` run?"
            yield Finding(what, "warning", says)
        else:
            yield Finding(what, "ok", "None is late.")


def _diagnosed(seconds: float) -> Finding:
    if seconds <= UNDIAGNOSED:
        return Finding("diagnosis", "ok", "What is stuck was looked for within the last 10 min.")
    never = seconds == float("inf")
    looked = (
        "has ever looked for what is stuck"
        if never
        else f"has looked for what is stuck for {seconds / 60:.0f} min"
    )
    return Finding(
        "diagnosis", "warning", f"Nobody {looked}, so boards are old: does `opsconsole clock` run?"
    )


def _incidents(standing: Sequence[str]) -> Iterator[Finding]:
    for says in standing:
        yield Finding("incident", "warning", f"{says} See /incidents.")
    if not standing:
        yield Finding("incidents", "ok", "No vendor is in trouble.")


def _first_line(problem: Exception) -> str:
    return (str(problem) or type(problem).__name__).splitlines()[0]
