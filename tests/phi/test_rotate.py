"""Changing keys while everybody works: killed twice, it goes on where it was, and nothing is lost."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text

from opsconsole import create_app, keyring
from opsconsole.db import db, own_connection
from opsconsole.lib import ids
from opsconsole.models import DataKey, InboxEvent, KeyRotation
from opsconsole.services import CONSOLE, keys

from ..conftest import settings_for
from ..house import KEY, SECRET, House
from .test_sealed import SAID, note_on


def events(house: House, count: int) -> None:
    """That many events in the inbox, each with a body of its own."""
    now = datetime.now(UTC)
    made = [ids.new("inb") for _ in range(count)]
    rows = [
        {
            "id": id, "source": "stripe", "external_id": f"evt_{n}", "kind": "charge.updated", "object_kind": "charge",
            "occurred_at": now, "via": "webhook", "body_sealed": InboxEvent.body.seal(f"body {n}".encode(), id),
            "status": "ignored",
        }
        for n, id in enumerate(made)
    ]  # fmt: skip
    for start in range(0, count, 5000):
        db.session.execute(insert(InboxEvent), rows[start : start + 5000])
    db.session.commit()


def command(database: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "OPSCONSOLE_ENV": "test",
        "OPSCONSOLE_DATABASE_URL": database,
        "OPSCONSOLE_SECRET_KEY": "x" * 40,
        "STRIPE_API_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "PYTHONUNBUFFERED": "1",
    }
    line = [sys.executable, "-m", "opsconsole.cli", "keys", *arguments]
    return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True)


def killed_after(lines: int, process: subprocess.Popen[str]) -> int:
    """How many lines it said before it was killed in the middle of its work."""
    assert process.stdout
    said = 0
    for _ in process.stdout:
        said += 1
        if said == lines:
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait() == -signal.SIGKILL
    return said


def all_open(count: int) -> bool:
    """Does every event's body open, and say what it said?"""
    opened = {event.external_id: event.body for event in db.session.query(InboxEvent).yield_per(1000)}
    return all(opened[f"evt_{n}"] == f"body {n}".encode() for n in range(count))


def p95(took: list[float]) -> float:
    """In milliseconds."""
    return sorted(took)[int(len(took) * 0.95)] * 1000


def timed(house: House, url: str) -> tuple[float, str]:
    began = time.perf_counter()
    text = str(house.api().get(url)["text"])
    return time.perf_counter() - began, text


def rotates_under_load(
    house: House, database: str, count: int, batch: int, *, apart: bool = False
) -> tuple[float, float, float]:
    """`apart` runs the last of the three as a process of its own too, as an operator does. Returns the seconds that the
    three runs took together, and the 95th percentile of a read in milliseconds, before and meanwhile."""
    url = note_on(house)
    for _ in range(10):
        timed(house, url)
    quiet = [timed(house, url)[0] for _ in range(100)]
    with house.app.app_context():
        events(house, count)
        before = house.rows("select count(*) from inbox_events")[0][0]
    began, waited = time.perf_counter(), 0.0
    for _ in range(2):
        killed_after(3, command(database, "rotate", "--batch", str(batch)))
        stopped = time.perf_counter()
        with house.app.app_context():
            half = keys.status()
            assert half.rotation and 0 < half.rotation.resealed < count
            assert {key.values > 0 for key in half.keys if key.purpose == "seal"} == {True}
            db.session.rollback()
        waited += time.perf_counter() - stopped
    assert house.rows("select count(*) from key_rotations")[0][0] == 1
    stop, trouble, read, took = threading.Event(), [], [], []

    def work() -> None:
        """Somebody who reads and writes all the while."""
        while not stop.is_set():
            try:
                seconds, text = timed(house, url)
                took.append(seconds)
                read.append(text)
                note_on(house, f"Note {len(read)}", house.api().get(url)["subject"])
            except Exception as error:
                trouble.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        if apart:
            last = command(database, "rotate", "--batch", str(batch))
            said = last.communicate()[0].splitlines()[-1]
            resealed = int(said.partition(" ")[0].replace(",", ""))
        else:
            with house.app.app_context():
                resealed = keys.rotate(batch=batch, patience=keyring.FRESH + 1)
        lasted = time.perf_counter() - began - waited
    finally:
        stop.set()
        worker.join()
    assert not trouble and read and set(read) == {SAID}
    with house.app.app_context():
        stands = keys.status()
        [old, new] = [key for key in stands.keys if key.purpose == "seal"]
        assert stands.rotation is None and resealed >= before
        assert (old.values, new.newest) == (0, True) and old.retired_at and new.values > before
        assert all_open(count)
    return lasted, p95(quiet), p95(took)


