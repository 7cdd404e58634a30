"""Strict reading of form-encoded parameters: what Stripe refuses, this refuses, with Stripe's codes.

`read_form` turns `a[b][0]=c` into nested dicts of text; a schema of readers (name -> reader) then checks and
converts it. An empty value means "unset" and is allowed only where a field can be unset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from ._errors import Malformed

Raw = Any  # str or a dict of Raw: what stood in the form
Reader = Callable[[str, Raw], Any]
Schema = Mapping[str, Reader]

CONTENT_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 1000
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
LIST_INDEX = re.compile(r"[0-9]{1,5}")
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")


def read_form(*sources: bytes) -> dict[str, Raw]:
    """The nested form of query string and body. Raises Malformed for what cannot be read at all."""
    form: dict[str, Raw] = {}
    for source in sources:
        try:
            pairs = parse_qsl(
                source.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(source),
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        except ValueError as error:  # UnicodeDecodeError is one too
            raise Malformed(
                f"Invalid request: parameters must be form-encoded UTF-8, "
                f"at most {MAX_FIELDS} ({type(error).__name__})."
            ) from None
        for name, value in pairs:
            _place(form, name, value)
    return form


def _place(form: dict[str, Raw], name: str, value: str) -> None:
    match = NAME.fullmatch(name)
    if match is None or "\x00" in name + value:
        raise Malformed(f"Invalid parameter name or value: {name[:100]!r}", param=name[:100])
    path = [match[1], *re.findall(r"\[([^\]]*)\]", match[2])]
    if len(path) > 10:
        raise Malformed("Invalid request: parameters nested too deeply.", param=path[0])
    here = form
    for step in path[:-1]:
        here = here.setdefault(step or str(len(here)), {})
        if not isinstance(here, dict):
            raise Malformed("Invalid object", param=path[0])
    last = path[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise Malformed("Invalid object", param=path[0])
    here[last] = value


def decode(
    form: Mapping[str, Raw], takes: Schema, needs: Iterable[str] = (), inside: str = ""
) -> dict[str, Any]:
    """The converted values of the parameters given. Unknown, missing or ill-typed ones raise Malformed."""
    unknown = [_within(inside, name) for name in form if name not in takes]
    if unknown:
        word = "parameter" if len(unknown) == 1 else "parameters"
        raise Malformed(
            f"Received unknown {word}: {', '.join(unknown)}", code="parameter_unknown", param=unknown[0]
        )
    for name in needs:
        if name not in form:
            name = _within(inside, name)
            raise Malformed(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return {name: takes[name](_within(inside, name), raw) for name, raw in form.items()}


def _within(inside: str, name: str) -> str:
    return f"{inside}[{name}]" if inside else name


def _word(name: str, raw: Raw, wanted: str) -> str:
    if not isinstance(raw, str):
        raise Malformed(f"Invalid {wanted}: {name} must not be an object or an array", param=name)
    return raw


def _filled(name: str, raw: Raw, wanted: str) -> str:
    word = _word(name, raw, wanted)
    if word == "":
        raise Malformed(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or "
            "supply a non-empty value.",
            code="parameter_invalid_empty",
            param=name,
        )
    return word


def text(longest: int = 5000, clears: bool = False) -> Reader:
    """Text; where it `clears`, an empty value reads as None."""

    def read(name: str, raw: Raw) -> str | None:
        if clears and raw == "":
            return None
        word = _filled(name, raw, "string")
        if len(word) > longest:
            raise Malformed(
                f"Invalid string: {word[:20]}...; must be at most {longest} characters",
                param=name,
            )
        return word

    return read


def integer(least: int | None = None, most: int | None = None) -> Reader:
    def read(name: str, raw: Raw) -> int:
        word = _filled(name, raw, "integer")
        if not WHOLE_NUMBER.fullmatch(word) or not -(2**63) <= int(word) < 2**63:
            raise Malformed(f"Invalid integer: {word[:100]}", code="parameter_invalid_integer", param=name)
        number = int(word)
        for limit, wrong, phrase in (
            (least, number < (least or 0), "greater"),
            (most, number > (most or 0), "less"),
        ):
            if limit is not None and wrong:
                raise Malformed(
                    f"This value must be {phrase} than or equal to {limit}.",
                    code="parameter_invalid_integer",
                    param=name,
                )
        return number

    return read


def boolean() -> Reader:
    def read(name: str, raw: Raw) -> bool:
        word = _filled(name, raw, "boolean")
        if word not in ("true", "false"):
            raise Malformed(f"Invalid boolean: {word[:100]}", param=name)
        return word == "true"

    return read


def one_of(*words: str) -> Reader:
    def read(name: str, raw: Raw) -> str:
        word = _filled(name, raw, "string")
        if word not in words:
            choice = words[0] if len(words) == 1 else f"{', '.join(words[:-1])}, or {words[-1]}"
            raise Malformed(f"Invalid {name}: must be one of {choice}", param=name)
        return word

    return read


def hash_of(takes: Schema, needs: Iterable[str] = (), clears: bool = False) -> Reader:
    def read(name: str, raw: Raw) -> dict[str, Any] | None:
        if clears and raw == "":
            return None
        if not isinstance(raw, dict):
            raise Malformed("Invalid object", param=name)
        return decode(raw, takes, needs, inside=name)

    return read


def list_of(item: Reader, most: int = 100) -> Reader:
    def read(name: str, raw: Raw) -> list[Any]:
        if not isinstance(raw, dict) or not all(LIST_INDEX.fullmatch(step) for step in raw):
            raise Malformed("Invalid array", param=name)
        if len(raw) > most:
            raise Malformed(f"Array {name} exceeded maximum {most} allowed elements.", param=name)
        return [item(f"{name}[{step}]", raw[step]) for step in sorted(raw, key=int)]

    return read


def metadata() -> Reader:
    """A dict of changes ('' unsets that key), or None to unset them all."""

    def read(name: str, raw: Raw) -> dict[str, str] | None:
        if raw == "":
            return None
        if not isinstance(raw, dict):
            raise Malformed("Invalid object", param=name)
        for key, value in raw.items():
            if not isinstance(value, str):
                raise Malformed("Metadata values must be strings.", param=f"{name}[{key}]")
            if len(key) > 40:
                raise Malformed(
                    "Metadata keys can be up to 40 characters long, but you passed in one that is "
                    f"{len(key)} characters.",
                    param=name,
                )
            if len(value) > 500:
                raise Malformed(
                    "Metadata values can have up to 500 characters, but you passed in a value that is "
                    f"{len(value)} characters.",
                    param=name,
                )
        return dict(raw)

    return read


def merge_metadata(old: Mapping[str, str], changes: Mapping[str, str] | None) -> dict[str, str]:
    """Stripe's merge: given keys replace, '' removes one, None removes all; at most 50 remain."""
    if changes is None:
        return {}
    merged = {key: value for key, value in {**old, **changes}.items() if value != ""}
    if len(merged) > 50:
        raise Malformed(f"Metadata can have up to 50 keys, this would be {len(merged)}.", param="metadata")
    return merged


def time_range() -> Reader:
    """Unix seconds, exactly or as gt/gte/lt/lte: read as {"gte": .., "lte": ..}."""
    bounds = hash_of({"gt": integer(), "gte": integer(), "lt": integer(), "lte": integer()})

    def read(name: str, raw: Raw) -> dict[str, int]:
        if isinstance(raw, dict):
            return dict(bounds(name, raw))
        exactly = integer()(name, raw)
        return {"gte": exactly, "lte": exactly}

    return read


EXPAND: Schema = {"expand": list_of(text(), most=20)}
ADDRESS: Schema = {
    field: text(clears=True) for field in ("city", "country", "line1", "line2", "postal_code", "state")
}
SHIPPING: Schema = {
    "address": hash_of(ADDRESS),
    "name": text(),
    "phone": text(clears=True),
    "carrier": text(clears=True),
    "tracking_number": text(clears=True),
}
