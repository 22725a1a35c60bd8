"""How Django finds `calls`."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "koinon.calls"
    label = "calls"
