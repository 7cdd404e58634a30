"""Scenes that many tests begin with are set once and kept: the next test that asks for the same gets the rows and the
sandbox as they stood, at the time at which they stood.

A scene is set through the doors whenever anything has happened that it did not do itself: a row is written, the sandbox
was told or dialled, something is patched, an adapter is another. And it is set anew after KEPT_FOR, so that the walks
through the doors are walked all along a run.
"""

from __future__ import annotations

import copy
import functools
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import pytest

from opsconsole import vendors
from opsconsole.sandbox import SandboxApp

from .conftest_parts import AsNew, Rows

if TYPE_CHECKING:
    from .house import House

KEPT_FOR = 300.0  # seconds: by no more is the console's time behind the machine's where a scene was taken up
NEW = 0  # the state of a house in which nothing has happened

P = ParamSpec("P")
R = TypeVar("R")
_states = itertools.count(1)
_patches = itertools.count(1)
_patched = 0


def _noticed(change: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(change)
    def patch(*args: Any, **kwargs: Any) -> None:
        global _patched
        _patched = next(_patches)
        change(*args, **kwargs)

    return patch


for _change in ("setattr", "delattr", "setitem", "delitem"):
    setattr(pytest.MonkeyPatch, _change, _noticed(getattr(pytest.MonkeyPatch, _change)))


@dataclass(frozen=True)
class Kept:
    """What a scene left behind, and the state that this is."""

    state: int
    at: float  # the machine's time
    rows: Rows
    sandbox: Sandboxed
    orders: int
    result: Any


@dataclass(frozen=True)
class Sandboxed:
    """A sandbox that keeps everything in memory, as it stood."""

    image: bytes
    calls: list[Any]
    traffic: dict[str, Any]

    @classmethod
    def of(cls, app: SandboxApp) -> Sandboxed:
        sandbox = app.sandbox
        traffic = {name: value for name, value in vars(sandbox.traffic).items() if name != "_lock"}
        return cls(sandbox.store.image(), [*sandbox.calls], copy.deepcopy(traffic))

    def put_back(self, app: SandboxApp, ago: float) -> None:
        sandbox = app.sandbox
        sandbox.store.restore(self.image)
        with sandbox.store.transaction() as db:
            db.execute("UPDATE clock SET offset_seconds = offset_seconds - ?", (ago,))
        sandbox.clock.advance(0)
        sandbox.faults.clear()
        sandbox.calls.clear()
        sandbox.calls.extend(self.calls)
        vars(sandbox.traffic).update(copy.deepcopy(self.traffic))


_kept: dict[tuple[int, str], Kept] = {}  # by the state a scene began in, and what was asked for


class Keeper:
    """What one house remembers of what has happened in it since it was new."""

    def __init__(self, database: AsNew, house: House, files: Any) -> None:
        self.database = database
        self.house = house
        self.files = files
        self.thread = threading.current_thread()
        self.outside = self._outside()
        self.state: int | None = NEW
        self.rows = ""  # as `AsNew.stands` tells
        self.written = self._written()
        for key in [key for key, kept in _kept.items() if time.time() > kept.at + KEPT_FOR]:
            del _kept[key]

    def play(self, name: str, build: Callable[[], Any], kept_for: float) -> Any:
        """What `build` returns, with all that it does done: by itself, or by whoever built the same before."""
        if not self._intact():
            self.state = None
            return build()
        assert self.state is not None
        began = self.state, name
        kept = _kept.get(began)
        if kept and time.time() < kept.at + kept_for:
            self._take_up(kept)
        else:
            result = build()
            if self._changed_outside() or self._holds_files():
                self.state = None
                return result
            kept = _kept[began] = self._keep(result)
        self.state = kept.state
        self.rows = self.database.stands()
        self.written = self._written()
        return copy.deepcopy(kept.result)

    def _intact(self) -> bool:
        """Nothing has happened since the last scene ended."""
        return (
            self.state is not None
            and not self._changed_outside()
            and self.written == self._written()
            and not self._holds_files()
            and self.rows == self.database.stands()
        )

    def _outside(self) -> Any:
        """What is no row and no vendor's object, and a test may change."""
        return _patched, {**self.house.app.config}, {port: id(one) for port, one in vendors._ports.items()}

    def _changed_outside(self) -> bool:
        return (
            threading.current_thread() is not self.thread
            or bool(self.house.sandbox.faults.list())
            or self.outside != self._outside()
        )

    def _written(self) -> int:
        return self.house.sandbox.store._db.total_changes

    def _holds_files(self) -> bool:
        return self.files.exists() and any(self.files.iterdir())

    def _keep(self, result: Any) -> Kept:
        return Kept(
            state=next(_states),
            at=time.time(),
            rows=self.database.rows(),
            sandbox=Sandboxed.of(self.house.sandbox_app),
            orders=self.house.orders,
            result=copy.deepcopy(result),
        )

    def _take_up(self, kept: Kept) -> None:
        kept.sandbox.put_back(self.house.sandbox_app, time.time() - kept.at)
        self.house.orders = kept.orders
        self.database.put(kept.rows, ahead=self.house.sandbox.clock.offset)


def scene(build: Callable[P, R]) -> Callable[P, R]:
    """Mark what sets a scene: a function of the house and of plain values, that returns plain values."""
    return scene_for(KEPT_FOR)(build)


def scene_for(seconds: float) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same of what is good for a shorter time only."""
    return functools.partial(_scene, kept_for=seconds)


def _scene(build: Callable[P, R], *, kept_for: float) -> Callable[P, R]:
    @functools.wraps(build)
    def played(*args: P.args, **kwargs: P.kwargs) -> R:
        house: Any = args[0]
        if house.keeper is None:
            return build(*args, **kwargs)
        name = f"{build.__module__}.{build.__qualname__}{args[1:]}{sorted(kwargs.items())}"
        return house.keeper.play(name, lambda: build(*args, **kwargs), kept_for)  # type: ignore[no-any-return]

    return played
