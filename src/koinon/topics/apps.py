"""How Django finds `topics`."""

from django.apps import AppConfig


class TopicsConfig(AppConfig):
    name = "koinon.topics"
    label = "topics"
