"""How Django finds `search`, and what of it is due each minute."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "koinon.search"
    label = "search"

    def ready(self) -> None:
        from koinon.base import ticking

        ticking.due.append(_forget)


def _forget() -> None:
    """Changes that every index has read long ago are forgotten."""
    from koinon.search.models import Change

    Change.objects.forgettable().delete()
