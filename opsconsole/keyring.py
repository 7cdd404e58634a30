"""The keys of what nobody may read in the database, in a dump of it or in a backup.

A value is sealed by a data key (AES-256-GCM). Data keys lie in the database, wrapped by a master key that is only in
the environment. The place of a value (table, column, row) is authenticated with it, so a value that was moved to
another row does not open. What is sealed begins with a version and the number of its key:

    01 | number, 4 bytes | nonce, 12 bytes | ciphertext and tag
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from sqlalchemy import Connection, text

from .config import Settings
from .db import AT_ONCE, db

VERSION = b"\x01"
HEADER = 5  # bytes: the version and the key's number
NONCE = 12
FRESH = (
    5.0  # seconds for which a process goes on sealing with a key before it asks whether there is a newer one
)

SEALS, DIGESTS, INDEXES = "seal", "digest", "index"  # what a data key is for


class CannotOpen(Exception):
    """It was sealed for another place, somebody touched it, or its key is not here."""


def place(table: str, column: str, id: str) -> str:
    """Where a value belongs, as it is sealed with it."""
    return f"{table}|{column}|{id}"


def header(number: int) -> bytes:
    """What everything begins with that the key of that number sealed."""
    return VERSION + number.to_bytes(4, "big")


def number_of(sealed: bytes) -> int:
    """The number of the key that sealed it. Raises CannotOpen."""
    if sealed[:1] != VERSION or len(sealed) < HEADER + NONCE:
        raise CannotOpen("This is nothing that was sealed here.")
    return int.from_bytes(sealed[1:HEADER], "big")


@dataclass(frozen=True)
class Key:
    """A data key, as it seals and opens. Its secret, 32 bytes, is never shown."""

    number: int
    secret: bytes = field(repr=False)

    def seal(self, plain: bytes, place: str) -> bytes:
        start, nonce = header(self.number), os.urandom(NONCE)
        return start + nonce + AESGCM(self.secret).encrypt(nonce, plain, start + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises CannotOpen."""
        start, nonce, rest = sealed[:HEADER], sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :]
        try:
            return AESGCM(self.secret).decrypt(nonce, rest, start + place.encode())
        except InvalidTag:
            raise CannotOpen(f"What stands in {place} was not sealed for there.") from None

    def index(self, plain: bytes, column: str) -> bytes:
        """Begins as what is sealed does, so that it tells by which key it was made; then 16 bytes of an HMAC-SHA-256
        that is bound to its column."""
        return (
            header(self.number) + hmac.new(self.secret, column.encode() + plain, hashlib.sha256).digest()[:16]
        )


Borrow = Callable[[], AbstractContextManager[Connection]]


