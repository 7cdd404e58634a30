"""Giving money back: issue -> send -> settle, and undo before it is sent."""

from ._doubts import about_the_card, credited_instead, left_beside_credit, told_of_credit
from ._edited import not_below_what_went_back
from ._find import LIST, find
from ._issue import choose_payment, drop, issue, let_go
from ._limits import WINDOWS, also_given, given_so_far, spent_in_order, weigh
from ._lines import LineAsked, NotRefundable, Part, parts, parts_of
from ._note import note
from ._send import declined, send, sent
from ._settle import settle
from ._why_not import why_no_line, why_not_more
from ._withdraw import withdraw
from .reasons import REASONS, Reason

__all__ = [
    "LIST", "REASONS", "WINDOWS", "LineAsked", "NotRefundable", "Part", "Reason", "about_the_card", "also_given",
    "choose_payment", "credited_instead", "declined", "drop", "find", "given_so_far", "issue", "left_beside_credit",
    "let_go", "not_below_what_went_back", "note", "parts", "parts_of", "send", "sent", "settle", "spent_in_order",
    "told_of_credit", "weigh", "why_no_line", "why_not_more", "withdraw",
]  # fmt: skip