def test_killed_twice_it_goes_on_while_somebody_reads_and_writes(house: House, fresh_database: str) -> None:
    rotates_under_load(house, fresh_database, count=4000, batch=200)


@pytest.mark.soak
def test_a_hundred_thousand_values(house: House, fresh_database: str) -> None:
    """Killed twice, while somebody reads and writes. Within ten minutes; reading is told, because how much slower it is
    depends on what else the machine does."""
    lasted, before, meanwhile = rotates_under_load(
        house, fresh_database, count=100_000, batch=500, apart=True
    )
    print(
        f"100,000 values in {lasted:.0f} s; a read: p95 {before:.1f} ms before, {meanwhile:.1f} ms meanwhile"
    )
    assert lasted < 600


def test_a_new_master_key_wraps_all_and_the_old_one_can_be_thrown_away(
    house: House, fresh_database: str
) -> None:
    url = note_on(house)
    first, second = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))

    def console(said: str) -> House:
        return House(create_app(settings_for(fresh_database, keys=said)), house.sandbox_app)

    newer = console(f"b:{first}")
    with newer.app.app_context():
        keys.rotate(patience=0)
        assert {key.master for key in keys.status().keys} == {"b"}
    newest = console(f"c:{second},b:{first}")
    with newest.app.app_context():
        keys.rotate(patience=0)
    alone = console(f"c:{second}")
    assert alone.api().get(url)["text"] == SAID
    with alone.app.app_context():
        assert all(key.master == "c" for key in keys.status().keys)
    without = console(f"b:{first}")
    without.app.config["PROPAGATE_EXCEPTIONS"] = False
    assert without.app.test_client().get(url, headers=house.api().headers).status_code == 500
    for one in (newer, newest, alone, without):
        one.close()


def test_two_at_once_are_refused_and_nothing_is_finished_that_was_not_begun(house: House) -> None:
    with house.app.app_context():
        with own_connection() as other:
            other.execute(text("select pg_advisory_lock(8302714)"))
            with pytest.raises(keys.AtIt):
                keys.rotate(patience=0)
        with pytest.raises(keys.Nothing):
            keys.finish(by=CONSOLE)
        assert db.session.query(KeyRotation).count() == 0 and db.session.query(DataKey).count() == 2


def test_what_a_rotation_did_stands_in_the_audit(house: House) -> None:
    note_on(house)
    with house.app.app_context():
        keys.rotate(patience=0)
    said = [
        row[0]
        for row in house.rows("select says from audit_entries where act like 'keys.%' order by created_at")
    ]
    assert said == [
        "Began to seal with data key 3; 0 keys are wrapped by sandbox now",
        "All is sealed by data key 3; retired: 1",
    ]


def test_a_version_of_a_note_can_be_sealed_anew_and_nothing_else(house: House, fresh_database: str) -> None:
    note_on(house)
    process = command(fresh_database, "status")
    said = process.communicate()[0]
    assert process.returncode == 0 and "seals" in said and "wrapped by sandbox" in said
    with house.app.app_context():
        for change in ("phi = false", "number = 7", "note_id = 'x'", "created_at = now()", "id = 'x'"):
            with pytest.raises(Exception, match=r"only ever added to|permission denied"):
                db.session.execute(text(f"update note_versions set {change}"))
            db.session.rollback()
