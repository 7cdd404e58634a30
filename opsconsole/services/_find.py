"""Lists of any noun: which filters and sorts it offers, declared once; pages by keyset.

What stands here is what the URL takes, what the page's headers link to and what /openapi.json describes.
`tests/plumbing/test_listing.py` asks the database how it would read every combination.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, select, tuple_

from ..db import db
from ..lib.paging import PAGE, Page, cursor, read_cursor
from ..lib.refusal import Invalid
from ..models import STATES, Record, Status

R = TypeVar("R", bound=Record)
AT_ONCE = 50  # rows that can be asked for by their ids


@dataclass(frozen=True)
class Filter:
    """One filter of a list. `help` is a sentence; `choices` are all its values, where they are known.

    `few` says that few rows fit, which are sorted as they are read; without it, an index leads by the
    filter and then by each sort. `only_with` names the filter without which this one would be slow.
    """

    where: Callable[[str], ColumnElement[bool]]
    help: str
    few: bool = False
    choices: tuple[str, ...] = ()
    only_with: str | None = None


def exactly(column: Any, help: str, *, few: bool = False, only_with: str | None = None) -> Filter:
    return Filter(lambda value: column == value, help, few, only_with=only_with)


def one_of_ours(column: Any, help: str) -> Filter:
    """Of a record, by its id or its URL."""
    return Filter(lambda value: column == value.rsplit("/", 1)[-1], help, few=True)


def among(column: Any, statuses: type[Status], help: str) -> Filter:
    return Filter(lambda value: column == value, help, choices=tuple(statuses))


def yes(
    condition: ColumnElement[bool], help: str, *, few: bool = False, only_with: str | None = None
) -> Filter:
    """Those for which something is so."""

    def where(value: str) -> ColumnElement[bool]:
        if value != "yes":
            raise ValueError("Write yes, or leave it away.")
        return condition

    return Filter(where, help, few, ("yes",), only_with)


def licensed_in(noun: type[Record], of: Any, state: Any) -> Filter:
    """Those with a licence for a state. `of` and `state` are the licence's columns: whose it is, and where it holds."""

    def where(value: str) -> ColumnElement[bool]:
        if value not in STATES:
            raise ValueError("Write two capital letters of a state or territory, like CA.")
        return noun.id.in_(select(of).where(state == value))

    help = "Licensed there, or once was; two capital letters."
    return Filter(where, help, few=True, choices=tuple(sorted(STATES)))


def day(column: Any, help: str, *, until: bool = False) -> Filter:
    """From a day's beginning, or until its end, in UTC."""

    def where(value: str) -> ColumnElement[bool]:
        try:
            start = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
            return column < start + timedelta(days=1) if until else column >= start
        except (ValueError, OverflowError):
            raise ValueError("Write a day like 2026-11-21.") from None

    return Filter(where, help)


@dataclass(frozen=True)
class Listing(Generic[R]):
    """What a noun's list offers. `sorts` are columns that are never null; a minus before one turns it around.

    `shown` is what its table shows of each row, id and sorts among it; `beside` the other nouns that this reads, each with
    what joins it (there may be none). `size` is the number of rows of a page: fewer where each tells a sentence.
    """

    noun: type[R]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sorts: tuple[str, ...] = ("created_at",)
    shown: tuple[Any, ...] = ()
    beside: Mapping[type[Record], ColumnElement[bool]] = field(default_factory=dict)
    size: int = PAGE

    @property
    def default(self) -> str:
        return f"-{self.sorts[0]}"

    def of_words(self, sort: str) -> bool:
        return getattr(self.noun, sort).type.python_type is str

    def find(
        self,
        /,
        *within: ColumnElement[bool],
        after: str | None = None,
        sort: str | None = None,
        ids: str | None = None,
        **asked: str | None,
    ) -> Page[R]:
        """The next page: newest first unless `sort` says else. `ids` are those rows alone, with commas between;
        `within` narrows what there is to see at all.

        Raises Invalid for a filter, a value or a sort that the list does not have, BadCursor for a cursor that
        was not made for this sort.
        """
        query, sort = self._asked(select(self.noun).where(*within), after, sort, ids, asked)
        return self._page(list(db.session.scalars(query)), sort)

    def rows(
        self,
        /,
        *,
        after: str | None = None,
        sort: str | None = None,
        ids: str | None = None,
        **asked: str | None,
    ) -> Page[Row[Any]]:
        """The same page as its table needs it: what is `shown` and nothing else, in one statement. Raises as `find`."""
        shown = select(*self.shown).select_from(self.noun)
        for noun, joins in self.beside.items():
            shown = shown.outerjoin(noun, joins)
        query, sort = self._asked(shown, after, sort, ids, asked)
        return self._page(list(db.session.connection().execute(query)), sort)

    def _asked(
        self,
        query: Select[Any],
        after: str | None,
        sort: str | None,
        ids: str | None,
        asked: Mapping[str, str | None],
    ) -> tuple[Select[Any], str]:
        """The query, narrowed and sorted, of a page and one row more; and its sort."""
        query = query.where(*self._conditions({k: v for k, v in asked.items() if v}))
        if ids:
            query = query.where(self.noun.id.in_(_ids(ids)))
        sort = sort or self.default
        key = self._key(sort)
        down = sort.startswith("-")
        if after:
            place = read_cursor(after, sort, key.type.python_type)
            here = tuple_(key, self.noun.id)
            query = query.where(here < place if down else here > place)
        order = (key.desc(), self.noun.id.desc()) if down else (key, self.noun.id)
        return query.order_by(*order).limit(self.size + 1), sort

    def _page(self, rows: Sequence[Any], sort: str) -> Page[Any]:
        last = rows[self.size - 1] if len(rows) > self.size else None
        return Page(
            rows[: self.size], cursor(sort, getattr(last, sort.removeprefix("-")), last.id) if last else None
        )

    def _key(self, sort: str) -> Any:
        name = sort.removeprefix("-")
        if name not in self.sorts:
            offered = ", ".join(f"{one} or -{one}" for one in self.sorts)
            raise Invalid({"sort": [f"The list cannot be sorted by that. It can by {offered}."]})
        return getattr(self.noun, name)

    def _conditions(self, asked: Mapping[str, str]) -> list[ColumnElement[bool]]:
        errors: dict[str, list[str]] = {}
        found = []
        for name, value in asked.items():
            try:
                found.append(self._condition(name, value, asked))
            except ValueError as error:
                errors[name] = [str(error)]
        if errors:
            raise Invalid(errors)
        return found

    def _condition(self, name: str, value: str, asked: Mapping[str, str]) -> ColumnElement[bool]:
        wanted = self.filters.get(name)
        if wanted is None:
            raise ValueError(f"There is no such filter. There are: {', '.join(self.filters) or 'none'}.")
        if "\x00" in value:
            raise ValueError("Contains characters that cannot be searched for.")
        if wanted.only_with and wanted.only_with not in asked:
            raise ValueError(f"This filter goes with {wanted.only_with}.")
        return wanted.where(value)


def _ids(text: str) -> Sequence[str]:
    ids = list(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    if len(ids) > AT_ONCE:
        raise Invalid({"ids": [f"At most {AT_ONCE} at once."]})
    if "\x00" in text:
        raise Invalid({"ids": ["Contains characters that cannot be searched for."]})
    return ids
