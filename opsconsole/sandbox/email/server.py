"""SMTP as much as senders need of it (RFC 5321): one message after the other, on this machine only."""

from __future__ import annotations

import base64
import hmac
import re
import socketserver
import ssl
import threading
from collections.abc import Callable
from typing import Any

from .._faults import Fault
from . import VENDOR, Mailbox

MOST = 1_000_000  # bytes of a message
PATIENCE = 60.0  # seconds of silence
PATH = re.compile(r"(?:FROM|TO):\s*<([^<>\s]*)>", re.I)
# What a dial makes the server say; every other kind makes it hang up.
SAYS = {
    "rate_limit": "450 4.7.1 too many messages, try later",
    "lock_timeout": "450 4.2.0 mailbox busy",
    "error_500": "451 4.3.0 local error in processing",
    "unauthorized": "535 5.7.8 authentication credentials invalid",
    "forbidden": "550 5.7.1 not allowed to send",
    "down": "421 4.3.2 service not available",
}


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1. With `login` it wants a user and a password first; with `tls` it offers STARTTLS, or speaks
    TLS from the first byte when `implicit`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self,
        mailbox: Mailbox,
        port: int = 0,
        *,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.mailbox, self.login, self.tls, self.implicit = mailbox, login, tls, implicit

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def begin(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.1,), name="mail", daemon=True).start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up is no news."""


class _Over(Exception):
    """The session ends here."""


class _Session(socketserver.StreamRequestHandler):
    server: MailServer
    timeout = PATIENCE

    def setup(self) -> None:
        if self.server.implicit and self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        self.encrypted = self.server.implicit
        self._afresh()

    def _afresh(self) -> None:
        """As a session begins, and again after STARTTLS (RFC 3207, 4.2)."""
        self.greeted, self.signed_in = False, self.server.login is None
        self._reset()

    def _reset(self) -> None:
        self.sender: str | None = None
        self.recipients: list[str] = []

    def handle(self) -> None:
        try:
            self._struck("CONNECT")
            self._say("220 sandbox ESMTP")
            while line := self.rfile.readline(2000):
                verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
                run = getattr(self, f"_on_{verb.lower()}", None) if verb.isalpha() else None
                if run is None:
                    self._say("500 5.5.1 unknown command")
                elif verb.upper() == "DATA" or not self._struck(verb.upper()):
                    run(rest)
        except (_Over, ConnectionError, TimeoutError, ssl.SSLError):
            return

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.wfile.write(line.encode() + b"\r\n")

    def _struck(self, step: str) -> bool:
        """Does a dial hit this step? Then its answer was given."""
        fault = self.server.mailbox.faults.strike(VENDOR, f"SMTP {step}")
        return fault is not None and self._suffers(fault)

    def _suffers(self, fault: Fault) -> bool:
        if fault.kind == "slow":
            self.server.mailbox.faults.hold_up(fault.seconds, lambda: False)
            return False
        if fault.kind == "garbage":
            self._say("HTTP/1.1 200 OK")
            return True
        if fault.kind not in SAYS:
            raise _Over
        self._say(SAYS[fault.kind])
        if fault.kind == "down":
            raise _Over
        return True

    def _on_ehlo(self, rest: str) -> None:
        self.greeted = True
        offers = ["sandbox", f"SIZE {MOST}", "8BITMIME"]
        if self.server.tls and not self.encrypted:
            offers.append("STARTTLS")
        if self.server.login:
            offers.append("AUTH PLAIN")
        self._say(*(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}")

    def _on_helo(self, rest: str) -> None:
        self.greeted = True
        self._say("250 sandbox")

    def _on_starttls(self, rest: str) -> None:
        if not self.server.tls or self.encrypted:
            return self._say("502 5.5.1 no TLS here")
        self._say("220 2.0.0 begin")
        self.connection = self.request = self.server.tls.wrap_socket(self.connection, server_side=True)
        super().setup()
        self.encrypted = True
        self._afresh()

    def _on_auth(self, rest: str) -> None:
        kind, _, coded = rest.partition(" ")
        if kind.upper() != "PLAIN" or not self.server.login:
            return self._say("504 5.5.4 only PLAIN")
        try:
            _, user, password = base64.b64decode(coded, validate=True).decode().split("\x00")
        except ValueError:
            return self._say("501 5.5.2 not PLAIN")
        wanted = "\x00".join(self.server.login)
        self.signed_in = hmac.compare_digest(f"{user}\x00{password}".encode(), wanted.encode())
        self._say("235 2.7.0 welcome" if self.signed_in else "535 5.7.8 authentication credentials invalid")

    def _on_mail(self, rest: str) -> None:
        if not self.greeted:
            return self._say("503 5.5.1 say EHLO first")
        if not self.signed_in:
            return self._say("530 5.7.0 authentication required")
        self._named(rest, self._from)

    def _on_rcpt(self, rest: str) -> None:
        if self.sender is None:
            return self._say("503 5.5.1 say MAIL first")
        self._named(rest, self._to)

    def _named(self, rest: str, take: Callable[[str], None]) -> None:
        found = PATH.match(rest)
        if found is None:
            return self._say("501 5.1.7 write <an address>")
        take(found[1])

    def _from(self, address: str) -> None:
        self._reset()
        self.sender = address
        self._say("250 2.1.0 ok")

    def _to(self, address: str) -> None:
        """An address at no-such-mailbox is nobody's; one at full is full for now."""
        local = address.partition("@")[0]
        if local in ("no-such-mailbox", "full"):
            return self._say("550 5.1.1 no such mailbox" if local != "full" else "452 4.2.2 mailbox full")
        self.recipients.append(address)
        self._say("250 2.1.5 ok")

    def _on_data(self, rest: str) -> None:
        """A dial strikes here before the message is kept, or `after`."""
        if not self.recipients:
            return self._say("503 5.5.1 say RCPT first")
        fault = self.server.mailbox.faults.strike(VENDOR, "SMTP DATA")
        self._say("354 end with a dot")
        data = self._message()
        if data is None:
            return self._say("552 5.3.4 too much")
        if fault and fault.side == "before" and self._suffers(fault):
            return None
        number = self.server.mailbox.keep(self.sender or "", self.recipients, data)
        self._reset()
        if not (fault and fault.side == "after" and self._suffers(fault)):
            self._say(f"250 2.0.0 taken as {number}")
        return None

    def _message(self) -> bytes | None:
        lines, size = [], 0
        while (line := self.rfile.readline(2000)) != b".\r\n":
            if not line:
                raise _Over
            size += len(line)
            if size <= MOST:
                lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines) if size <= MOST else None

    def _on_rset(self, rest: str) -> None:
        self._reset()
        self._say("250 2.0.0 ok")

    def _on_noop(self, rest: str) -> None:
        self._say("250 2.0.0 ok")

    def _on_quit(self, rest: str) -> None:
        self._say("221 2.0.0 bye")
        raise _Over
