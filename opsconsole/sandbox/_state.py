"""What the sandbox remembers: one SQLite file that survives kill -9, or memory when no file is given."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Store:
    """One connection behind one lock: every read and write takes its turn, each transaction is atomic.

    `synchronous=FULL` makes a commit wait for the disk, so what an answer told the caller is never forgotten.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA cache_size=-65536")

    def define(self, schema: str) -> None:
        """Create the tables of one part, where they do not exist yet."""
        with self._lock:
            self._db.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing of it. Transactions do not nest."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._db

    def image(self) -> bytes:
        """All that is in memory."""
        with self._lock:
            return self._db.serialize()

    def restore(self, image: bytes) -> None:
        """Hold what an image holds, and nothing else."""
        with self._lock:
            self._db.deserialize(image)

    def close(self) -> None:
        with self._lock:
            self._db.close()
