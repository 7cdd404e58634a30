"""The commands: `up` for one machine; `web`, `worker`, `clock` for many; and what operators need."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from opsconsole.config import Settings

# Each command imports what it needs when it runs: `up` and `--help` stay quick, a worker has no views.

PORT = click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535))
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


@click.group()
@click.version_option(package_name="opsconsole")
def main() -> None:
    """OpsConsole, the operations console."""


@main.command()
@PORT
@click.option(
    "--sandbox-port", envvar="SANDBOX_PORT", default=8001, show_default=True, type=click.IntRange(1, 65535)
)
@HOME
@CUSTOMERS
@click.option("--demo/--no-demo", default=True, help="With demo data and sign-ins, or an empty console.")
def up(port: int, sandbox_port: int, home: Path, customers: int, demo: bool) -> None:
    """Run everything on this machine: database, Redis, sandbox, web, worker and clock."""
    from opsconsole.machine.processes import CannotStart
    from opsconsole.machine.up import Wanted, up

    wanted = Wanted(home, port, sandbox_port, customers, demo, check=settings_from)
    try:
        up(wanted, os.environ, click.echo)
    except CannotStart as problem:
        raise click.ClickException(str(problem)) from None


@main.command()
@PORT
def web(port: int) -> None:
    """Serve the console."""
    from opsconsole.wsgi import serve

    serve(settings_from(os.environ), port)


@main.command()
def worker() -> None:
    """Keep promises: call the vendors, settle what they said. As many as you like."""
    from opsconsole.machine.processes import tie_forks_to_us
    from opsconsole.worker import run

    tie_forks_to_us()
    run(settings_from(os.environ))


@main.command()
def clock() -> None:
    """Announce what is due, sweep, seal the audit, run the schedule. Two do no harm."""
    from opsconsole.clock import run

    run(settings_from(os.environ))


@main.command()
@click.option("--port", envvar="SANDBOX_PORT", default=8001, show_default=True, type=click.IntRange(1, 65535))
@click.option("--webhook-url", help="Where Stripe's events go; the console on this machine unless given.")
def sandbox(port: int, webhook_url: str | None) -> None:
    """Serve the outside world: every vendor, with state, time and faults."""
    from opsconsole.sandbox.server import serve

    settings = settings_from(os.environ)
    console = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    serve(
        port, settings.home / "sandbox.sqlite", settings.stripe_api_key, settings.stripe_webhook_secret,
        webhook_url or f"{console}/webhooks/stripe",
    )  # fmt: skip


@main.command()
def migrate() -> None:
    """Bring the database to this version's shape."""
    from opsconsole.migrate import upgrade

    upgrade(settings_from(os.environ))


@main.command()
@CUSTOMERS
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the demo data ends on; today unless given."
)
def seed(customers: int, as_of: dt.datetime | None) -> None:
    """Make demo data. Only in a sandbox."""
    from opsconsole.demo import seed as make

    settings = settings_from(os.environ)
    day = (as_of or dt.datetime.now(dt.UTC)).date()
    make(settings, customers=customers, as_of=day, sandbox_url=settings.sandbox_url)


if __name__ == "__main__":
    sys.exit(main())
