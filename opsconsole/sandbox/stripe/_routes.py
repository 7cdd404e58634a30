"""The table of endpoints: each resource file adds its own with the parameters it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ._form import EXPAND, Schema, integer, text, time_range

Endpoint = Callable[..., dict[str, Any]]

LIST: Schema = {
    "limit": integer(1, 100),
    "starting_after": text(),
    "ending_before": text(),
    "created": time_range(),
}


@dataclass(frozen=True)
class Route:
    """`run(turn, values, **ids)` answers with an object or raises ApiError."""

    method: str
    path: str
    takes: Schema
    needs: tuple[str, ...]
    run: Endpoint


ROUTES: list[Route] = []


def route(
    method: str, path: str, takes: Schema | None = None, needs: Iterable[str] = ()
) -> Callable[[Endpoint], Endpoint]:
    """Register an endpoint under `/v1`; every endpoint also takes expand[]."""

    def register(run: Endpoint) -> Endpoint:
        ROUTES.append(Route(method, "/v1" + path, {**(takes or {}), **EXPAND}, tuple(needs), run))
        return run

    return register
