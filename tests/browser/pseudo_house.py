"""Koinon in a made-up language: every sentence that was marked for translation comes out ⟦lïke thïs, and longer⟧.

What comes out without brackets was not marked, or is a name or a fact from the data.
"""

import re
import sys
from typing import Any

from django.utils import translation
from django.utils.safestring import SafeData, mark_safe

_LETTERS = str.maketrans("aeioucnsyAEIOU", "áéïöûçñšýÅÉÎÖÛ")
_PLACEHOLDER = re.compile(r"(%\(\w+\)[sd]|%[sd]|\{\w+\}|<[^>]+>|&\w+;)")


def pseudo(text: str) -> str:
    """The text with accents and 40 % longer; placeholders and tags stay whole."""
    if not text.strip():
        return text
    parts = _PLACEHOLDER.split(text)
    changed = "".join(part if number % 2 else part.translate(_LETTERS) for number, part in enumerate(parts))
    longer = " ".join(["~~~~~~~"] * max(1, len(text) // 20))
    made = f"⟦{changed} {longer}⟧"
    return mark_safe(made) if isinstance(text, SafeData) else made


def functions() -> dict[str, Any]:
    """What takes the place of Django's four ways to translate."""

    def ngettext(singular: str, plural: str, number: float) -> str:
        return pseudo(singular if number == 1 else plural)

    return {
        "gettext": pseudo,
        "ngettext": ngettext,
        "pgettext": lambda context, message: pseudo(message),
        "npgettext": lambda context, singular, plural, number: ngettext(singular, plural, number),
    }


def speak_pseudo() -> None:
    """From now on this process translates into the made-up language, whatever language is asked for."""
    for name, function in functions().items():
        setattr(translation._trans, name, function)


if __name__ == "__main__":
    speak_pseudo()
    from koinon.cli import main

    main(sys.argv[1:])
