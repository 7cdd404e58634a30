"""The web process: waitress, with enough connections that slow clients cannot use them up."""

from __future__ import annotations

import time
from html import escape
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from . import create_app, production
from .config import Settings
from .views import SERVER_HEADERS

WHOLE_REQUEST = 60.0  # seconds from a request's first byte to its last
SILENCE = 30  # seconds after which a connection that says nothing is closed
LARGEST_HEADERS = 32 * 1024  # bytes, all of a request's together
LARGEST_BODY = 12 * 1024 * 1024  # bytes; a form with a file. Others take at most 1 MB and say so in words
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} · OpsConsole</title>
<h1>{title}</h1><p>{words} Nothing was changed and nothing was lost.</p></html>"""
TOLD = {
    400: ("This could not be read", "The browser sent something that is no request."),
    413: ("That was too large", "At most 1 MB can be sent at once."),
    431: ("The headers are too large", "Clear this site's cookies, then try again."),
    501: ("This could not be read", "The request uses something that the console does not know."),
}


class Refusal(ErrorTask):
    """What waitress answers by itself, before the console sees a request: in our words, with our headers."""

    def execute(self) -> None:
        error = self.request.error
        title, words = TOLD.get(error.code, ("Something broke on our side", "Try again."))
        body = PAGE.format(title=escape(title), words=escape(words)).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend([("Content-Type", "text/html; charset=utf-8"), *SERVER_HEADERS])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Line(HTTPChannel):
    """A connection. It may dawdle between requests, and not for ever in one: a byte now and then is no request."""

    error_task_class = Refusal
    begun: float | None = None

    def received(self, data: bytes) -> Any:
        now = time.monotonic()
        if self.begun is not None and now - self.begun > WHOLE_REQUEST:
            self.will_close = True
            return False
        taken = super().received(data)
        if self.request is None:
            self.begun = None
        elif self.begun is None:
            self.begun = now
        return taken


def serve(settings: Settings, port: int) -> None:
    """Serve until stopped, on 127.0.0.1 in a sandbox and on every address in production.

    Raises Misconfigured when this would be no safe production.
    """
    production.check(settings, web=True)
    server: Any = create_server(
        create_app(settings),
        host="127.0.0.1" if settings.sandbox else "0.0.0.0",
        port=port,
        threads=8,
        connection_limit=4000,
        channel_timeout=SILENCE,
        max_request_header_size=LARGEST_HEADERS,
        max_request_body_size=LARGEST_BODY,
        ident=None,
        clear_untrusted_proxy_headers=settings.proxies == 0,  # else they are judged by how many there are
    )
    server.channel_class = Line
    server.print_listen("Serving on http://{}:{}")
    server.run()
