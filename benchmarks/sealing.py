"""Acts per second while the clock seals them and without it, and how fast the whole audit is proved."""

from __future__ import annotations

import time

import psycopg

from opsconsole import create_app
from opsconsole.config import Settings
from opsconsole.db import db, own_connection
from opsconsole.services import Actor, audit, customers

from .parts import Parts
from .table import Row

GOAL = 0.9  # acts per second with the sealer, against without
VERIFIED = 20_000  # entries per second
TURNS = 3  # each way, one after the other: the machine does other things too

_shop = Actor("token", "tok_benchmark", "benchmarks", grants=frozenset({"customers.record"}))


def measure(parts: Parts, seconds: float) -> list[Row]:
    settings = Settings.from_environment(parts.env)
    with create_app(settings).app_context():
        with_clock = without = 0.0
        for turn in range(TURNS):
            with parts.console("clock"):
                _all_sealed(parts)
                with_clock += _acts_per_second(f"sealed-{turn}", seconds) / TURNS
                _all_sealed(parts)
            without += _acts_per_second(f"unsealed-{turn}", seconds) / TURNS
        with parts.console("clock"):
            _all_sealed(parts)
        verified = _verified_per_second(settings)
        db.session.remove()
        db.engine.dispose()
    ratio = with_clock / without
    return [
        Row("acts per second while the clock seals them", f"{with_clock:.0f}", f"{without:.0f}", ratio,
            f">= {GOAL}", ratio >= GOAL),
        Row("audit entries proved per second", f"{verified:,.0f}", "", None, f">= {VERIFIED:,}", verified >= VERIFIED),
    ]  # fmt: skip


def _acts_per_second(prefix: str, seconds: float) -> float:
    done, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        customers.record(
            reference=f"{prefix}-{done}", name="Bench Mark", email=None, phone=None, external_ids={}, by=_shop
        )
        done += 1
    return done / (time.monotonic() - began)


def _all_sealed(parts: Parts) -> None:
    with psycopg.connect(parts.address(), autocommit=True) as connection:
        while connection.execute("select 1 from audit_unsealed limit 1").fetchone():
            time.sleep(0.2)


def _verified_per_second(settings: Settings) -> float:
    began = time.monotonic()
    with own_connection() as connection:
        verdict = audit.verify(connection, settings.sealing_key(), audit.Heads(settings.home / "audit-heads"))
    if not verdict.intact:
        raise RuntimeError(f"the audit does not fit its seals: {verdict.touched[:3]}")
    return verdict.sealed / (time.monotonic() - began)
