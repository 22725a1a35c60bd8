"""`koinon dump DIR`: writes the facts of the network into files that `koinon load` reads."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.network.actions.dump import dump


class Command(BaseCommand):
    matrix_row = "H7"
    help = "Write the facts of the network into a folder, in the format in which they are loaded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = dump(options["folder"])
        except OSError as error:
            raise CommandError(f"{options['folder']}: {error.strerror}") from error
        for path in written:
            self.stdout.write(str(path))
