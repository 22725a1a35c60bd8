"""`koinon tick`: what is due. `koinon up` does it each minute by itself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from koinon.base import ticking


class Command(BaseCommand):
    help = "Do what is due: mails, reminders, retention."
    matrix_row = "H10"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if failed := ticking.tick() + ticking.tick_beside():
            works = len(ticking.due) + len(ticking.beside)
            raise CommandError(f"{failed} of {works} failed; the log says which.")
