"""How Django finds `calls`."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "koinon.calls"
    label = "calls"

    def ready(self) -> None:
        from koinon.base import ticking
        from koinon.calls import found, fresh, invented, opener_panel, practice_panel, reported
        from koinon.calls.actions import publishing

        found.join_in()
        fresh.join_in()
        invented.join_in()
        opener_panel.join_in()
        practice_panel.join_in()
        reported.join_in()
        ticking.due.append(publishing.close_due)
        ticking.due.append(publishing.dates_due)
        ticking.due.append(publishing.open_due)
