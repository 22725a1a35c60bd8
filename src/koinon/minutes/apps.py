"""How Django finds `minutes`."""

from django.apps import AppConfig


class MinutesConfig(AppConfig):
    name = "koinon.minutes"
    label = "minutes"
