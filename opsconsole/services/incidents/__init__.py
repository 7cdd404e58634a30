"""Vendors in trouble: one incident each, from the first sign until what waited has gone out.

`watch` is the clock's; promises read the incident's row themselves (services/outbox/_outage.py). Who wants to know what is
so now asks `by_port`, whose time it was, `outages`.
"""

from ._affected import Affected, affected
from ._end import NotDeclared, close, drain, end, left
from ._expect_back import AlreadyBack, expect_back
from ._find import LIST, by_port, find, outages, standing
from ._health import Health, connected, health
from ._instead import instead, waiting
from ._open import AlreadyDeclared, declare, open_
from ._silent import Silence
from ._watch import watch
from ._words import can_do, draft

__all__ = [
    "LIST", "Affected", "AlreadyBack", "AlreadyDeclared", "Health", "NotDeclared", "Silence", "affected", "by_port",
    "can_do", "close", "connected", "declare", "draft", "drain", "end", "expect_back", "find", "health", "instead", "left",
    "open_", "outages", "standing", "waiting", "watch",
]  # fmt: skip
