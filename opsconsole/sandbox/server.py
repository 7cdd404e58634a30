"""The sandbox as a process: waitress on 127.0.0.1."""

from __future__ import annotations

import logging
from pathlib import Path

import waitress

from . import CustomerIOKeys, EasyPostKeys, HealthcareKeys, PharmacyKeys, create_sandbox
from .email.server import MailServer

THREADS = 16


def serve(
    port: int,
    state: Path,
    stripe_api_key: str,
    stripe_webhook_secret: str,
    webhook_url: str | None,
    customerio_keys: CustomerIOKeys | None = None,
    easypost_keys: EasyPostKeys | None = None,
    pharmacy_keys: PharmacyKeys | None = None,
    healthcare_keys: HealthcareKeys | None = None,
    *,
    mail_port: int | None = None,
) -> None:
    """Serve until stopped (SystemExit, KeyboardInterrupt); prints one line when it listens. Port 0: any.

    Mail is taken in on `mail_port`; None takes none.
    """
    app = create_sandbox(
        state,
        stripe_api_key=stripe_api_key,
        stripe_webhook_secret=stripe_webhook_secret,
        webhook_url=webhook_url,
        customerio_keys=customerio_keys,
        easypost_keys=easypost_keys,
        pharmacy_keys=pharmacy_keys,
        healthcare_keys=healthcare_keys,
    )
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        app,
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        connection_limit=1000,
        channel_request_lookahead=1,  # lets a slow fault notice that its caller has left
        ident="sandbox",
        log_socket_errors=False,  # AnswerLost is an OSError: the connection just closes
    )
    mail = MailServer(app.sandbox.mailbox, mail_port) if mail_port is not None else None
    if mail:
        mail.begin()
    print(f"sandbox ready on http://127.0.0.1:{server.effective_port}", flush=True)  # noqa: T201
    try:
        server.run()
    finally:
        server.close()
        if mail:
            mail.end()
        app.sandbox.close()
