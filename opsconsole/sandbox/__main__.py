"""python -m opsconsole.sandbox: the sandbox by itself, with the keys of the environment."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from . import CustomerIOKeys, EasyPostKeys, HealthcareKeys, PharmacyKeys
from .server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m opsconsole.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--state", type=Path, required=True, help="the SQLite file to keep state in")
    parser.add_argument("--webhook-url", help="the console's base, e.g. http://127.0.0.1:8000")
    parser.add_argument("--mail-port", type=int, help="where mail is taken in; none unless given")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    serve(
        given.port,
        given.state,
        os.environ.get("STRIPE_API_KEY", "sk_test_sandbox"),
        os.environ.get("STRIPE_WEBHOOK_SECRET", "whsec_sandbox"),
        given.webhook_url,
        CustomerIOKeys.of_environment(os.environ),
        EasyPostKeys.of_environment(os.environ),
        PharmacyKeys.of_environment(os.environ),
        HealthcareKeys.of_environment(os.environ),
        mail_port=given.mail_port,
    )


def _stop(signum: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
