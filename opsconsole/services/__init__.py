"""What the console does, one package per noun, one story file per verb.

From the ground up; a lower line never imports an upper one:
  _actor _transaction _act _perform      who acts, one commit, one act, its door
  cases outbox inbox audit watch         what acts leave behind, and what looks after it
  customers products payments orders staff  the nouns everything uses
  refunds                                the work
  home search                            what looks over the work
"""

from __future__ import annotations

from ._act import ACTS, Act, Performance
from ._actor import CLOCK, CONSOLE, STRIPE, WORKER, Actor, robot
from ._find import AT_ONCE, Listing
from ._perform import Answer, Key, Preview, WorldChanged, perform, preview
from ._transaction import again_after_deadlock, transaction

__all__ = [
    "ACTS", "AT_ONCE", "CLOCK", "CONSOLE", "STRIPE", "WORKER", "Act", "Actor", "Answer", "Key", "Listing", "Performance",
    "Preview", "WorldChanged", "again_after_deadlock", "perform", "preview", "robot", "transaction",
]  # fmt: skip
