"""The SMTP adapter against the sandbox's mail server, over real sockets: in the clear on this machine, and with TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from opsconsole.config import Misconfigured, Settings, adapters
from opsconsole.sandbox._clock import Clock
from opsconsole.sandbox._faults import Faults
from opsconsole.sandbox._state import Store
from opsconsole.sandbox.email import Mailbox
from opsconsole.sandbox.email.server import MailServer
from opsconsole.vendors import Declined, Unavailable
from opsconsole.vendors.email import Email, Links
from opsconsole.vendors.email import smtp as wire
from opsconsole.vendors.email.smtp import SMTP, Server

from .email_contract import KEY, SITE, EmailContract, World, write
from .payments_contract import Promise

USER, PASSWORD = "console", "p@ss:w/rd"
DIALS: dict[str, dict[str, Any]] = {
    "lost answer": {"method": "SMTP DATA", "kind": "lost_answer"},
    "lost before": {"method": "SMTP DATA", "kind": "lost_answer", "side": "before"},
    "garbage": {"method": "SMTP DATA", "kind": "garbage"},
    "not now": {"method": "SMTP DATA", "kind": "error_500"},
    "hangs up": {"method": "SMTP RCPT", "kind": "lost_answer"},
    "down": {"method": "SMTP CONNECT", "kind": "down"},
    "bad key": {"method": "SMTP AUTH", "kind": "unauthorized"},
}


class MailWorld:
    def __init__(self, **options: Any) -> None:
        store = Store(None)
        self.mailbox = Mailbox(store, Clock(store), Faults())
        self.server = MailServer(self.mailbox, login=(USER, PASSWORD), **options)
        self.server.begin()

    def arrived(self) -> list[dict[str, Any]]:
        return self.mailbox.mails()[::-1]

    def fail(self, how: str) -> None:
        self.mailbox.faults.add(vendor="email", times=1, **DIALS[how])

    def heal(self) -> None:
        self.mailbox.faults.clear()

    def close(self) -> None:
        self.heal()
        self.server.end()
        self.mailbox.store.close()


def adapter_for(port: int, *, scheme: str = "smtp", host: str = "127.0.0.1", **more: Any) -> SMTP:
    server = Server.of(f"{scheme}://{USER}:p%40ss%3Aw%2Frd@{host}:{port}")
    return SMTP(server=server, sender="OpsConsole <ops@example.test>", links=Links(SITE, KEY), **more)


@pytest.fixture
def world() -> Iterator[MailWorld]:
    made = MailWorld()
    yield made
    made.close()


class TestSmtp(EmailContract):
    @pytest.fixture
    def world(self, world: World) -> World:  # type: ignore[override]
        return world

    @pytest.fixture
    def adapter(self, world: MailWorld) -> Email:  # type: ignore[override]
        return adapter_for(world.server.port)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, by its own word, for a day. Key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*private) + made.public_bytes(serialization.Encoding.PEM))
    return file


def servers(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "TLS at once"])
def test_it_is_encrypted_and_the_server_proves_who_it_is(
    certificate: Path, implicit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LOOPBACK", ())  # as if it were another machine
    world = MailWorld(tls=servers(certificate), implicit=implicit)
    scheme = "smtps" if implicit else "smtp"
    try:
        with pytest.raises(Unavailable) as unknown:
            write(adapter_for(world.server.port, scheme=scheme), Promise().attempt())
        assert "certificate" in unknown.value.words and not unknown.value.maybe_done
        trusted = ssl.create_default_context(cafile=str(certificate))
        write(adapter_for(world.server.port, scheme=scheme, trust=trusted), Promise().attempt())
        with pytest.raises(Unavailable) as other:
            elsewhere = adapter_for(world.server.port, scheme=scheme, host="localhost", trust=trusted)
            write(elsewhere, Promise("prm_2").attempt())
        assert "certificate" in other.value.words
        assert len(world.arrived()) == 1
    finally:
        world.close()


def test_another_machine_gets_neither_password_nor_mail_in_the_clear(
    world: MailWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LOOPBACK", ())
    with pytest.raises(Unavailable) as caught:
        write(adapter_for(world.server.port), Promise().attempt())
    assert "no encryption" in caught.value.words and world.arrived() == []


def test_a_wrong_password_stops_all(world: MailWorld) -> None:
    server = Server.of(f"smtp://{USER}:wrong@127.0.0.1:{world.server.port}")
    adapter = SMTP(server=server, sender="ops@example.test", links=Links(SITE, KEY))
    with pytest.raises(Unavailable) as caught:
        write(adapter, Promise().attempt())
    assert caught.value.credentials and "wrong" not in repr(adapter.server)


def test_nobody_there_and_silence_end_in_time(world: MailWorld) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable) as nobody:
            write(adapter_for(taken.getsockname()[1]), Promise().attempt())
    assert not nobody.value.maybe_done
    world.mailbox.faults.add(vendor="email", method="SMTP RCPT", kind="slow", seconds=30)
    began = time.monotonic()
    with pytest.raises(Unavailable) as silent:
        write(adapter_for(world.server.port, seconds=0.3), Promise().attempt())
    assert not silent.value.maybe_done and time.monotonic() - began < 3


def test_a_server_that_drips_is_cut_off() -> None:
    """Each letter comes in time, and the answer never ends."""
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        line, _ = listening.accept()
        with line:
            try:
                while True:
                    line.sendall(b"2")
                    time.sleep(0.05)
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    with listening, pytest.raises(Unavailable):
        write(adapter_for(listening.getsockname()[1], seconds=0.3), Promise().attempt())
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "smtp://user@mail", "smtp://mail/path", "mail:25"])
def test_what_is_no_mail_server(url: str) -> None:
    with pytest.raises(ValueError):
        Server.of(url)


def test_a_refused_sender_is_a_no(world: MailWorld) -> None:
    world.mailbox.faults.add(vendor="email", method="SMTP MAIL", kind="forbidden")
    with pytest.raises(Declined) as caught:
        write(adapter_for(world.server.port), Promise().attempt())
    assert caught.value.code == "550"


GIVEN = {
    "OPSCONSOLE_DATABASE_URL": "postgresql://a@b/c",
    "OPSCONSOLE_SECRET_KEY": "x" * 40,
    "OPSCONSOLE_ENV": "test",
    "OPSCONSOLE_BASE_URL": "https://console.example",
    "STRIPE_API_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}
MAIL = {"SMTP_URL": "smtp://console:secret-7Q@mail.example", "SMTP_FROM": "OpsConsole <ops@example.com>"}


def test_the_settings_connect_it_and_show_no_password() -> None:
    settings = Settings.from_environment(GIVEN | MAIL)
    adapter = adapters(settings)["email"]
    assert (adapter.server.host, adapter.server.port, adapter.sender) == (
        "mail.example",
        587,
        "ops@example.com",
    )
    assert settings.mail_server() == ("smtp", "mail.example", 587)
    assert "secret-7Q" not in repr(settings) + repr(adapter.server)
    assert "email" not in adapters(Settings.from_environment(GIVEN))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SMTP_URL": ""}, "SMTP_URL is not a mail server"),
        ({"SMTP_URL": "http://mail.example"}, "SMTP_URL is not a mail server"),
        ({"SMTP_URL": "smtp://user-7Q@mail.example"}, "SMTP_URL is not a mail server"),
        ({"SMTP_URL": "smtp://mail.example:many"}, "SMTP_URL is not a mail server"),
        ({"SMTP_FROM": ""}, "SMTP_FROM is not a sender"),
        ({"SMTP_FROM": "ops@example.com\nBcc: eve@example.com"}, "SMTP_FROM is not a sender"),
        ({"OPSCONSOLE_BASE_URL": ""}, "links in mails lead to it"),
    ],
)
def test_settings_that_make_no_sense_are_named(changes: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as caught:
        Settings.from_environment(GIVEN | MAIL | changes)
    assert "7Q" not in str(caught.value)
