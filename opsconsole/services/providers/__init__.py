"""Who prescribes, and where they are licensed."""

from ._find import LIST, find
from ._hooks import when_settled
from ._link_staff import LinkedAlready, link_staff
from ._settle import settle

__all__ = ["LIST", "find", "settle", "when_settled"]

__all__ = ["LIST", "LinkedAlready", "find", "link_staff"]
__all__ = ["LIST", "LinkedAlready", "find", "link_staff", "settle", "when_settled"]
