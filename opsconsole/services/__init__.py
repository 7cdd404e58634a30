"""What the console does, one package per noun, one story file per verb.

From the ground up; a lower line never imports an upper one:
  _actor _transaction _act _perform      who acts, one commit, one act, its door
  sight                                  what a reader sees of a record
  notes cases outbox inbox audit watch   what acts and people leave behind, and what looks after it
  phi keys                               health data for who has no standing right to it; the keys that seal it
  incidents                              vendors in trouble, and how each of them is doing
  banners                                what acts may not be done, and is asked before each of them
  customers products payments pharmacies orders staff  the nouns everything uses
  _versions                              rules that are data, and that two people change
  approvals                              what one person alone may not do
  refunds messages fills shipments replacements billing  the work
  visits                                 what clinicians decide on
  plans                                  several acts of the work together
  roles limits                           what people may do, and up to which amount
  home search why                        what looks over the work
  stuck                                  what does not go on, for which cause, and what puts it right
  reconciliation                         what we hold against what pharmacies and carriers hold
"""

from __future__ import annotations

from ._act import ACTS, Act, NeedsApproval, Performance
from ._actor import CLOCK, CONSOLE, STRIPE, WORKER, Actor, robot
from ._find import AT_ONCE, Listing
from ._perform import Answer, Key, Preview, WorldChanged, perform, preview
from ._transaction import again_after_deadlock, read_first, transaction

from . import banners as banners  # isort: skip  # whoever runs an act runs its guard: it stands in acts' way

__all__ = [
    "ACTS", "AT_ONCE", "CLOCK", "CONSOLE", "STRIPE", "WORKER", "Act", "Actor", "Answer", "Key", "Listing",
    "NeedsApproval", "Performance", "Preview", "WorldChanged", "again_after_deadlock", "perform", "preview", "read_first",
    "robot", "transaction",
]  # fmt: skip
