"""What templates of a report say about one line of it."""

from django import template

from koinon.minutes.printing import meta
from koinon.minutes.telling import Told

register = template.Library()


@register.filter
def told_meta(one: Told) -> str:
    """Votes, languages, place, and what became of it."""
    return meta(one)
