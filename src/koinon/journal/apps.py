"""How Django finds `journal`."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "koinon.journal"
    label = "journal"
