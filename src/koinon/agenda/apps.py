"""How Django finds `agenda`."""

from django.apps import AppConfig


class AgendaConfig(AppConfig):
    name = "koinon.agenda"
    label = "agenda"

    def ready(self) -> None:
        from koinon.agenda import found, fresh, practice_panel, programme_panel, registration_panel

        found.join_in()
        fresh.join_in()
        practice_panel.join_in()
        programme_panel.join_in()
        registration_panel.join_in()
