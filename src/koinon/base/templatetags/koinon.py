"""The few tags and filters that templates need beyond Django's own. Built in: no `{% load %}`."""

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from koinon.base import exits, following, languages

register = template.Library()


@register.simple_tag(takes_context=True)
def form_guard(context: template.Context) -> SafeString:
    """Django's CSRF token for somebody signed in, and nothing for the rest: a public page sets no cookie."""
    if not context.get("signed_in"):
        return SafeString("")
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(context["request"])
    )


@register.simple_tag
def follow(kind: str, key: str) -> SafeString:
    """The link to follow a thing by mail or feed; the same for everybody, so that pages stay shared."""
    from django.utils.translation import gettext

    address = following.address_of(kind, key)
    if not address:
        return SafeString("")
    words = gettext("Tell me when something fits") if kind == "search" else gettext("Follow")
    return format_html('<a class="follow" rel="nofollow" href="{}">{}</a>', address, words)


register.filter("exit_name", exits.exit_name)


@register.simple_tag(takes_context=True)
def country(context: template.Context, code: str) -> str:
    """A country's name in the language of the page."""
    return languages.country_name(code, context.get("language", languages.DEFAULT))


@register.filter
def language_name(code: str) -> str:
    """A language's name in the language of the page."""
    from django.utils.translation import get_language

    return languages.language_name(code, get_language() or languages.DEFAULT)


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """`{{ counts|get:kind }}`: the value under a key that is itself a variable."""
    return mapping.get(key)


@register.filter
def thousands(number: int) -> str:
    """48078 → 48 078, with no-break spaces, in every language alike (design: Type)."""
    return f"{number:,}".replace(",", "\u00a0")
