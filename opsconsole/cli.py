"""The commands: `up` for one machine; `web`, `worker`, `clock` for many; and what operators need."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from opsconsole.config import Settings
    from opsconsole.machine.doctor import Installation

# Each command imports what it needs when it runs: `up` and `--help` stay quick, a worker has no views.

PORTS = click.IntRange(1, 65535)
PORT = click.option("--port", envvar="PORT", default=8000, show_default=True, type=PORTS)
HOME = click.option(
    "--home", envvar="OPSCONSOLE_HOME", default=".opsconsole", show_default=True,
    type=click.Path(file_okay=False, path_type=Path), help="Where data, secrets and logs live.",
)  # fmt: skip
CUSTOMERS = click.option("--customers", default=500, show_default=True, type=click.IntRange(min=1))


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The checked settings; what is missing or malformed ends the command with a sentence that names it."""
    from opsconsole.config import Misconfigured, Settings

    try:
        return Settings.from_environment(environ)
    except Misconfigured as problem:
        raise click.ClickException(str(problem)) from None


def current_settings() -> Settings:
    """The settings of the environment; in the home of an `opsconsole up`, what that one uses."""
    from opsconsole.machine.environment import compose, is_set, remembered

    environ: Mapping[str, str] = environment()
    if not is_set(environ, "OPSCONSOLE_DATABASE_URL") and environ.get("OPSCONSOLE_ENV") != "production":
        environ = compose(environ, remembered(Path(environ.get("OPSCONSOLE_HOME", ".opsconsole"))))
    return settings_from(environ)


def environment() -> dict[str, str]:
    """The environment, with the settings that stand in files."""
    from opsconsole.config import Misconfigured, from_files

    try:
        return from_files(os.environ)
    except Misconfigured as problem:
        raise click.ClickException(str(problem)) from None


def safe_settings(*, web: bool = False) -> Settings:
    """The settings; a production that is not safe ends the command with all that is wrong with it."""
    from opsconsole import production
    from opsconsole.config import Misconfigured

    settings = current_settings()
    try:
        production.check(settings, web=web)
    except Misconfigured as problem:
        raise click.ClickException(str(problem)) from None
    return settings


def end_when_asked() -> None:
    """SIGTERM ends the command as Ctrl-C does: servers close what they hold."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


@click.group()
@click.version_option(package_name="opsconsole")
def main() -> None:
    """OpsConsole, the operations console."""


@main.command()
@PORT
@click.option("--sandbox-port", envvar="SANDBOX_PORT", default=8001, show_default=True, type=PORTS)
@HOME
@CUSTOMERS
@click.option("--demo/--no-demo", default=True, help="With demo data and sign-ins, or an empty console.")
def up(port: int, sandbox_port: int, home: Path, customers: int, demo: bool) -> None:
    """Run everything on this machine: database, Redis, sandbox, web, worker and clock."""
    from opsconsole.machine.processes import CannotStart
    from opsconsole.machine.up import Wanted, up

    wanted = Wanted(home, port, sandbox_port, customers, demo, check=settings_from)
    try:
        up(wanted, environment(), click.echo)
    except CannotStart as problem:
        raise click.ClickException(str(problem)) from None


@main.command()
@PORT
def web(port: int) -> None:
    """Serve the console."""
    from opsconsole.wsgi import serve

    end_when_asked()
    serve(safe_settings(web=True), port)


@main.command()
def worker() -> None:
    """Keep promises: call the vendors, settle what they said. As many as you like."""
    from opsconsole.worker import run

    run(safe_settings())


@main.command()
def clock() -> None:
    """Announce what is due, free what dead workers held, run the schedule. Two do no harm."""
    from opsconsole.clock import run

    run(safe_settings())


@main.command()
@click.option("--port", envvar="SANDBOX_PORT", default=8001, show_default=True, type=PORTS)
@HOME
@click.option("--mail-port", type=PORTS, help="Where mail is taken in over SMTP; none unless given.")
@click.option("--console-url", help="Where events go; the console on this machine unless given.")
@click.option("--stripe-api-key", envvar="STRIPE_API_KEY", required=True, show_envvar=True)
@click.option("--stripe-webhook-secret", envvar="STRIPE_WEBHOOK_SECRET", required=True, show_envvar=True)
def sandbox(
    port: int,
    home: Path,
    mail_port: int | None,
    console_url: str | None,
    stripe_api_key: str,
    stripe_webhook_secret: str,
) -> None:
    """Serve the outside world: every vendor, with state, time and faults."""
    from opsconsole.machine.places import make_home
    from opsconsole.sandbox import CustomerIOKeys, EasyPostKeys, HealthcareKeys, PharmacyKeys
    from opsconsole.sandbox.server import serve

    end_when_asked()
    here = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    state = make_home(home) / "sandbox.sqlite"
    crm = CustomerIOKeys.of_environment(os.environ)
    parcels = EasyPostKeys.of_environment(os.environ)
    pharmacies = PharmacyKeys.of_environment(os.environ)
    healthcare = HealthcareKeys.of_environment(os.environ)
    given = (stripe_api_key, stripe_webhook_secret, console_url or here, crm, parcels, pharmacies, healthcare)
    serve(port, state, *given, mail_port=mail_port)


@main.command()
@click.option("--check", is_flag=True, help="Only tell whether models and migrations agree, elsewhere.")
def migrate(check: bool) -> None:
    """Bring the database to this version's shape."""
    from opsconsole.migrate import upgrade

    if check:
        check_migrations()
    else:
        upgrade(current_settings())


