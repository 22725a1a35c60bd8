"""How Django finds `mail`, and what of it is due each minute."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "koinon.mail"
    label = "mail"

    def ready(self) -> None:
        from koinon.base import ticking

        ticking.due += [_send, _receive]


def _send() -> None:
    """What waits goes out; what was sent long ago is forgotten."""
    from koinon.mail.actions import forget_old, send_due

    send_due()
    forget_old()


def _receive() -> None:
    """What a mail server laid down is read; what was read long ago is forgotten."""
    from koinon.mail.incoming import forget_old_files, receive_files

    receive_files()
    forget_old_files()
