"""How Django finds `topics`."""

from django.apps import AppConfig


class TopicsConfig(AppConfig):
    name = "koinon.topics"
    label = "topics"

    def ready(self) -> None:
        from koinon.topics import concepts

        concepts.join_in()
