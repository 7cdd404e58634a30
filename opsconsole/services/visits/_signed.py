"""What was signed about a visit, opened for whoever may read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...models import Decision, DecisionKind
from ._ask import QUESTIONS
from ._deny import DENIALS, ReferTo
from ._opinion import Would


@dataclass(frozen=True)
class Signed:
    """A decision with what it says. `content` is None for who may not read it."""

    decision: Decision
    content: dict[str, Any] | None

    @property
    def label(self) -> str:
        return DecisionKind(self.decision.kind).words

    @property
    def reason(self) -> str:
        """Its reason in words, where it has one."""
        code = self.content and self.content.get("reason")
        if not code:
            return ""
        words = {one.value: label for one, label in DENIALS.items()}
        words |= {one.value: one.words for one in (*ReferTo, *Would)}
        words |= {asked: label for asked, (label, _) in QUESTIONS.items()}
        return words.get(code, code)


def signed(decisions: Sequence[Decision], *, opened: bool) -> list[Signed]:
    """Opened: who shows them writes that down."""
    return [Signed(one, json.loads(one.content) if opened else None) for one in decisions]
