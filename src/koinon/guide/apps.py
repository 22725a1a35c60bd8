"""How Django finds `guide`."""

from django.apps import AppConfig


class GuideConfig(AppConfig):
    name = "koinon.guide"
    label = "guide"
