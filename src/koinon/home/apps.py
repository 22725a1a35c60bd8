"""How Django finds `home`."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "koinon.home"
    label = "home"

    def ready(self) -> None:
        from koinon.base import ticking
        from koinon.home.kinds import TYPES
        from koinon.news import searches

        ticking.due.append(_unmet)
        searches.types.update({type: many for type, (_one, many, _mark) in TYPES.items()})


def _unmet() -> None:
    """What was searched for and is not there is written down."""
    from koinon.home import unmet

    unmet.write()
