"""`koinon receive [--to ADDRESS]`: takes one mail from standard input, as a mail server's pipe hands it over.

Exit codes are those of sysexits.h, which mail servers know: 0 taken or rightly dropped, 65 cannot be read, 67 nobody at
that address, 75 try again later. Whatever is not taken says why in one line on standard error.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from koinon.mail import incoming, letters


class Command(BaseCommand):
    help = "Take one mail (RFC 5322) from standard input: an answer by mail, or a delivery report."
    matrix_row = "C1"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="ADDRESS", help="the address that the mail server took it for")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(letters.LARGEST + 1)
        try:
            self.stdout.write(incoming.receive(raw, recipient=options["to"]))
        except incoming.Refused as refused:
            self.stderr.write(refused.reason)
            if refused.code:
                raise SystemExit(refused.code) from None
