"""How Django finds `live`, and what of it is due each minute."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "koinon.live"
    label = "live"

    def ready(self) -> None:
        from koinon.base import ticking

        ticking.due.append(_forget)


def _forget() -> None:
    """Changes that went out long ago are forgotten."""
    from koinon.live.actions import forget_old

    forget_old()
