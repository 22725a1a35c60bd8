"""`koinon admin EMAIL`: makes or finds that person, gives it the administrator's role, prints a one-time sign-in link."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.network.actions import roles


class Command(BaseCommand):
    matrix_row = "H3"
    help = "Give the person with this address the administrator's role and print a link that signs in once, within an hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the person")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            address = roles.make_admin(options["email"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(address)
