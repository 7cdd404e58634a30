"""The web process: waitress, with enough connections that slow clients cannot use them up."""

from __future__ import annotations

from waitress import serve as waitress_serve

from . import create_app
from .config import Settings


def serve(settings: Settings, port: int) -> None:
    """Serve until stopped, on 127.0.0.1 in a sandbox and on every address in production."""
    waitress_serve(
        create_app(settings),
        host="127.0.0.1" if settings.sandbox else "0.0.0.0",
        port=port,
        threads=8,
        connection_limit=4000,
        channel_timeout=30,
        max_request_body_size=2 * 1024 * 1024,
        ident="OpsConsole",
        clear_untrusted_proxy_headers=True,
    )
