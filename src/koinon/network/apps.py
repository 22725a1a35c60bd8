"""How Django finds `network`."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "koinon.network"
    label = "network"