class Keyring:
    """All keys of one installation. `masters` are by id, the newest first; `borrow` lends a connection that commits
    by itself."""

    def __init__(self, masters: Mapping[str, bytes], borrow: Borrow) -> None:
        self._masters = dict(masters)
        self._borrow = borrow
        self._keys: dict[int, Key] = {}
        self._newest: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    @property
    def masters(self) -> tuple[str, ...]:
        """The ids of the master keys that are here, the newest first."""
        return tuple(self._masters)

    @property
    def master(self) -> str:
        """The id of the master key that wraps what is new."""
        return next(iter(self._masters))

    def seal(self, plain: bytes, place: str) -> bytes:
        return self.newest().seal(plain, place)

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises CannotOpen."""
        return self._key(number_of(sealed)).open(sealed, place)

    def digest(self, plain: bytes) -> str:
        """A fingerprint, 24 hex digits, that tells equal values from others and nobody can guess the value by."""
        return hmac.new(self.newest(DIGESTS).secret, plain, hashlib.sha256).hexdigest()[:24]

    def index(self, plain: bytes, column: str) -> bytes:
        """What equal values of a column have in common, and nobody can compute who has no key (a blind index)."""
        return self.newest(INDEXES).index(plain, column)

    def indexes(self, plain: bytes, column: str) -> list[bytes]:
        """The same by every key that may still index a row: during a rotation there are two."""
        query = text("select number from data_keys where purpose = :purpose and retired_at is null")
        with self._borrow() as connection:
            numbers = connection.scalars(query, {"purpose": INDEXES}).all()
        return [self._key(number).index(plain, column) for number in numbers]

    def newest(self, purpose: str = SEALS) -> Key:
        """The key to use now. It is asked for again every few seconds, so a new one is used without a restart."""
        number, read_at = self._newest.get(purpose, (0, 0.0))
        if not number or time.monotonic() - read_at > FRESH:
            number = self._ask_newest(purpose)
            self._newest[purpose] = number, time.monotonic()
        return self._key(number)

    def forget(self) -> None:
        """Ask for the newest keys again, before the seconds are over."""
        self._newest.clear()

    def _ask_newest(self, purpose: str) -> int:
        query = text("select max(number) from data_keys where purpose = :purpose")
        with self._lock, self._borrow() as connection:
            found = connection.scalar(query, {"purpose": purpose})
            return int(found) if found else self.add(connection, purpose)

    def _key(self, number: int) -> Key:
        if (known := self._keys.get(number)) is None:
            query = text("select wrapped, master from data_keys where number = :number")
            with self._borrow() as connection:
                row = connection.execute(query, {"number": number}).first()
            if row is None:
                raise CannotOpen(f"There is no data key {number}.")
            known = self._keys[number] = Key(number, self._unwrapped(number, row.wrapped, row.master))
        return known

    # ------------------------------------------------------------ wrapping

    def add(self, connection: Connection, purpose: str) -> int:
        """A new data key; returns its number. It is used once the connection has committed."""
        new = text(
            "insert into data_keys (number, purpose, wrapped, master) values (:number, :purpose, :wrapped, :master) "
            "on conflict do nothing returning number"
        )
        while True:
            number = int(connection.scalar(text("select coalesce(max(number), 0) + 1 from data_keys")) or 1)
            wrapped = self._wrapped(number, os.urandom(32))
            row = {"number": number, "purpose": purpose, "wrapped": wrapped, "master": self.master}
            if connection.scalar(new, row):
                return number

    def rewrap(self, connection: Connection) -> int:
        """Wrap every data key by the newest master key that another one wraps; returns how many that were."""
        others = text("select number, wrapped, master from data_keys where master <> :master")
        change = text("update data_keys set wrapped = :wrapped, master = :master where number = :number")
        rows = connection.execute(others, {"master": self.master}).all()
        for number, wrapped, master in rows:
            secret = self._unwrapped(number, wrapped, master)
            new = {"number": number, "wrapped": self._wrapped(number, secret), "master": self.master}
            connection.execute(change, new)
        return len(rows)

    def _wrapped(self, number: int, secret: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self._masters[self.master]).encrypt(nonce, secret, _wrapping(number))

    def _unwrapped(self, number: int, wrapped: bytes, master: str) -> bytes:
        if master not in self._masters:
            raise CannotOpen(
                f"Data key {number} is wrapped by {master}: put that key back into OPSCONSOLE_KEYS."
            )
        try:
            opener = AESGCM(self._masters[master])
            return opener.decrypt(bytes(wrapped[:NONCE]), bytes(wrapped[NONCE:]), _wrapping(number))
        except InvalidTag:
            raise CannotOpen(
                f"The key {master} of OPSCONSOLE_KEYS is not the one that wrapped data key {number}."
            ) from None


def _wrapping(number: int) -> bytes:
    return place("data_keys", "wrapped", str(number)).encode()


def init_keyring(app: Flask, settings: Settings) -> None:
    """Give the app the keys of its settings. Nothing is read before one is needed."""
    app.extensions["keyring"] = Keyring(settings.masters(), lambda: db.engines[AT_ONCE].connect())


def ring() -> Keyring:
    """The keys of the app that is current."""
    found: Keyring = current_app.extensions["keyring"]
    return found
