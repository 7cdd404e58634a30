"""Opaque, prefixed, time-ordered ids made in Python: `rf_` + 26 characters of Crockford base32."""

from __future__ import annotations

import os
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_lock = threading.Lock()
_last = 0


def new(prefix: str) -> str:
    """An id that sorts by the moment it was made, also within one millisecond of one process."""
    global _last
    with _lock:
        _last = max(time.time_ns() // 1000, _last + 1)
        micros = _last
    number = (micros << 72) | int.from_bytes(os.urandom(9))
    letters = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        letters.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(letters))}"
