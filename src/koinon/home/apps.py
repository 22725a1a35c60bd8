"""How Django finds `home`."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "koinon.home"
    label = "home"
