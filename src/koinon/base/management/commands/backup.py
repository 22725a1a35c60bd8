"""`koinon backup FILE`: one archive of everything, while the house runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.base import backup


class Command(BaseCommand):
    help = "Write one archive of the database and the secret, while Koinon runs. Keep it secret."
    matrix_row = "H10"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup.write(options["file"])
        except (backup.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written: {options['file']}")
