"""How Django finds `network`."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "koinon.network"
    label = "network"

    def ready(self) -> None:
        from koinon.network import account

        account.join_in()
