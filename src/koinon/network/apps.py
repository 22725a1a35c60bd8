"""How Django finds `network`."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "koinon.network"
    label = "network"

    def ready(self) -> None:
        from koinon.base import governance, ticking
        from koinon.network import account, found, fresh
        from koinon.network.actions import corrections, facts

        account.join_in()
        found.join_in()
        fresh.join_in()
        governance.mails[facts.CONFIRM_MAIL] = "A8"
        governance.mails[corrections.DECIDED_MAIL] = "A7"
        ticking.due.append(_ask_owners)


def _ask_owners() -> None:
    """Those who answer for facts older than twelve months are asked whether they still hold."""
    from koinon.network.actions.facts import ask_owners_to_confirm

    ask_owners_to_confirm()
