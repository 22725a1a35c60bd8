"""How Django finds `network`."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "koinon.network"
    label = "network"

    def ready(self) -> None:
        from koinon.base import governance
        from koinon.network import account
        from koinon.network.actions import corrections, facts

        account.join_in()
        governance.mails[facts.CONFIRM_MAIL] = "A8"
        governance.mails[corrections.DECIDED_MAIL] = "A7"
