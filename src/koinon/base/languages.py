"""The 24 official languages of the EU: which they are, what they call things, and how an address names one.

An address without a prefix is English and never varies; `/de/…` is the same page in German.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.utils import translation
from django.utils.encoding import escape_uri_path

# Names of the languages in themselves: Unicode CLDR 48.
ENDONYMS = {
    "bg": "Български",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "et": "Eesti",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "ga": "Gaeilge",
    "hr": "Hrvatski",
    "it": "Italiano",
    "lv": "Latviešu",
    "lt": "Lietuvių",
    "hu": "Magyar",
    "mt": "Malti",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "fi": "Suomi",
    "sv": "Svenska",
}
DEFAULT: Final = "en"
_PREFIX = re.compile(r"/([a-z]{2})(?=/|$)")


def of_address(path: str) -> str:
    """The language an address names; English where it names none."""
    found = _PREFIX.match(path)
    return found[1] if found and found[1] in ENDONYMS else DEFAULT


def without_language(path: str) -> str:
    """The same address without its language: `/de/places/` → `/places/`."""
    found = _PREFIX.match(path)
    return (path[found.end() :] or "/") if found and found[1] in ENDONYMS else path


def in_language(path: str, language: str) -> str:
    """The same address in another language: `/places/`, `de` → `/de/places/`."""
    bare = without_language(path)
    return bare if language == DEFAULT else f"/{language}{bare}"


def iso_country(code: str) -> str:
    """The ISO 3166-1 code of a country that the EU writes otherwise: `EL` → `GR`."""
    return {"EL": "GR", "UK": "GB"}.get(code, code)


@cache
def country_name(code: str, language: str) -> str:
    """A country's name (EU or ISO code) in a language, after Unicode CLDR; the code itself where CLDR has none."""
    from babel import Locale

    name: str = Locale(language).territories.get(iso_country(code), code)
    return name


@cache
def language_name(code: str, language: str) -> str:
    """A language's name in a language, after Unicode CLDR."""
    from babel import Locale

    name: str = Locale(language).languages.get(code, code)
    return name


class LanguageFromAddress:
    """Speaks the language that the address names, and nothing else: no cookie, no `Accept-Language`, no `Vary`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/en" or request.path_info.startswith("/en/"):
            query = request.META.get("QUERY_STRING", "")
            # One slash at the beginning: with two it would be another host's address.
            here = "/" + without_language(request.path_info).lstrip("/")
            return HttpResponsePermanentRedirect(escape_uri_path(here) + (f"?{query}" if query else ""))
        language = of_address(request.path_info)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
