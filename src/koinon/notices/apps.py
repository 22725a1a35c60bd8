"""How Django finds `notices`."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "koinon.notices"
    label = "notices"

    def ready(self) -> None:
        from koinon.base import governance, ticking
        from koinon.notices import account, actions

        governance.mails[actions.DECIDED_MAIL] = "G3"
        governance.mails[actions.CONCERNED_MAIL] = "G3"
        ticking.due.append(_forget)
        account.join_in()


def _forget() -> None:
    """Addresses of notices that are over are not kept."""
    from koinon.notices.actions import forget_addresses

    forget_addresses()
