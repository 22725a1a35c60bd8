"""`koinon search rebuild`: make the index of the search anew, from the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.search import indexer, shelf


class Command(BaseCommand):
    help = "Make the index of the search anew beside the one in use, and put it in its place."
    matrix_row = "H10"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["rebuild", "build"])
        parser.add_argument(
            "folder", nargs="?", type=Path, help="where `build` makes one that nobody uses yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "build":
            if options["folder"] is None:
                raise CommandError("build needs a folder.")
            self.stdout.write(f"Indexed: {indexer.build(options['folder'])}")
            return
        with shelf.writing() as mine:
            if not mine:
                shelf.ask_for_rebuild()
                self.stdout.write("Another process keeps the index: it makes it anew now.")
                return
            self.stdout.write(f"Indexed: {indexer.rebuild()}")
