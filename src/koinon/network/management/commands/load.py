"""`koinon load FILE…`: loads fact files of an operator, all or nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.network.actions.load import LoadError, load_files


class Command(BaseCommand):
    matrix_row = "H6"
    help = "Load fact files in the format of src/koinon/network/data: nothing of them where one record is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = load_files(options["files"])
        except LoadError as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        self.stdout.write(f"{done.new} new, {done.changed} changed, {done.gone} gone.")
        for kept in done.kept:
            self.stdout.write(f"Left as it is here: {kept}")
