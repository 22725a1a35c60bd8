"""How Django finds `practices`."""

from django.apps import AppConfig


class PracticesConfig(AppConfig):
    name = "koinon.practices"
    label = "practices"

    def ready(self) -> None:
        from koinon.base import governance
        from koinon.practices import account, found, fresh, invented, panel, reported, telling
        from koinon.practices.exchange import facts

        account.join_in()
        facts.join_in()
        found.join_in()
        fresh.join_in()
        invented.join_in()
        panel.join_in()
        reported.join_in()
        governance.mails.update(telling.MAILS)
