"""What the console does, one package per noun, one story file per verb.

Four lines, and a lower one never imports an upper one:
  _actor _act cases outbox inbox audit          the plumbing: acts, promises, events, cases
  customers orders payments staff               the nouns everything uses
  refunds                                       the work
"""

from __future__ import annotations

from ._act import (
    ACTS,
    Act,
    Answer,
    Key,
    Performance,
    Preview,
    WorldChanged,
    again_after_deadlock,
    perform,
    preview,
    transaction,
)  # fmt: skip
from ._actor import CLOCK, CONSOLE, STRIPE, WORKER, Actor, robot
from ._find import newest

__all__ = [
    "ACTS", "CLOCK", "CONSOLE", "STRIPE", "WORKER", "Act", "Actor", "Answer", "Key", "Performance", "Preview",
    "WorldChanged", "again_after_deadlock", "newest", "perform", "preview", "robot", "transaction",
]  # fmt: skip
