"""How Django finds `webhooks`."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "koinon.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from koinon.base import governance, ticking
        from koinon.webhooks import account, kinds

        governance.mails["webhooks/mail/paused"] = "H5"
        account.join_in()
        kinds.hold_all()
        ticking.beside.append(_deliver)


def _deliver() -> None:
    """What happened since each webhook was told the last time."""
    from koinon.webhooks import sending

    sending.run()
