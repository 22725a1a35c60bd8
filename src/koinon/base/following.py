"""The link "Follow" on pages of lower floors: the floor that knows how to follow puts in how its address is made.

{% follow "place" place.key %}        {% follow "search" asked.address %}
"""

from collections.abc import Callable

addresses: list[Callable[[str, str], str]] = []
"""At most one: kind and key of a thing → the address of the page that follows it. Filled by `news`."""


def address_of(kind: str, key: str) -> str:
    """Where this is followed; empty where nobody can be told."""
    return addresses[0](kind, key) if addresses else ""
