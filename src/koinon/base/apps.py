"""The ground: what every capability stands on. It knows nobody."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "koinon.base"
    label = "base"

    def ready(self) -> None:
        from koinon.base import governance  # registers its system check  # noqa: F401
