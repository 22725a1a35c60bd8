"""`koinon demo [--remove]`: invented content, marked as such on every page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from koinon.network.actions import demo


class Command(BaseCommand):
    help = "Add invented content, marked as such on every page; --remove takes it away."
    matrix_row = "H10"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"Removed {demo.remove()} invented organisations and what hung on them.")
        else:
            self.stdout.write(
                f"Invented content is loaded for every Member State, marked as such on every page; {demo.add()} invented organisations are new."
            )
