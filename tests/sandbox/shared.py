"""One sandbox for all tests of this process that want the same, as new for each: creating one takes longer than most of
them do."""

from __future__ import annotations

from typing import Any

from opsconsole.sandbox import SandboxApp, create_sandbox
from opsconsole.sandbox._webhooks import Deliver

_made: dict[tuple[tuple[str, Any], ...], tuple[SandboxApp, bytes]] = {}


def sandbox_as_new(*, deliver: Deliver, **settings: Any) -> SandboxApp:
    """As `create_sandbox(None, ..)`. Whoever used the one before must be done with it; nobody closes it."""
    wanted = tuple(sorted(settings.items()))
    if wanted not in _made:
        app = create_sandbox(None, deliver=deliver, **settings)
        _made[wanted] = app, app.sandbox.store.image()
    app, image = _made[wanted]
    app.sandbox.begin_anew(image, deliver)
    return app
