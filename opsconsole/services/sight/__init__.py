"""What a reader sees of a record: as it is, masked, or opened in an emergency; and every view of health written down."""

from ._glass import open_glass
from ._mask import (
    DOTS,
    changes,
    fact,
    facts,
    hides,
    inside,
    looked,
    masked,
    of_colleagues,
    sees,
    shown,
    words,
    written,
)
from ._views import BREAK_GLASS, ON_THE_PAGE, begin, seen, views_of, write_down

__all__ = [
    "BREAK_GLASS", "DOTS", "ON_THE_PAGE", "begin", "changes", "fact", "facts", "hides", "inside", "looked", "masked",
    "of_colleagues", "open_glass", "seen", "sees", "shown", "views_of", "words", "write_down", "written",
]  # fmt: skip
