"""Who prescribes, and where they are licensed."""

from ._find import LIST, find
from ._link_staff import LinkedAlready, link_staff

__all__ = ["LIST", "LinkedAlready", "find", "link_staff"]
