"""`koinon token EMAIL`: a new API token of that person, shown once."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.people import actions


class Command(BaseCommand):
    matrix_row = "H4"
    help = "Print a new API token of the person with this address. It is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the person")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            secret = actions.new_token(options["email"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(secret)
