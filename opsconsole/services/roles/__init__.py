"""Roles: what each may do. The table a console starts with stands in staff._roles; people change it here."""

from ._change import NothingToChange, change

__all__ = ["NothingToChange", "change"]
