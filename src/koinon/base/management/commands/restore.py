"""`koinon restore FILE`: everything back, on a bare machine."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.base import backup


class Command(BaseCommand):
    help = "Bring everything back from an archive, into an empty data folder or database."
    matrix_row = "H10"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = backup.restore(options["file"])
        except (backup.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored what was taken on {manifest['taken']}. Start it with: koinon up")
