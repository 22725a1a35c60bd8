"""How Django finds `journal`."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "koinon.journal"
    label = "journal"

    def ready(self) -> None:
        from koinon.base import ticking

        ticking.due.append(_forget)


def _forget() -> None:
    """Keys of programs are kept for a week."""
    from koinon.journal.once import forget_old

    forget_old()
