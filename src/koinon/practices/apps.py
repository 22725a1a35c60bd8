"""How Django finds `practices`."""

from django.apps import AppConfig


class PracticesConfig(AppConfig):
    name = "koinon.practices"
    label = "practices"

    def ready(self) -> None:
        from koinon.base import governance
        from koinon.practices import telling

        governance.mails.update(telling.MAILS)
