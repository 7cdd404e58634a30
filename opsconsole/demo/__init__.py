"""Demo data for one machine: the same customers every time, told to the console and to the sandbox.

`_cast` and `_crowd` plan what became of each order, `_story` makes up the rest, and what it made up is told
twice: `_console` as rows, `_stripe` as objects of the sandbox. So the two agree to the cent.
"""

from ._seed import CannotSeed, seed

__all__ = ["CannotSeed", "seed"]
