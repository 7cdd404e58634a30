"""Proving that the audit is what was written: every seal, every entry, and the heads kept outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from ._chain import BEGINNING, ENTRY, digest_of, link
from ._heads import Heads

_ALL = text(f"""
select s.number, s.entry_id, s.digest, s.chain, e.id, {ENTRY} as entry
from audit_seals s left join audit_entries e on e.id = s.entry_id order by s.number
""")
_UNSEALED = text("""
select e.id, w.entry_id is not null as waits from audit_entries e
left join audit_seals s on s.entry_id = e.id left join audit_unsealed w on w.entry_id = e.id
where s.entry_id is null order by e.id
""")


@dataclass(frozen=True)
class Touched:
    """`what` names a row (aud_…, "seal 17", "seals 5 to 9"); `says` what is wrong with it."""

    what: str
    says: str


@dataclass
class Verdict:
    """`sealed` entries were checked; `tail` are the ids that still wait for their seal, `touched` what is wrong."""

    sealed: int = 0
    tail: list[str] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.touched


def verify(connection: Connection, key: bytes, heads: Heads) -> Verdict:
    """Read the whole audit in one snapshot and check it. Reads only."""
    verdict = Verdict()
    connection.execute(text("set time zone 'UTC'"))
    connection.execute(text("begin isolation level repeatable read read only"))
    try:
        verdict.touched += _chain(connection, key, verdict, heads)
        for id, waits in connection.execute(_UNSEALED):
            if waits:
                verdict.tail.append(id)
            else:
                verdict.touched.append(
                    Touched(id, "was never sealed, and does not wait for it: put in by hand")
                )
    finally:
        connection.execute(text("rollback"))
    return verdict


def _chain(connection: Connection, key: bytes, verdict: Verdict, heads: Heads) -> Iterator[Touched]:
    outside = {head.number: head for head in heads.read()}
    number, chain = 0, BEGINNING
    for row in connection.execute(_ALL, execution_options={"stream_results": True, "yield_per": 2000}):
        if row.number != number + 1:
            yield Touched(_seals(number + 1, row.number - 1), "are gone")
        else:
            yield from _one(row, key, chain)
        head = outside.pop(row.number, None)
        if head and head.chain != bytes(row.chain):
            yield Touched(
                f"seal {row.number}", f"is not the one that was written outside at {head.at:%Y-%m-%d %H:%M}"
            )
        number, chain = row.number, bytes(row.chain)
        verdict.sealed += 1
    if cut := [seen for seen in outside if seen > number]:
        yield Touched(
            _seals(number + 1, max(cut)), "are gone: the chain was longer, says the head written outside"
        )


def _one(row: Any, key: bytes, before: bytes) -> Iterator[Touched]:
    if link(key, before, row.number, bytes(row.digest)) != bytes(row.chain):
        yield Touched(f"seal {row.number}", f"of {row.entry_id} does not follow from the seal before it")
    if row.id is None:
        yield Touched(row.entry_id, f"is gone; it was number {row.number}")
    elif digest_of(row.entry) != bytes(row.digest):
        yield Touched(row.entry_id, f"is not what was sealed as number {row.number}")


def _seals(first: int, last: int) -> str:
    return f"seal {first}" if first == last else f"seals {first} to {last}"
