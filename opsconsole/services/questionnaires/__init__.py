"""What patients are asked: versions of forms, propose -> adopt (published by the healthcare system), or withdraw; and the
pure functions that tell what is asked, what is missing, and whether answers are valid."""

from ._answered import fits, invalid, read
from ._asked import UNANSWERED, Answers, Items, Placed, asked, counted, holds, missing, placed
from ._check import MOST_ITEMS, problems
from ._difference import difference
from ._find import LIST, before, find, forms
from ._first import FIRST, KEY, TITLE
from ._propose import (
    NoHealthRecord,
    NotADraft,
    SameForm,
    adopt,
    declined,
    propose,
    publish,
    published,
    why_not_draft,
    withdraw,
)
from ._settle import of_canonical, settle
from ._words import KINDS, as_conditions, condition_in_words, conditions_in_words, written

__all__ = [
    "FIRST",
    "KEY",
    "KINDS",
    "LIST",
    "MOST_ITEMS",
    "TITLE",
    "UNANSWERED",
    "Answers",
    "Items",
    "NoHealthRecord",
    "NotADraft",
    "Placed",
    "SameForm",
    "adopt",
    "as_conditions",
    "asked",
    "before",
    "condition_in_words",
    "conditions_in_words",
    "counted",
    "declined",
    "difference",
    "find",
    "fits",
    "forms",
    "holds",
    "invalid",
    "missing",
    "of_canonical",
    "placed",
    "problems",
    "propose",
    "publish",
    "published",
    "read",
    "settle",
    "why_not_draft",
    "withdraw",
    "written",
]  # fmt: skip
