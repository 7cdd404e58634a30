"""What nobody may read in the database: sealed for its place, by keys that the database does not have."""

from __future__ import annotations

import os

import pytest

from opsconsole import create_app, keyring
from opsconsole.config import Misconfigured, Settings
from opsconsole.db import db
from opsconsole.keyring import CannotOpen, Key, place
from opsconsole.models import (
    AnswerPhoto,
    Attachment,
    BrokenGlass,
    Customer,
    Decision,
    GateOverride,
    InboxEvent,
    Note,
    NoteVersion,
    PrescriptionRequest,
    RejectedDelivery,
    VisitAnswers,
    sealed_columns,
)
from opsconsole.services import keys

from ..conftest import settings_for
from ..house import House

SAID = "A rash after the tretinoin, photo asked for"


def note_on(house: House, text: str = SAID, url: str | None = None) -> str:
    """The URL of a note on a new order, or on `url`."""
    on = url or house.order("60.00")["url"]
    return str(house.api().post(f"{on}/note", {"text": text, "phi": True})["subject"])


def test_the_database_holds_no_word_of_it_and_the_console_reads_it(house: House) -> None:
    url = note_on(house)
    assert house.api().get(url)["text"] == SAID
    for query in ("select text from notes", "select text from note_versions"):
        [(kept,)] = house.rows(query)
        assert SAID.encode() not in kept and b"tretinoin" not in kept and kept[:1] == keyring.VERSION
    bodies = [bytes(kept) for (kept,) in house.rows("select body from inbox_events")]
    assert bodies and not any(b"evt_" in kept or kept[:1] == b"{" for kept in bodies)
    house.app.test_client().post("/webhooks/stripe", data=b'{"forged": "by a neighbour"}')
    [(sample,)] = house.rows("select sample from rejected_deliveries")
    assert b"neighbour" not in sample
    with house.app.app_context():
        [forged] = db.session.query(RejectedDelivery)
        assert forged.sample == b'{"forged": "by a neighbour"}'
        assert all(event.body.startswith(b"{") for event in db.session.query(InboxEvent))


def test_what_is_moved_to_another_row_does_not_open(house: House) -> None:
    with house.app.app_context():
        ring = keyring.ring()
        for number in range(100):
            kept = ring.seal(SAID.encode(), place("notes", "text", f"nte_{number}"))
            assert ring.open(kept, place("notes", "text", f"nte_{number}")) == SAID.encode()
            for elsewhere in (f"nte_{number + 1}", f"nte_{number}0"):
                with pytest.raises(CannotOpen):
                    ring.open(kept, place("notes", "text", elsewhere))
            with pytest.raises(CannotOpen):
                ring.open(kept, place("note_versions", "text", f"nte_{number}"))


def test_a_note_whose_text_was_put_under_another_is_not_shown_as_that(house: House) -> None:
    first = note_on(house, "Mine")
    order = house.api().get(first)["subject"]
    second = note_on(house, "Yours", order)
    ids = {"first": first.rpartition("/")[2], "second": second.rpartition("/")[2]}
    with house.app.app_context():
        swap = "update notes set text = (select text from notes where id = :first) where id = :second"
        db.session.execute(db.text(swap), ids)
        db.session.commit()
    house.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = house.app.test_client().get(second, headers=house.api().headers)
    assert answer.status_code == 500 and "Mine" not in answer.text


@pytest.mark.parametrize("touch", [0, 2, 7, 20, -1])
def test_one_bit_that_differs_is_noticed(touch: int) -> None:
    key, where = Key(1, os.urandom(32)), place("notes", "text", "nte_1")
    kept = bytearray(key.seal(b"said", where))
    kept[touch] ^= 1
    with pytest.raises(CannotOpen):
        keyring.number_of(bytes(kept))
        key.open(bytes(kept), where)


def test_equal_words_are_sealed_differently_and_digested_alike(house: House) -> None:
    with house.app.app_context():
        ring, where = keyring.ring(), place("notes", "text", "nte_1")
        assert ring.seal(b"said", where) != ring.seal(b"said", where)
        assert ring.digest(b"said") == ring.digest(b"said") != ring.digest(b"sayd")


def test_what_was_sealed_is_what_the_models_say() -> None:
    assert {(model, column) for model, column in sealed_columns()} == {
        (Attachment, "name"), (Attachment, "key"), (BrokenGlass, "reason"), (BrokenGlass, "note"), (Customer, "birth_date"),
        (Note, "text"), (NoteVersion, "text"), (InboxEvent, "body"), (RejectedDelivery, "sample"),
            (PrescriptionRequest, "face"), (Decision, "content"), (VisitAnswers, "told"),
            (GateOverride, "words"), (AnswerPhoto, "place"),
    }  # fmt: skip


# ---------------------------------------------------------------- master keys

GOOD = "2026b:" + "QUJD" * 10 + "QUI=" + ",2026a:" + "Q" * 43 + "="
PRODUCTION = {
    "OPSCONSOLE_DATABASE_URL": "postgresql://nobody@localhost/none",
    "OPSCONSOLE_SECRET_KEY": "x" * 40,
    "STRIPE_API_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "OPSCONSOLE_ENV": "production",
}


def test_keys_are_those_of_the_setting_and_else_made_from_the_secret_key() -> None:
    assert list(Settings.from_environment(PRODUCTION).masters()) == ["sandbox"]
    settings = Settings.from_environment({**PRODUCTION, "OPSCONSOLE_KEYS": GOOD})
    assert list(settings.masters()) == ["2026b", "2026a", "sandbox"] and GOOD not in repr(settings)
    assert list(settings_for("postgresql+psycopg://nobody@localhost/none").masters()) == ["sandbox"]


def test_what_was_sealed_before_there_were_keys_opens_with_them_too(
    house: House, fresh_database: str
) -> None:
    """In production: the key made from the secret key stays, opens what it wrapped, and wraps nothing that is new."""
    url = note_on(house)
    console = House(
        create_app(settings_for(fresh_database, env="production", keys=GOOD.partition(",")[0])),
        house.sandbox_app,
    )
    with console.app.app_context():
        note = Note.require(url.rpartition("/")[2])
        assert note.text == SAID and keyring.ring().masters == ("2026b", "sandbox")
        stands = {one.id: one for one in keys.status().masters}
        assert stands["sandbox"].values > 0 and stands["2026b"].data_keys == 0
        keys.rotate(patience=0)
        stands = {one.id: one for one in keys.status().masters}
        assert (stands["sandbox"].data_keys, stands["sandbox"].values) == (0, 0) and stands[
            "2026b"
        ].values > 0
        assert Note.require(note.id).text == SAID
    console.close()


def test_no_key_is_called_as_the_one_that_is_made() -> None:
    with pytest.raises(Misconfigured, match="rename it"):
        Settings.from_environment({**PRODUCTION, "OPSCONSOLE_KEYS": GOOD.replace("2026a", "sandbox")})


@pytest.mark.parametrize("said", ["abc", "a:AAAA", ":" + "Q" * 43 + "=", "a:" + "!" * 44, f"{GOOD},b:x"])
def test_keys_that_are_none_are_refused_without_being_told(said: str) -> None:
    with pytest.raises(Misconfigured, match="OPSCONSOLE_KEYS is malformed") as told:
        Settings.from_environment({**PRODUCTION, "OPSCONSOLE_KEYS": said})
    assert said not in str(told.value)