def check_migrations() -> None:
    """Run the migrations on an empty database of their own, and compare what they made with the models."""
    from opsconsole.config import Settings
    from opsconsole.machine.postgres import Postgres
    from opsconsole.migrate import differences, upgrade

    with tempfile.TemporaryDirectory() as home:
        postgres = Postgres(Path(home), durable=False)
        try:
            postgres.start()
            none = "none of this is used to migrate"
            settings = Settings(
                postgres.app_url, none, none, none, migration_database_url=postgres.owner_url, env="test"
            )
            upgrade(settings)
            found = differences(settings)
        finally:
            postgres.discard()
    if found:
        raise click.ClickException("Models and migrations disagree:\n" + "\n".join(found))
    click.echo("Models and migrations agree.")


@main.command()
@CUSTOMERS
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the demo data ends on; today unless given."
)
def seed(customers: int, as_of: dt.datetime | None) -> None:
    """Make demo data. Only in a sandbox."""
    from opsconsole.demo import CannotSeed
    from opsconsole.demo import seed as make

    settings = current_settings()
    day = (as_of or dt.datetime.now(dt.UTC)).date()
    try:
        make(settings, customers=customers, as_of=day, sandbox_url=settings.sandbox_url)
    except CannotSeed as problem:
        raise click.ClickException(str(problem)) from None


@main.group()
def staff() -> None:
    """People who may sign in."""


@staff.command("add")
@click.argument("email")
@click.option("--role", required=True, help="support, ops_lead, clinician, finance, auditor or admin.")
@click.option("--name", help="How colleagues see them; made from the address unless given.")
def add_staff(email: str, role: str, name: str | None) -> None:
    """Give a person an account. Asks for a password, or reads it from a pipe's first line."""
    from opsconsole.services import CONSOLE
    from opsconsole.services.staff import add, hash_of

    local, at, domain = email.partition("@")
    if not (local and at and domain) or any(letter.isspace() for letter in email):
        raise click.ClickException(f"{email!r} is not an e-mail address.")
    password = _password()
    with _acting():
        known_as = name or re.sub(r"[._+-]+", " ", local).strip().title() or local
        breached = current_settings().breached_passwords
        kept = hash_of(password, about=(email, known_as), breached=breached)
        add(email=email, name=known_as, role=role, password_hash=kept, by=CONSOLE)
    click.echo(f"{email} can sign in as {role}.")


@staff.command("password")
@click.argument("email")
def set_staff_password(email: str) -> None:
    """Give somebody who forgot theirs a new password. Their second factors stay, their sessions end."""
    from opsconsole.services import CONSOLE
    from opsconsole.services.staff import by_email, hash_of, set_password

    password = _password()
    with _acting():
        person = by_email(email)
        if person is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        breached = current_settings().breached_passwords
        kept = hash_of(password, about=(person.email, person.name), breached=breached)
        set_password(person.id, password_hash=kept, by=CONSOLE)
    click.echo(f"{email} has a new password.")


