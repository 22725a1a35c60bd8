"""What others add to a person's own page, to the copy of the data, and to the end of an account.

`people` stands below those who know more about a person, so it asks them: each adds its function in its `apps.py`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest

from koinon.people.models import Person


class Panel(NamedTuple):
    """One part of the account page: its template and what the template needs."""

    template: str
    context: dict[str, Any]


panels: list[Callable[[HttpRequest, Person], Panel]] = []
"""Parts of `/account/`, in the order in which they stand there."""

exports: dict[str, Callable[[Person], Any]] = {}
"""What is known about a person: name in the file → a function that gives lists and dicts."""

keepers: list[Callable[[Person], str]] = []
"""Reasons why an account cannot be closed yet, as a sentence for the person; an empty text lets go."""

farewells: list[Callable[[Person], None]] = []
"""What has to happen when an account closes, inside the same transaction."""
