"""Codes that people never see, with the words that they read instead."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Worded(StrEnum):
    """Members are `NAME = "code", "the words"`: each is its code, and `words` tells it."""

    words: str

    def __new__(cls, value: str, words: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = words
        return member

    @classmethod
    def words_of(cls, code: str) -> str:
        return next(one.words for one in cls if one == code)
