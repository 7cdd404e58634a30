"""The keys that seal health data: begin a rotation -> seal everything anew -> retire the old ones."""

from ._rotate import AtIt, Nothing, begin, finish, rotate
from ._status import KeyStands, MasterStands, Standing, status

__all__ = ["AtIt", "KeyStands", "MasterStands", "Nothing", "Standing", "begin", "finish", "rotate", "status"]
