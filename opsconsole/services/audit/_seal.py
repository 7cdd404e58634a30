"""Sealing: the clock gives each new entry its number and its place in the chain, within a second.

Acts do not do it themselves: a chain made inside them would make them wait for each other.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from ._chain import BEGINNING, ENTRY, digest_of, link
from ._heads import Head, Heads

AT_ONCE = 1000

_ALONE = text("select pg_try_advisory_lock(hashtextextended('opsconsole sealer', 0))")
_LAST = text("select number, chain from audit_seals order by number desc limit 1")
_AT = text("select chain from audit_seals where number = :number")
_TAKE = text(f"""
with taken as (
  delete from audit_unsealed where entry_id in (select entry_id from audit_unsealed order by entry_id limit :limit)
  returning entry_id)
select e.id, {ENTRY} as entry from audit_entries e join taken on taken.entry_id = e.id order by e.id
""")
_SEAL = text("""
insert into audit_seals (number, entry_id, digest, chain)
select * from unnest(cast(:numbers as bigint[]), cast(:ids as text[]), cast(:digests as bytea[]), cast(:chains as bytea[]))
""")


def seal(connection: Connection, key: bytes, heads: Heads) -> Head | None:
    """Seal what waits, at most a thousand entries. Returns the chain's new head, None when nothing waited.

    `connection` is the sealer's own, in autocommit: its advisory lock makes a second sealer wait its turn.
    """
    if not connection.scalar(_ALONE):
        return None
    connection.execute(text("set time zone 'UTC'"))
    connection.execute(text("begin"))
    try:
        _keep_evidence(connection, heads)
        sealed = _next(connection, key)
        connection.execute(text("commit"))
    except BaseException:
        connection.execute(text("rollback"))
        raise
    return heads.keep(*sealed) if sealed else None


def _keep_evidence(connection: Connection, heads: Heads) -> None:
    """The head outside is about to be replaced. If the chain no longer leads there, it goes into the history first:
    somebody put an older copy of the audit in place."""
    head = heads.newest()
    if head and connection.scalar(_AT, {"number": head.number}) != head.chain:
        heads.note(head)


def _next(connection: Connection, key: bytes) -> tuple[int, bytes] | None:
    number, chain = connection.execute(_LAST).first() or (0, BEGINNING)
    chain = bytes(chain)
    ids: list[str] = []
    numbers: list[int] = []
    digests: list[bytes] = []
    chains: list[bytes] = []
    for id, entry in connection.execute(_TAKE, {"limit": AT_ONCE}):
        number += 1
        digest = digest_of(entry)
        chain = link(key, chain, number, digest)
        ids.append(id)
        numbers.append(number)
        digests.append(digest)
        chains.append(chain)
    if not ids:
        return None
    connection.execute(_SEAL, {"numbers": numbers, "ids": ids, "digests": digests, "chains": chains})
    return number, chain
