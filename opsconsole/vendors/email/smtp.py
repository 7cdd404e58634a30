"""SMTP (RFC 5321), with STARTTLS (RFC 3207) or TLS from the first byte (RFC 8314), by the standard library.

A server that is not this machine gets nothing, and no password either, before its certificate was checked. All the steps
of a message share one deadline: when it is over, the line is cut.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as ON_THE_WIRE
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from .. import Call, Declined, Unavailable
from . import HERE, PLACE, Links, Sent

SECONDS = 20  # for one message, from the first byte to the last
STEP_SECONDS = 10  # for one answer
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_KEY_REFUSED = {530, 534, 535, 538}  # RFC 4954, section 6


@dataclass(frozen=True)
class Server:
    """Where mail is handed in: SMTP_URL, taken apart."""

    host: str
    port: int
    implicit_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Server:
        """smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
            raise ValueError("not smtp://user:password@host:port or smtps://…")
        if bool(parts.username) != bool(parts.password):
            raise ValueError("a user goes with a password")
        implicit = parts.scheme == "smtps"
        port = parts.port or (465 if implicit else 587)
        return cls(
            parts.hostname, port, implicit, unquote(parts.username or ""), unquote(parts.password or "")
        )

    @property
    def here(self) -> bool:
        return self.host in LOOPBACK


class SMTP:
    """One mail server. `sender` is the address that staff see, perhaps with a name: OpsConsole <ops@example.com>."""

    def __init__(
        self,
        *,
        server: Server,
        sender: str,
        links: Links,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self.server = server
        self.sender_name, self.sender = parseaddr(sender)
        self.links = links
        self._trust = trust or ssl.create_default_context()
        self._seconds = seconds

    def send(
        self,
        call: Call,
        *,
        to: str,
        subject: str,
        text: str,
        place: str | None = None,
        proves: str | None = None,
    ) -> Sent:
        _sendable(to, subject, place)
        asked = call.pin(
            {
                "to": to, "subject": subject, "text": text, "place": place, "proves": proves,
                "message_id": f"<{call.ref}.{call.round}@{self.sender.rpartition('@')[2]}>",
                "date": format_datetime(datetime.now(UTC)),
            }
        )  # fmt: skip
        link = self.links.to(asked["place"], asked["proves"]) if asked["place"] else ""
        says = self._handed_in(self._written(asked, link), asked["to"])
        return Sent(asked["message_id"], says)

    def _written(self, asked: dict[str, Any], link: str) -> bytes:
        """The message as it goes out. Header values with line breaks are refused by the library too."""
        message = EmailMessage(policy=ON_THE_WIRE)
        message["From"] = Address(self.sender_name or "OpsConsole", addr_spec=self.sender)
        message["To"] = Address(addr_spec=asked["to"])
        message["Subject"] = asked["subject"]
        message["Date"] = asked["date"]
        message["Message-ID"] = asked["message_id"]
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
        message.set_content(asked["text"].replace(HERE, link))
        return message.as_bytes()

    def _handed_in(self, message: bytes, to: str) -> str:
        """Hand it in. Until the server asked for the text, nothing can have been done; after that anything may."""
        begun = False
        try:
            with self._connected() as client:
                _agreed(client.mail(self.sender), 250)
                _agreed(client.rcpt(to), 250, 251)
                _agreed(client.docmd("DATA"), 354)
                begun = True
                client.send(_dotted(message))
                return _agreed(client.getreply(), 250)
        except smtplib.SMTPResponseException as said:
            if begun and (said.smtp_code < 0 or said.smtp_error == "Line too long."):
                raise _no_answer(said, begun=True) from None
            raise _failure(said.smtp_code, _words(said.smtp_error)) from None
        except (OSError, ValueError) as error:
            raise _no_answer(error, begun=begun) from None

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A line to the server, encrypted and signed in as it should be; cut when the time is over."""
        server, known = self.server, self.sender.rpartition("@")[2]
        patience = min(STEP_SECONDS, self._seconds)
        client = (
            smtplib.SMTP_SSL(local_hostname=known, timeout=patience, context=self._trust)
            if server.implicit_tls
            else smtplib.SMTP(local_hostname=known, timeout=patience)
        )
        client._host = server.host  # type: ignore[attr-defined]  # whose certificate it must be; connect() forgets it
        cut = threading.Timer(self._seconds, _cut, [client])
        cut.daemon = True
        cut.start()
        try:
            _agreed(client.connect(server.host, server.port), 220)
            client.ehlo_or_helo_if_needed()
            if not server.implicit_tls and (client.has_extn("starttls") or not server.here):
                _agreed(client.starttls(context=self._trust), 220)
                client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
            yield client
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
        finally:
            cut.cancel()
            client.close()


def _cut(client: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, AttributeError):
        client.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _sendable(to: str, subject: str, place: str | None) -> None:
    """Raises Declined for what would be another message than the one that is meant."""
    if not ADDRESS.fullmatch(to) or len(to) > 254:
        raise Declined("bad_address", "That is no e-mail address that can be written to.")
    if not subject.isprintable() or len(subject) > 200:
        raise Declined("bad_subject", "A subject is one line.")
    if place is not None and not PLACE.fullmatch(place):
        raise Declined("bad_link", "The link leads to no page of ours.")


def _agreed(answer: tuple[int, bytes], *wanted: int) -> str:
    code, said = answer
    if code not in wanted:
        raise smtplib.SMTPResponseException(code, said)
    return _words(said)


def _no_answer(error: Exception, *, begun: bool) -> Unavailable:
    words = "The mail server does not answer."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        words = "The mail server offers no encryption, or no way to sign in that we know."
    if isinstance(error, ssl.SSLError):
        words = "The mail server cannot prove who it is: its certificate does not hold."
    if begun:
        words = "The mail server did not say whether it took the message."
    return Unavailable(words, maybe_done=begun, code=type(error).__name__)


def _failure(code: int, words: str) -> Unavailable | Declined:
    """4xx is not now, 5xx is no (RFC 5321, 4.2.1); 421 and -1 are a line that closes."""
    if code in _KEY_REFUSED:
        words = f"The mail server refuses our user and password: {words}"
        return Unavailable(words, maybe_done=False, code=str(code), credentials=True)
    if 500 <= code < 600:
        return Declined(str(code), words)
    return Unavailable(f"The mail server says not now: {words}", maybe_done=False, code=str(code))


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return re.sub(r"[^ -~]+", " ", text).strip()[:200]


def _dotted(message: bytes) -> bytes:
    """A line that begins with a dot gets another one, and a dot alone ends it (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"
