"""What a seal is: HMAC(key, the chain before it | its number | SHA-256 of the entry).

The key is not in the database, so whoever can write there cannot make seals. Each seal is checked against the one
stored before it: one that was touched is named, and does not make those after it look touched too.
"""

from __future__ import annotations

import hashlib
import hmac

BEGINNING = bytes(32)  # what stands before number 1

# The entry as it is sealed. The columns are named, so that a column added later leaves old seals valid; jsonb writes
# the same value always the same way, and instants in the session's time zone: read it in UTC.
ENTRY = """
jsonb_build_object('id', e.id, 'created_at', e.created_at, 'act', e.act, 'by', e.by, 'by_id', e.by_id,
  'address', e.address, 'subject', e.subject, 'says', e.says, 'inputs', e.inputs, 'changes', e.changes,
  'promises', e.promises, 'trace_id', e.trace_id, 'parent_id', e.parent_id, 'within', e.within, 'about', e.about)::text
"""


def digest_of(entry: str) -> bytes:
    """SHA-256 of an entry as ENTRY writes it."""
    return hashlib.sha256(entry.encode()).digest()


def link(key: bytes, before: bytes, number: int, digest: bytes) -> bytes:
    """The chain's value at `number`, after the value `before`."""
    return hmac.digest(key, before + number.to_bytes(8, "big") + digest, "sha256")