def _password() -> str:
    """Asked for at a terminal, else a pipe's first line."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\r\n")


@main.group()
def token() -> None:
    """Keys for programs."""


@token.command("create")
@click.argument("name")
@click.option("--role", required=True, help="What the program may do: a role, often shop.")
def create_token(name: str, role: str) -> None:
    """Make a token and print it, once: only its fingerprint is kept."""
    from opsconsole.lib.passwords import fingerprint
    from opsconsole.services import CONSOLE
    from opsconsole.services.tokens import create, new_secret

    secret = new_secret()
    with _acting():
        create(name=name, role=role, secret_hash=fingerprint(secret), by=CONSOLE)
    click.echo(secret)


@main.group()
def audit() -> None:
    """The record of every act."""


@audit.command("verify")
def verify_audit() -> None:
    """Check that nothing in the audit was changed, put in or taken away; exit code 1 when something was."""
    from opsconsole import create_app
    from opsconsole.db import own_connection
    from opsconsole.services import visits
    from opsconsole.services.audit import Heads, verify

    settings = current_settings()
    with create_app(settings).app_context(), own_connection() as connection:
        verdict = verify(connection, settings.sealing_key(), Heads(settings.home / "audit-heads"))
    for touched in verdict.touched:
        click.echo(f"{touched.what} {touched.says}")
    click.echo(
        f"{verdict.sealed:,} entries are sealed" + (" and as they were written." if verdict.intact else ".")
    )
    if verdict.tail:
        click.echo(f"{len(verdict.tail):,} wait for their seal: {verdict.tail[0]} to {verdict.tail[-1]}.")
    with create_app(settings).app_context():
        signed = visits.verify()
    for touched in signed.touched:
        click.echo(f"{touched.what} {touched.says}")
    click.echo(
        f"{signed.decisions:,} decisions are signed"
        + (" and as they were written." if signed.intact else ".")
    )
    if not verdict.intact:
        raise click.ClickException(f"{len(verdict.touched)} of them do not fit: somebody touched the audit.")
    if not signed.intact:
        raise click.ClickException(
            f"{len(signed.touched)} do not fit: somebody touched what clinicians signed."
        )


@main.group()
def keys() -> None:
    """The keys that seal health data in the database."""


@keys.command("new")
def new_key() -> None:
    """Print a new key for OPSCONSOLE_KEYS. Put it before the one that is there, then rotate."""
    import base64

    click.echo(f"{dt.datetime.now(dt.UTC):%Y%m%d}:{base64.b64encode(os.urandom(32)).decode()}")


@keys.command("rotate")
@click.option(
    "--batch", default=500, show_default=True, type=click.IntRange(1, 10_000), help="Values at a time."
)
def rotate_keys(batch: int) -> None:
    """Seal everything by a new key while everybody works. Killed, it goes on where it was when it is run again."""
    from opsconsole.services.keys import rotate

    done: dict[str, int] = {}

    def progress(place: str, count: int) -> None:
        done[place] = done.get(place, 0) + count
        click.echo(f"{place}: {done[place]:,}")

    with _acting():
        resealed = rotate(batch=batch, progress=progress)
    click.echo(f"{resealed:,} values were sealed anew; the old keys seal nothing any more.")


@keys.command("status")
def keys_status() -> None:
    """Say which keys there are and how much each of them still seals."""
    from opsconsole.services.keys import status

    with _acting():
        stands = status()
        for key in stands.keys:
            what = {
                "seal": f"seals {key.values:,} values",
                "index": f"indexes {key.values:,} values",
            }.get(key.purpose, "makes digests")
            state = (
                "newest" if key.newest else f"retired {key.retired_at:%Y-%m-%d}" if key.retired_at else "old"
            )
            click.echo(f"data key {key.number}: {what}; {state}; wrapped by {key.master}")
        for master in stands.masters:
            holds = f"wraps {master.data_keys} data keys, which hold {master.values:,} values"
            state = "" if master.here else "; it is missing: put it back into OPSCONSOLE_KEYS"
            click.echo(
                f"master key {master.id}: {holds if master.data_keys else 'wraps nothing any more'}{state}"
            )
        if stands.rotation:
            click.echo(
                f"A rotation to data key {stands.rotation.number} is not finished, {stands.rotation.resealed:,} values "
                "are done: run opsconsole keys rotate."
            )


@contextlib.contextmanager
def _acting() -> Iterator[None]:
    """The console's services, with the roles in place; a refusal ends the command with its sentence."""
    from opsconsole import create_app
    from opsconsole.lib.refusal import Invalid, Refused
    from opsconsole.services.staff import install_roles

    settings = current_settings()
    with create_app(settings).app_context():
        install_roles(sandbox=settings.sandbox)
        try:
            yield
        except Refused as refusal:
            raise click.ClickException(refusal.message) from None
        except Invalid as wrong:
            words = " ".join(said for messages in wrong.errors.values() for said in messages)
            raise click.ClickException(words) from None


