"""Sentences that a reply often begins or ends with, in the language of the question as far as the catalogue has it."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT


@dataclass(frozen=True)
class Sentence:
    """What it is for (in the language of the page), and the sentence with the language it is really in."""

    key: str
    purpose: str | Promise
    text: str
    language: str


_SENTENCES: dict[str, tuple[str | Promise, str | Promise]] = {
    "thanks": (_("Thank for the question"), _("Thank you for your question.")),
    "known": (
        _("It was answered before"),
        _("A similar question was asked before; this is what was answered, and it holds for you too."),
    ),
    "more": (
        _("Ask for more"),
        _("To answer well we need to know a little more: what is it for, and by when do you need it?"),
    ),
    "authority": (
        _("Only the authority decides"),
        _("What we write is advice. Only the managing authority of your programme can decide it."),
    ),
    "unsure": (
        _("We are not sure"),
        _("We could not find a rule that settles this. Here is what we know, and where it is written."),
    ),
    "time": (
        _("It takes longer"),
        _("This takes us longer than we promised. You get an answer by the new date on your page."),
    ),
    "helped": (
        _("Ask whether it helped"),
        _("Please say on your private page whether this helped; if not, it is opened again."),
    ),
    "close": (_("Close kindly"), _("We wish you success with your project.")),
}


def sentences(language: str) -> list[Sentence]:
    """All sentences in a language; one that is not translated yet stays English and says so."""
    with translation.override(DEFAULT):
        english = {key: str(text) for key, (_purpose, text) in _SENTENCES.items()}
    with translation.override(language):
        texts = {key: str(text) for key, (_purpose, text) in _SENTENCES.items()}
    return [
        Sentence(key, purpose, texts[key], language if texts[key] != english[key] else DEFAULT)
        for key, (purpose, _text) in _SENTENCES.items()
    ]


def sentence(key: str, language: str) -> str:
    """One sentence; nothing where there is none by that key."""
    return next((found.text for found in sentences(language) if found.key == key), "")
