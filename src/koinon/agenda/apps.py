"""How Django finds `agenda`."""

from django.apps import AppConfig


class AgendaConfig(AppConfig):
    name = "koinon.agenda"
    label = "agenda"

    def ready(self) -> None:
        from koinon.agenda import found, fresh, programme_panel, registration_panel

        found.join_in()
        fresh.join_in()
        programme_panel.join_in()
        registration_panel.join_in()
