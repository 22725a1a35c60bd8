"""`koinon role EMAIL ROLE [ORGANISATION]`: grants a role, or ends it with `--end`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from koinon.network.actions import roles


class Command(BaseCommand):
    matrix_row = "H3"
    help = "Grant a role to the person with this address; the coordinator's needs no organisation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address of the person")
        parser.add_argument("role", choices=roles.BY_COMMAND)
        parser.add_argument(
            "organisation", nargs="?", help="as it stands in its address: /network/ORGANISATION/"
        )
        parser.add_argument("--end", action="store_true", help="end the role instead")

    def handle(self, *args: Any, **options: Any) -> None:
        act = roles.end_by_command if options["end"] else roles.grant
        try:
            role = act(options["email"], options["role"], options["organisation"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        until = f" until {role.until}" if role.until else ""
        self.stdout.write(f"{role.person.email}: {role}, since {role.since}{until}")
