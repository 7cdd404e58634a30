"""What patients are told to do with what they are prescribed: the texts that clinicians choose from.

Each is for products of some forms; a clinician may write other words, or change these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 300


@dataclass(frozen=True)
class Sig:
    """`forms` are those of products that it is for."""

    code: str
    words: str
    forms: frozenset[str]


def _sig(code: str, words: str, *forms: str) -> Sig:
    return Sig(code, words, frozenset(forms))


SIGS = {
    sig.code: sig
    for sig in (
        _sig("night", "Apply a pea-sized amount to the clean, dry face at bedtime.", "cream", "gel", "lotion"),
        _sig(
            "every_other_night",
            "Apply a pea-sized amount to the clean, dry face every other night for two weeks, then every night.",
            "cream", "gel", "lotion",
        ),
        _sig("morning", "Apply a thin layer to the clean face each morning, then sunscreen.", "gel", "cream", "lotion"),
        _sig("spots_night", "Apply to dark spots only at bedtime, for three months at most.", "cream"),
        _sig("twice_daily", "Apply a thin layer to the affected skin each morning and evening.", "gel", "cream", "foam"),
    )
}  # fmt: skip


def fitting(form: str | None) -> Sequence[Sig]:
    """Those for products of a form, the usual one first; all of them for a form that is not known."""
    return [sig for sig in SIGS.values() if form in sig.forms] or [*SIGS.values()]


def usual(form: str | None, name: str) -> str:
    """What is told to patients of a product, where nobody says otherwise."""
    words = name.lower()
    wanted = "morning" if "morning" in words else "spots_night" if "spot" in words else ""
    wanted = "twice_daily" if "redness" in words else wanted
    return (SIGS[wanted] if wanted else fitting(form)[0]).words
