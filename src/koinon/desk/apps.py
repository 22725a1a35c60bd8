"""How Django finds `desk`."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "koinon.desk"
    label = "desk"
