"""What any adapter of the email port must keep: a test file subclasses `EmailContract`.

It gives two fixtures: `adapter`, with links to SITE made with KEY, and `world`, the mail server from behind.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, Unavailable
from opsconsole.vendors.email import Email, Sent, proof

from .payments_contract import Promise

SITE = "https://console.example"
KEY = b"k" * 32
SAM = "sam@example.test"
PLACE = "/sign-in/reset"

# fault -> maybe_done, credentials, mails that arrived
FAULTS = {
    "lost answer": (True, False, 1),
    "lost before": (True, False, 0),
    "garbage": (True, False, 1),
    "not now": (False, False, 0),
    "hangs up": (False, False, 0),
    "down": (False, False, 0),
    "bad key": (False, True, 0),
}


class World(Protocol):
    """The mail server, as a test sees it from behind."""

    def arrived(self) -> list[dict[str, Any]]:
        """Every copy that was taken in, the oldest first: to, subject, message_id, headers, text."""
        ...

    def fail(self, how: str) -> None:
        """The next message goes wrong: a key of FAULTS."""
        ...

    def heal(self) -> None: ...


def write(
    adapter: Email, call: Call, to: str = SAM, text: str = "Come to {link} soon.\n", **more: Any
) -> Sent:
    asked = {"subject": "A new password", "place": PLACE, "proves": "rst_1", **more}
    return adapter.send(call, to=to, text=text, **asked)


class EmailContract:
    @pytest.fixture
    def adapter(self) -> Email:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    def test_a_mail_arrives_as_it_was_meant(self, adapter: Email, world: World) -> None:
        text = "Grüße!\n.a dot begins this line\n\n.\n" + "long " * 60 + "\nCome to {link} soon.\n"
        sent = write(adapter, Promise().attempt(), text=text)
        [mail] = world.arrived()
        link = f"{SITE}{PLACE}?of=rst_1&token={proof(KEY, PLACE, 'rst_1')}"
        assert mail["text"] == text.replace("{link}", link)
        assert (mail["to"], mail["subject"], mail["message_id"]) == (SAM, "A new password", sent.message_id)
        assert mail["headers"]["auto-submitted"] == "auto-generated" and mail["headers"]["date"]
        assert mail["headers"]["to"] == SAM and "bcc" not in mail["headers"]

    def test_what_is_kept_does_not_hold_what_the_link_proves(self, adapter: Email, world: World) -> None:
        promise = Promise()
        sent = write(adapter, promise.attempt())
        secret = proof(KEY, PLACE, "rst_1")
        assert secret in world.arrived()[0]["text"]
        assert (
            secret not in json.dumps(promise.pins)
            and secret not in repr(sent)
            and secret not in repr(adapter)
        )

    def test_another_page_or_purpose_is_another_secret(self) -> None:
        made = {
            proof(key, place, what)
            for key in (KEY, b"l" * 32)
            for place in ("/a", "/b")
            for what in ("x", "y")
        }
        assert len(made) == 8 and all(len(one) == 43 for one in made)

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_fault_says_whether_it_may_be_done(self, adapter: Email, world: World, how: str) -> None:
        maybe_done, credentials, mails = FAULTS[how]
        promise = Promise()
        world.fail(how)
        with pytest.raises(Unavailable) as caught:
            write(adapter, promise.attempt())
        assert (caught.value.maybe_done, caught.value.credentials) == (maybe_done, credentials)
        assert len(world.arrived()) == mails
        assert caught.value.words.isprintable() and proof(KEY, PLACE, "rst_1") not in caught.value.words
        world.heal()
        write(adapter, promise.attempt())
        arrived = world.arrived()
        assert len(arrived) == mails + 1
        assert len({(mail["message_id"], mail["headers"]["date"], mail["text"]) for mail in arrived}) == 1

    def test_what_is_sent_again_is_what_was_sent_before(self, adapter: Email, world: World) -> None:
        promise = Promise()
        world.fail("lost before")
        with pytest.raises(Unavailable):
            write(adapter, promise.attempt())
        write(adapter, promise.attempt(), to="other@example.test", text="Something else")
        assert [mail["to"] for mail in world.arrived()] == [SAM]

    def test_a_new_round_is_a_new_message(self, adapter: Email, world: World) -> None:
        promise = Promise()
        for round in (1, 2):
            write(adapter, promise.attempt(round=round))
        assert len({mail["message_id"] for mail in world.arrived()}) == 2

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"to": "sam@example.test\r\nBcc: eve@example.test"}, "bad_address"),
            ({"to": "sam@example.test>\r\nRCPT TO:<eve@example.test"}, "bad_address"),
            ({"to": "sam@example.test, eve@example.test"}, "bad_address"),
            ({"to": "Sam <sam@example.test>"}, "bad_address"),
            ({"to": "sаm@example.test"}, "bad_address"),  # a Cyrillic а
            ({"to": ""}, "bad_address"),
            ({"subject": "Hello\r\nBcc: eve@example.test"}, "bad_subject"),
            ({"subject": "Hello\nX: y"}, "bad_subject"),
            ({"place": "//evil.example"}, "bad_link"),
            ({"place": "/sign-in/reset?x=@evil"}, "bad_link"),
        ],
    )
    def test_nothing_is_smuggled_into_a_message(
        self, adapter: Email, world: World, changes: dict[str, str], code: str
    ) -> None:
        promise = Promise()
        with pytest.raises(Declined) as caught:
            write(adapter, promise.attempt(), **changes)
        assert caught.value.code == code and promise.pins == {} and world.arrived() == []

    def test_a_text_stays_a_text(self, adapter: Email, world: World) -> None:
        text = "Subject: other\r\n\r\n\r\n.\r\nMAIL FROM:<eve@example.test>\r\n"
        write(adapter, Promise().attempt(), text=text, place=None, proves=None)
        [mail] = world.arrived()
        assert (mail["subject"], mail["text"]) == ("A new password", text.replace("\r\n", "\n"))

    def test_the_server_says_no(self, adapter: Email, world: World) -> None:
        with pytest.raises(Declined) as caught:
            write(adapter, Promise().attempt(), to="no-such-mailbox@example.test")
        assert caught.value.code == "550" and "no such mailbox" in caught.value.words
        with pytest.raises(Unavailable) as full:
            write(adapter, Promise("prm_2").attempt(), to="full@example.test")
        assert not full.value.maybe_done and world.arrived() == []
