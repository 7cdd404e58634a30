"""Rules that are data: the next version is proposed, then adopted by a second person, or withdrawn.

A noun of rules has three acts of its own, for its checks, words and rights; what they do stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import func, select

from ..db import db
from ..lib.refusal import Refused
from ..models import Versioned
from . import staff
from ._act import concerns, performing, say, warn

V = TypeVar("V", bound=Versioned)


class SameAsBefore(Refused):
    """Exactly this holds already."""


class NotDraft(Refused):
    """It holds, has held, or was taken back."""


@dataclass(frozen=True)
class Versions(Generic[V]):
    """One kind of rules. `called` is how sentences call it ("the hold rules"). `replay` tells, in sentences, what would
    have been otherwise under a version than under the one that holds: previews show it before anybody agrees."""

    noun: type[V]
    called: str
    replay: Callable[[V, V], Iterable[str]]

    def propose(self, *, reason: str, **rules: Any) -> V:
        """Write down `rules`, the noun's own columns, as the next version. Raises SameAsBefore; Invalid for `reason`."""
        active = self._holding()
        if all(getattr(active, column) == value for column, value in rules.items()):
            raise SameAsBefore("Exactly this holds already.")
        made = self.noun(
            status=self.noun.STATUS("draft"),
            number=(db.session.scalar(select(func.max(self.noun.number))) or 0) + 1,
            why=staff.reasoned(reason),
            by=performing().by.label,
            trace_id=performing().trace,
            created_at=performing().now,
            **rules,
        ).add()
        self._warn(made, active)
        say(f"Proposed {made.name.lower()} of {self.called}: {made.why}")
        return made

    def adopt(self, id: str) -> V:
        """Have a draft hold in place of the version that does. Raises NotDraft."""
        active, draft = self._holding(), self._draft(id)
        self._warn(draft, active)
        active.move_to(self.noun.STATUS("superseded"))
        db.session.flush()  # there is never more than one
        draft.move_to(self.noun.STATUS("active"))
        concerns(active.id)
        say(f"{draft.name} of {self.called} holds: {draft.why}")
        return draft

    def withdraw(self, id: str) -> V:
        """Take a draft back. Raises NotDraft."""
        draft = self._draft(id)
        draft.move_to(self.noun.STATUS("withdrawn"))
        say(f"Took {draft.name.lower()} of {self.called} back")
        return draft

    def _holding(self) -> V:
        """The version that holds, locked. While we waited for it another may have taken its place."""
        while True:
            version = self.noun.lock(self.noun.active().id)
            if version.status == "active":
                return version

    def _draft(self, id: str) -> V:
        version = self.noun.lock(id)
        if why_not := version.why_not_draft:
            raise NotDraft(why_not)
        return version

    def _warn(self, version: V, active: V) -> None:
        for words in self.replay(version, active):
            warn(words)
