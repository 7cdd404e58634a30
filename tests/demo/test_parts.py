"""Making the demo in parts: by one process or by several, the same; and how far it is, at a terminal and in a log."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from opsconsole.demo import _copy_text, _parts, _progress
from opsconsole.demo._console import SHOP
from opsconsole.demo._progress import Progress
from opsconsole.keyring import Key
from opsconsole.machine.postgres import OWNER
from opsconsole.models import sealed_columns

from ..house import House

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
KEY, INDEX = Key(1, b"k" * 32), Key(2, b"i" * 32)
WHO = {name: name for name in ("Sam Rivera", "Lee Okafor", "Finn Marsh", "Dr. Ada Lindqvist", SHOP, "stripe")}


def test_other_processes_make_the_same_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_parts, "AT_ONCE", 8)
    alone = list(_parts.parts(30, UNTIL, WHO, KEY, INDEX))
    monkeypatch.setattr(_parts, "MANY", 30)
    together = list(_parts.parts(30, UNTIL, WHO, KEY, INDEX))
    assert [part.customers for part in alone] == [8, 8, 8, 6]
    assert [_open(part) for part in together] == [_open(part) for part in alone]


def _open(part: _parts.Part) -> list[object]:
    """What is sealed looks different each time, and is the same inside: its tables by their count alone."""
    sealed = {model.__tablename__ for model, _ in sealed_columns()}
    tables = [(one.table, one.count, b"" if one.table in sealed else one.text) for one in part.tables]
    return [
        part.customers,
        tables,
        part.stripe,
        part.customerio,
        part.easypost,
        part.healthcare,
        part.pharmacies,
    ]


def test_whatever_a_value_holds_copy_reads_it_back(house: House, cluster: Any) -> None:
    odd = 'tab\t back\\slash "quote" line\nend\r {} , \\N Zoë'
    row = (odd, None, Jsonb({"says": odd}), [odd, "", "NULL"], b"\x00\\\xff", True, 7, UNTIL, UNTIL.date())
    columns = "a text, b text, c jsonb, d text[], e bytea, f bool, g int, h timestamptz, i date"
    name = str(house.rows("select current_database()")[0][0])
    url = cluster.url(name, OWNER).replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"create temp table odd ({columns})".encode())
        with cursor.copy("copy odd from stdin") as copy:
            copy.write(_copy_text.lines([row, row]))
        read = cursor.execute("select * from odd").fetchall()
    assert (
        read
        == [(odd, None, {"says": odd}, [odd, "", "NULL"], b"\x00\\\xff", True, 7, UNTIL, UNTIL.date())] * 2
    )


def test_progress_is_a_line_now_and_then_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    instant = [100.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: instant[0])
    out = io.StringIO()
    progress = Progress(1000, out)
    for made in range(100, 1001, 100):
        instant[0] += 6.0
        progress.done(made, made * 50)
    assert out.getvalue().splitlines() == [
        "Demo data: 100 of 1,000 customers, 5,000 rows, 833 rows/s, 0:54 min left",
        *(
            f"Demo data: {made} of 1,000 customers, {made * 50:,} rows, 833 rows/s, {left} min left"
            for made, left in ((300, "0:42"), (500, "0:30"), (700, "0:18"), (900, "0:06"))
        ),
        "Demo data: 1,000 of 1,000 customers, 50,000 rows, 833 rows/s, in 1:00 min",
    ]


def test_progress_is_a_bar_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    instant = [100.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: instant[0])
    progress = Progress(10, out := Terminal())
    for made in (5, 10):
        instant[0] += 1.0
        progress.done(made, made)
    half, whole = out.getvalue().split("\r")[1:]
    assert half.startswith("█" * 15 + "░" * 15 + " 5 of 10 customers") and "\n" not in half
    assert whole.startswith("█" * 30 + " 10 of 10") and whole.endswith("\n")
