"""The HTML of what stands many times on the page of a search: the choices of a filter, and the things that were found.

A template would do it as well, and takes ten times as long: these are some hundred pieces of a page. All that comes from
outside is escaped here; what is the same on every page is put together once. `Shell` is the frame around them, rendered once
for each language and filled in for each search.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

if TYPE_CHECKING:
    from koinon.home.finding import Line

OPEN, CLOSE = "\ue010", "\ue011"
"""Characters of the private use area, which no text here may contain."""
_MARKS = re.compile(f"({OPEN}\\w+{CLOSE})")
_MOST: Final = 10_000


def mark(name: str) -> str:
    """Where something is filled in."""
    return f"{OPEN}{name}{CLOSE}"


class Shell:
    """A rendered page with marks, cut at them."""

    def __init__(self, html: str) -> None:
        self._pieces = _MARKS.split(html)

    def fill(self, parts: Mapping[str, str]) -> str:
        """The page. Values are escaped unless they are safe already; nothing in them is taken for a mark."""
        values = {mark(name): conditional_escape(value) for name, value in parts.items()}
        return "".join([values.get(piece, piece) for piece in self._pieces])


_shells: dict[tuple[str, bool], Shell] = {}


def shell(language: str, has_invented: bool, make: Callable[[], str]) -> Shell:
    """The frame for whoever is not signed in; it depends on nothing else."""
    key = (language, has_invented)
    found = _shells.get(key)
    if found is None:
        found = _shells[key] = Shell(make())
    return found


@lru_cache(maxsize=_MOST)
def _choice(name: str, value: str, label: str, ticked: bool) -> str:
    checked = " checked" if ticked else ""
    return (
        f'<label class="check"><input type="checkbox" name="{escape(name)}" value="{escape(value)}"{checked}>'
        f'{escape(label)} <span class="num">'
    )


def choices(name: str, rows: Iterable[tuple[str, str, str, bool]]) -> SafeString:
    """The boxes of one filter: value, words, how many, whether it is chosen."""
    made = [
        f"{_choice(name, value, label, ticked)}{escape(count)}</span></label>"
        for value, label, count, ticked in rows
    ]
    return mark_safe("".join(made))  # noqa: S308  all of it is escaped above


def article(line: "Line", why_this: str) -> str:
    """One thing that was found."""
    sign = f'<span class="mark {escape(line.mark)}"></span>' if line.mark else ""
    about = f" <span>{escape(line.about)}</span>" if line.about else ""
    tag = f' <span class="tag{escape(line.tag_class)}">{escape(line.tag)}</span>' if line.tag else ""
    language = escape(line.language)
    snippet = (
        f'<p class="snip" lang="{language}" dir="auto">{conditional_escape(line.snippet)}</p>'
        if line.snippet
        else ""
    )
    why = ""
    if line.why or line.original:
        reasons = f"<b>{why_this}</b> {escape(line.why)}" if line.why else ""
        original = ""
        if line.original:
            code, name, url = map(escape, line.original)
            original = f' <a href="{url}" lang="{code}" hreflang="{code}">{name}</a>'
        why = f'<p class="why">{reasons}{original}</p>'
    return (
        f'<li><article><p class="kind"><span>{sign}<b>{escape(line.kind)}</b></span>{about}{tag}</p>'
        f'<h3><a href="{escape(line.url)}" lang="{language}" dir="auto">{escape(line.title)}</a></h3>'
        f"{snippet}{why}</article></li>\n"
    )


def articles(lines: Iterable["Line"]) -> SafeString:
    """All things of this page."""
    why_this = escape(gettext("Why this:"))
    return mark_safe("".join([article(line, why_this) for line in lines]))  # noqa: S308  all of it is escaped above


def roughly(number: int) -> int:
    """Two digits of a number that is only near the truth."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return (number + unit // 2) // unit * unit


def told(number: int, is_about: bool) -> str:
    """A count as the page shows it."""
    return f"≈ {roughly(number)}" if is_about else str(number)
