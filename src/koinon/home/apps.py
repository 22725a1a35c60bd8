"""How Django finds `home`."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "koinon.home"
    label = "home"

    def ready(self) -> None:
        from koinon.base import ticking

        ticking.due.append(_unmet)


def _unmet() -> None:
    """What was searched for and is not there is written down."""
    from koinon.home import unmet

    unmet.write()
