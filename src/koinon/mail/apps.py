"""How Django finds `mail`."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "koinon.mail"
    label = "mail"

    def ready(self) -> None:
        from koinon.base import ticking

        ticking.due.append(_send)


def _send() -> None:
    """What waits goes out; what was sent long ago is forgotten."""
    from koinon.mail.actions import forget_old, send_due

    send_due()
    forget_old()
