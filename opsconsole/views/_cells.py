"""What the cells of tables are made of. A page of fifty rows asks for each of these fifty times, and a function costs a
tenth of a macro; `templates/_ui.html` gives them to the pages beside its macros."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from ..lib.duration import span_words as span_words
from ..lib.money import Money
from ._page import asset, now

NONE = Markup("<span class=none>–</span>")  # where there is nothing to show
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Look = tuple[str, str]  # tone and shape


@lru_cache
def icon(name: str) -> Markup:
    """A picture from static/icons.svg. Decoration only: the words stand beside it."""
    url = f"{asset('icons.svg')}#{escape(name)}"
    return Markup(f'<svg class=icon aria-hidden=true><use href="{url}"/></svg>')


@lru_cache(1000)
def words(code: str) -> str:
    """ "awaiting_rx" as people read it: "Awaiting Rx"."""
    found = str(code).replace("_", " ").capitalize()
    return f"{found} ".replace(" rx ", " Rx ").replace("Email ", "E-mail ").strip()


def badges(looks: Mapping[str, Look]) -> Callable[..., Markup]:
    """The badge of a status as word, colour and shape, both from `looks` unless given.

    `help` is what the status means, for people; with `tip` it can also be reached by keyboard and touch (once on a
    page, not in every row of a table). A status that is missing from `looks` looks like "unknown".
    """

    @lru_cache(1000)
    def badge(
        status: str, tone: str | None = None, shape: str | None = None, help: str = "", label: str = "", tip: bool = False
    ) -> Markup:  # fmt: skip
        its_tone, its_shape = looks.get(str(status), looks["unknown"])
        look = f"{escape(tone or its_tone)} {escape(shape or its_shape)}"
        says = escape(label or words(status))
        if tip and help:
            plain = f'<span class="badge {look}">{says}</span>'
            shown = f'{plain}<span class="tip" role="tooltip">{escape(help)}</span>'
            return Markup(f'<span class="tipped" tabindex="0">{shown}</span>')
        title = f' title="{escape(help)}"' if help else ""
        return Markup(f'<span class="badge {look}"{title}>{says}</span>')

    return badge


@lru_cache(1000)
def money_words(amount: Money | tuple[int, str]) -> str:
    """ "$42.00"."""
    return str(amount if isinstance(amount, Money) else Money(*amount))


def money(amount: Money | tuple[int, str] | None) -> Markup:
    """ "$42.00", digits in line."""
    return NONE if amount is None else Markup(f"<span class=money>{escape(money_words(amount))}</span>")


def clock_words(at: datetime) -> str:
    """ "21 Nov 2026, 14:05 UTC". Twice as fast as strftime."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at.hour:02}:{at.minute:02} UTC"


def instant(at: datetime | None) -> Markup:
    if not at:
        return NONE
    return Markup(f'<time datetime="{at.isoformat()}">{clock_words(at)}</time>')


def age(at: datetime | None) -> Markup:
    """ "3 d", or "in 2 h" for what is to come; the instant on hover. The page keeps it fresh."""
    if not at:
        return NONE
    seconds = (now() - at).total_seconds()
    says = f"in {span_words(seconds)}" if seconds <= -1 else span_words(seconds)
    return Markup(f'<time datetime={at.isoformat()[:19]}Z title="{clock_words(at)}">{says}</time>')


# What browsers do not need of the cells as templates write them: indentation, end tags, quotes around a word, and what the
# table says once for a whole column. In fifty rows it is bytes that nobody reads.
_SPARED = (
    ("\n<td", "<td"), ("</td>", ""), (' class="wide"', ""), ('="wide ', '="'), (' wide"', '"'), ('class="num"', "class=num"),
    ('class="row-link"', "class=row-link"), ('class="id"', "class=id"), ('class="clip"', "class=clip"),
    ('class="nowrap"', "class=nowrap"), ('class="none"', "class=none"),
)  # fmt: skip


def rows(cells: Callable[[Any], str], things: Iterable[Any], select: str = "") -> Markup:
    """The rows of a table: `cells` writes those of one thing. With `select` each begins with a box of that name to tick."""
    if select:
        tick = f"<tr><td class=pick><input type=checkbox name={escape(select)} value="
        written = "".join(
            [f"{tick}{escape(thing.id)} aria-label=Select>\n{cells(thing)}" for thing in things]
        )
    else:
        written = "".join([f"<tr>\n{cells(thing)}" for thing in things])
    for text, instead in _SPARED:
        written = written.replace(text, instead)
    return Markup(written)


def took(milliseconds: float) -> str:
    """ "412 ms", or "20.0 s"."""
    return f"{int(milliseconds)} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def short_link(url: str, id: str | None) -> Markup:
    """A link whose words are the end of a long id, which is enough to tell two apart."""
    if not id:
        return NONE
    short = f"{id.partition('_')[0]}_…{id[-6:]}"
    return Markup(f'<a href="{escape(url)}"><code>{escape(short)}</code></a>')


def id_code(id: Any) -> Markup:
    """An id as text that selects as a whole."""
    return Markup(f'<code class="id">{escape(id)}</code>')
