"""How Django finds `agenda`."""

from django.apps import AppConfig


class AgendaConfig(AppConfig):
    name = "koinon.agenda"
    label = "agenda"
