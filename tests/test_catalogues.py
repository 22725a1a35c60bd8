"""The catalogues: each sentence keeps its placeholders and tags in every language, and the compiled file is the edited one."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from koinon.base.languages import DEFAULT, ENDONYMS

LOCALE = Path(__file__).resolve().parents[1] / "src" / "koinon" / "locale"
OTHERS = sorted(set(ENDONYMS) - {DEFAULT})
# Languages that are complete; the others show English where a sentence is missing.
COMPLETE = ["de", "el", "es", "fr", "it", "pl"]
PARTS = re.compile(r"%\(\w+\)[sd]|%[sd%]|</?[a-z]+")


def messages(language: str) -> list[Message]:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def forms(message: Message) -> tuple[list[str], list[str]]:
    """The English forms and the translated ones, as lists."""
    english = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
    translated = list(message.string) if isinstance(message.string, tuple | list) else [message.string]
    return english, [str(text) for text in translated]


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_and_tags_are_kept(language: str) -> None:
    wrong = []
    for message in messages(language):
        english, translated = forms(message)
        wanted = sorted(PARTS.findall(english[-1]))
        for text in filter(None, translated):
            # A singular form may do without the number.
            have = sorted(PARTS.findall(text))
            if have != wanted and not (len(english) > 1 and set(have) <= set(wanted)):
                wrong.append((english[-1], text))

    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_shipped_is_what_was_edited(language: str) -> None:
    edited = {
        (message.context, *forms(message)[0]): forms(message)[1]
        for message in messages(language)
        if not message.fuzzy and all(forms(message)[1])
    }
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        shipped = {(m.context, *forms(m)[0]): forms(m)[1] for m in read_mo(file) if m.id}

    assert shipped == edited


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_has_every_sentence(language: str) -> None:
    missing = [message.id for message in messages(language) if message.fuzzy or not all(forms(message)[1])]

    assert missing == []
