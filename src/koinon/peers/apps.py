"""How Django finds `peers`."""

from django.apps import AppConfig


class PeersConfig(AppConfig):
    name = "koinon.peers"
    label = "peers"
