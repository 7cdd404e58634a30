"""Writing to a customer by a neutral template: send -> mail -> settle, and undo before it leaves."""

from ._chase import chase, chased, overdue
from ._find import LIST, find
from ._mail import declined, mail, sent
from ._send import NoAddress, NoCrm, NotSo, drop, let_go, send
from ._settle import lookup, settle
from ._withdraw import withdraw
from .templates import TEMPLATES, Template, text

__all__ = [
    "LIST", "TEMPLATES", "NoAddress", "NoCrm", "NotSo", "Template", "chase", "chased", "declined", "drop", "find",
    "let_go", "lookup", "mail", "overdue", "send", "sent", "settle", "text", "withdraw",
]  # fmt: skip
