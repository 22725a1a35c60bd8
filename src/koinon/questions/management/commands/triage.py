"""`koinon triage EMAIL [--remove]`: names the coordinators who say by name who handles a confidential request."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.questions.actions import support


class Command(BaseCommand):
    matrix_row = "C3"
    help = "Name a coordinator for the triage of confidential requests, or end that with --remove."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the coordinator")
        parser.add_argument("--remove", action="store_true", help="end it instead")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["remove"]:
                support.end_triage(options["email"])
                self.stdout.write(f"{options['email']} is no longer named for triage.")
            else:
                support.name_for_triage(options["email"])
                self.stdout.write(f"{options['email']} is named for triage.")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
