"""Fields of the library's forms: places as people type them, words that say something, topics, links."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.base.languages import DEFAULT
from koinon.places import gazetteer
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.words import MOST_LINES

LONG = 12_000
MOST_PLACES = 40
MOST_TOPICS = 20
MOST_LINKS = 20
_LINK = re.compile(r"^(?:(.*?)\s*\|\s*)?(https?://\S+)$")
_is_address = URLValidator(schemes=["http", "https"])


class Words(PlainText):
    """A text of some length: no towers of accents, one kind of line ending."""

    def __init__(self, *, rows: int = 4, max_length: int = LONG, lines_at_most: int = 0, **more: Any) -> None:
        self.lines_at_most = lines_at_most
        widget = more.pop("widget", forms.Textarea(attrs={"rows": rows, "dir": "auto"}))
        super().__init__(lines=True, max_length=max_length, widget=widget, **more)

    def clean(self, value: Any) -> str:
        text = super().clean(value).replace("\r\n", "\n").replace("\r", "\n").strip()
        if has_tower(text):
            raise forms.ValidationError(_("This holds signs that cannot be shown. Type it again."))
        if (
            self.lines_at_most
            and len([line for line in text.split("\n") if line.strip()]) > self.lines_at_most
        ):
            raise forms.ValidationError(_("At most %(most)s lines.") % {"most": self.lines_at_most})
        return text


class Line(PlainText):
    """One line of text."""

    def __init__(self, *, max_length: int, **more: Any) -> None:
        more.setdefault("widget", forms.TextInput(attrs={"dir": "auto"}))
        super().__init__(max_length=max_length, **more)

    def clean(self, value: Any) -> str:
        text = " ".join(super().clean(value).split())
        if has_tower(text):
            raise forms.ValidationError(_("This holds signs that cannot be shown. Type it again."))
        return text


def has_tower(text: str) -> bool:
    """More than four marks on one letter: no language of ours writes so."""
    run = 0
    for letter in unicodedata.normalize("NFD", text):
        run = run + 1 if unicodedata.combining(letter) else 0
        if run > 4:
            return True
    return False


def place_of(typed: str) -> Place:
    """The place that a key or a name means; else what is wrong, as a sentence."""
    if len(typed) <= gazetteer.LONGEST and (place := Place.objects.find(typed)) is not None:
        return place
    answer = gazetteer.find(typed, limit=6)
    if answer.clear:
        return Place.objects.get(pk=answer.items[0].code)
    if answer.items:
        names = ", ".join(_called(item.code) for item in answer.items)
        raise forms.ValidationError(
            _("Several places are called so: %(names)s. Write the one you mean with what stands in brackets.")
            % {"names": names},
            code="several",
        )
    raise forms.ValidationError(
        _("No such place was found. Name the municipality, the region or the country.")
    )


def _called(code: str) -> str:
    place = Place.objects.get(pk=code)
    return f"{place.display_name()} ({place.key})"


class OnePlace(PlainText):
    """One place, as somebody types it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=200, **more)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value).strip()
        return place_of(_bare(typed)) if typed else None


class Places(PlainText):
    """Places, one on each line; gives the places."""

    def __init__(self, **more: Any) -> None:
        super().__init__(lines=True, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), **more)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_PLACES:
            raise forms.ValidationError(_("At most %(most)s places.") % {"most": MOST_PLACES})
        found: dict[str, Place] = {}
        for line in lines:
            try:
                place = place_of(_bare(line))
            except forms.ValidationError as wrong:
                raise forms.ValidationError(
                    _("%(line)s: %(wrong)s") % {"line": line, "wrong": " ".join(wrong.messages)}
                ) from wrong
            found[place.pk] = place
        return tuple(found.values())


def _bare(line: str) -> str:
    """The key in `Gent (gent-2797656)`, else the line itself."""
    match = re.search(r"\(([A-Za-z0-9-]{2,120})\)$", line)
    return match[1] if match else line


class Topics(PlainText):
    """Topics, one on each line or between commas, as keys or as the words of the field; gives the keys."""

    def __init__(self, **more: Any) -> None:
        super().__init__(lines=True, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), **more)

    def clean(self, value: Any) -> Any:
        typed = [word.strip() for word in re.split(r"[\n,;]", super().clean(value)) if word.strip()]
        if len(typed) > MOST_TOPICS:
            raise forms.ValidationError(_("At most %(most)s topics.") % {"most": MOST_TOPICS})
        found: dict[str, None] = {}
        for word in typed:
            key = concepts.key_of(word, get_language() or DEFAULT)
            if not key:
                raise forms.ValidationError(
                    _("“%(word)s” is not among the words of the field.") % {"word": word[:60]}
                )
            found[key] = None
        return tuple(found)


class Links(PlainText):
    """Links, one on each line: `label | address`, or the address alone; gives pairs."""

    def __init__(self, **more: Any) -> None:
        super().__init__(lines=True, max_length=8000, widget=forms.Textarea(attrs={"rows": 3}), **more)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_LINKS:
            raise forms.ValidationError(_("At most %(most)s links.") % {"most": MOST_LINKS})
        found = []
        for line in lines:
            match = _LINK.match(line)
            if match is None or len(match[2]) > 500:
                raise forms.ValidationError(
                    _("Write on each line a label, a | and an address that begins with https://.")
                )
            try:
                _is_address(match[2])
            except forms.ValidationError as wrong:
                raise forms.ValidationError(
                    _("%(line)s: %(wrong)s") % {"line": line[:120], "wrong": _("this is no address.")}
                ) from wrong
            found.append(((match[1] or "").strip()[:200] or match[2], match[2]))
        return tuple(found)


class Several(forms.MultipleChoiceField):
    """Boxes of which several may be ticked; gives a tuple."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple, **more)

    def clean(self, value: Any) -> Any:
        return tuple(super().clean(value))


def lines_field(label: Any, help_text: Any, *, rows: int = 4) -> Words:
    return Words(
        label=label, help_text=help_text, rows=rows, max_length=6000, lines_at_most=MOST_LINES, required=False
    )