@main.command()
@click.option("--fix", is_flag=True, help="Bring copies of ours that are merely stale up to date on the way.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def reconcile(fix: bool, as_json: bool) -> None:
    """Compare all open and recent orders with every pharmacy and carrier; exit code 1 when we still differ somewhere."""
    from opsconsole import jobs
    from opsconsole.services import reconciliation

    with _acting():
        done = jobs.compare(fix=fix)
        if done is None:
            raise click.ClickException(
                "Nobody is connected to compare with: set PHARMACY_<NAME>_API_KEY or EASYPOST_API_KEY."
            )
        left, repaired = reconciliation.open_by_kind(), reconciliation.repaired_by(done.run_id)
    if as_json:
        told = {"run": f"/reconciliation/{done.run_id}", "compared": done.looked, "waits_for": done.waits_for}
        click.echo(json.dumps({**told, "open": left, "repaired": repaired}, indent=2))
    else:
        click.echo(f"Compared {done.looked} fills and parcels. See /reconciliation/{done.run_id}")
        click.echo(f"{'':32} {'open':>6} {'repaired':>9}")
        for code, kind in reconciliation.KINDS.items():
            if code in left or code in repaired:
                click.echo(f"{kind.words:32} {left.get(code, 0):>6} {repaired.get(code, 0):>9}")
        click.echo(
            "Nothing differs." if not left else f"{sum(left.values())} left: open them at /reconciliation."
        )
        if done.waits_for:
            click.echo(f"Not all is compared yet: {done.waits_for} The workers go on from here.")
    sys.exit(1 if left or done.waits_for else 0)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(as_json: bool) -> None:
    """Say what this installation is connected to and what is wrong; exit code 1 when something is."""
    from opsconsole.machine.doctor import Finding, examine

    try:
        findings = list(examine(_installation(current_settings())))
    except click.ClickException as problem:
        findings = [Finding("settings", "wrong", problem.message)]
    sound = all(finding.verdict != "wrong" for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": sound, "findings": [vars(finding) for finding in findings]}, indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.verdict:8} {finding.what:12} {finding.says}")
    sys.exit(0 if sound else 1)


def _vendors(settings: Settings) -> dict[str, str]:
    """Where each vendor that is connected is called."""
    found = {"stripe": settings.stripe_api_base or "https://api.stripe.com"}
    if settings.customerio_site_id:
        found["customerio"] = settings.customerio_track_base or "https://track.customer.io"
        found["customerio-app"] = settings.customerio_app_base or "https://api.customer.io"
    if server := settings.mail_server():
        found["email"] = "{}://{}:{}".format(*server)
    for name, pharmacy in settings.pharmacies.items():
        found[f"pharmacy-{name}"] = pharmacy.base_url
    if settings.easypost_api_key:
        found["easypost"] = settings.easypost_api_base or "https://api.easypost.com"
    if settings.healthcare_base_url:
        found["healthcare"] = settings.healthcare_base_url
    return found


def _installation(settings: Settings) -> Installation:
    from sqlalchemy import create_engine

    from opsconsole.machine.doctor import Installation
    from opsconsole.migrate import behind

    def migrations() -> str | None:
        with create_engine(settings.database_url).connect() as connection:
            return behind(connection)

    def waiting() -> dict[str, float]:
        from opsconsole import create_app
        from opsconsole.services import watch

        with create_app(settings).app_context():
            ages = watch.behind()
        return {
            "promises": ages["promise_oldest_due_seconds"],
            "events": ages["event_oldest_seconds"],
            "audit seals": ages["audit_oldest_unsealed_seconds"],
        }

    def diagnosed() -> float:
        from opsconsole import create_app
        from opsconsole.services import stuck

        with create_app(settings).app_context():
            return stuck.age()

    def incidents() -> list[str]:
        from opsconsole import create_app
        from opsconsole.services import watch

        with create_app(settings).app_context():
            return watch.incidents()

    return Installation(
        env=settings.env,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        vendors=_vendors(settings),
        sandbox_url=settings.sandbox_url,
        migrations=migrations,
        behind=waiting,
        diagnosed=diagnosed,
        incidents=incidents,
    )


if __name__ == "__main__":
    sys.exit(main())
