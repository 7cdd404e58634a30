"""The demo in parts of some hundred customers, made ready to load: by two processes when there are many."""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict, deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import get_context, parent_process
from typing import Any

from ..keyring import Key, place
from ..models import indexed_by, sealed_columns
from . import _clinic, _copy_text, _subscriptions
from ._care import care_of
from ._console import TABLES, Teller
from ._customerio import told_to_customerio
from ._fills import told_to_pharmacies
from ._parcels import told_to_easypost
from ._prescriptions import numbers as fills_of
from ._story import person
from ._stripe import told_to_stripe

AT_ONCE = 500  # customers of a part; a few parts are all that is ever in memory
MANY = 5_000  # customers from which on other processes are worth their start
PROCESSES = 2


@dataclass(frozen=True)
class TableLines:
    """Rows of one table as COPY reads them."""

    table: str
    columns: tuple[str, ...]
    count: int
    text: bytes


@dataclass(frozen=True)
class Part:
    """What vendors hold is JSON lines for the sandbox's bulk load; `pharmacies` has them by adapter."""

    customers: int
    tables: list[TableLines]
    stripe: bytes
    customerio: bytes
    easypost: bytes
    healthcare: bytes
    pharmacies: dict[str, bytes]


def parts(
    customers: int, until: datetime, who: Mapping[str, str], key: Key, index: Key
) -> Generator[Part, None, None]:
    """All customers in the order of their numbers. `who` is as in `Teller`; `key` seals what is to be sealed, `index`
    makes the blind indexes."""
    numbers = [range(start, min(start + AT_ONCE, customers)) for start in range(0, customers, AT_ONCE)]
    make = partial(_part, until=until, who=dict(who), key=key, index=index)
    yield from map(make, numbers) if customers < MANY else _by_others(make, numbers)


def _by_others(make: partial[Part], numbers: Iterable[range]) -> Iterator[Part]:
    """In order, and never more than a few ahead of who loads them."""
    processes = max(1, min(PROCESSES, os.cpu_count() or 1))
    ahead: deque[Future[Part]] = deque()
    others = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_end_with_parent)
    try:
        for some in numbers:
            ahead.append(others.submit(make, some))
            if len(ahead) > processes + 1:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        others.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Who made this process may be killed, and then nobody would ever tell it to end."""

    def wait() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _part(numbers: range, until: datetime, who: Mapping[str, str], key: Key, index: Key) -> Part:
    teller = Teller(who, until)
    rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
    stripe: list[str] = []
    customerio: list[str] = []
    pharmacies: dict[str, list[str]] = defaultdict(list)
    easypost: list[str] = []
    healthcare: list[str] = []
    if numbers.start == 0:
        for model, row in (*teller.products(), *teller.pharmacies()):
            rows[model].append(row)
        stripe += map(json.dumps, _subscriptions.catalogue_at_stripe(until))
        healthcare += map(json.dumps, _clinic.prescribers(teller.opened, until))
        healthcare += map(json.dumps, _clinic.form(teller.opened))
    for i in numbers:
        one = person(i, until)
        care = care_of(one, until)
        for model, row in teller.rows(one, care):
            rows[model].append(row)
        stripe += map(json.dumps, told_to_stripe(one))
        stripe += map(json.dumps, _subscriptions.told_to_stripe(one, until))
        customerio += map(json.dumps, told_to_customerio(one))
        for adapter, line in told_to_pharmacies(one, fills_of(one)):
            pharmacies[adapter].append(json.dumps(line))
        easypost += map(json.dumps, told_to_easypost(one, until))
        healthcare += map(json.dumps, _clinic.told(care, until))
    for model, column in sealed_columns():
        indexed = indexed_by(model, column)
        for row in rows.get(model, ()):
            if row[column] is None:
                continue
            plain = row[column] if isinstance(row[column], bytes) else row[column].encode()
            row[column] = key.seal(plain, place(model.__tablename__, column, row["id"]))
            if indexed:
                row[indexed] = index.index(plain, place(model.__tablename__, column, ""))
    tables = [
        TableLines(
            model.__tablename__,
            columns := tuple(rows[model][0]),
            len(rows[model]),
            _copy_text.lines([row[column] for column in columns] for row in rows[model]),
        )
        for model in TABLES
        if rows[model]
    ]
    by_adapter = {adapter: _lines(lines) for adapter, lines in pharmacies.items()}
    at_stripe, at_customerio, at_easypost, at_healthcare = map(
        _lines, (stripe, customerio, easypost, healthcare)
    )
    return Part(len(numbers), tables, at_stripe, at_customerio, at_easypost, at_healthcare, by_adapter)


def _lines(lines: list[str]) -> bytes:
    return "\n".join(lines).encode()
