"""The words about a session as the page shows them: paragraphs, headings, and numbers of notes where a word first stands."""

import re
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

HEADING = "## "


def plain(text: str) -> str:
    """The outline as words alone, headings as sentences of their own."""
    return re.sub(
        r"(?m)^## +(.*?)([.:?!]?) *$", lambda it: f"{it[1]}{it[2] or '.'}", text.replace("\r\n", "\n")
    )


def rendered(text: str, notes: Sequence[Sequence[str]], *, language: str) -> SafeString:
    """The outline as HTML; whatever was typed is escaped, only `## ` at the beginning of a paragraph means something."""
    html = SafeString("")
    open_notes = {number: word for number, (word, _meaning) in enumerate(notes, 1)}
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        if not part.strip():
            continue
        if part.startswith(HEADING):
            html += format_html('<h2 lang="{}" dir="auto">{}</h2>', language, part.removeprefix(HEADING))
        else:
            html += format_html('<p lang="{}" dir="auto">{}</p>', language, _paragraph(part, open_notes))
    return html


def _paragraph(part: str, open_notes: dict[int, str]) -> SafeString:
    """A paragraph with line breaks kept, and the number behind the first place of each word that has a note."""
    marks: dict[int, int] = {}
    for number, word in list(open_notes.items()):
        found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", part)
        if found and found.end() not in marks:
            marks[found.end()] = number
            del open_notes[number]
    html, at = SafeString(""), 0
    for end in sorted(marks):
        html += _broken(part[at:end]) + _mark(marks[end])
        at = end
    return html + _broken(part[at:])


def _mark(number: int) -> SafeString:
    return format_html(
        '<sup><a href="#fn{0}" id="r{0}" aria-label="{1}">{0}</a></sup>',
        number,
        _("Note %(number)s") % {"number": number},
    )


def _broken(text: str) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in text.split("\n")))
