"""`koinon mails [--again] [--forget ADDRESS]`: what became of the mails that went out, and what an operator can do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from koinon.mail import actions, bounces
from koinon.mail.models import Bounced, Outbox

_SHOWN = 20


class Command(BaseCommand):
    help = "Say how many mails wait, went out and failed; try the failed ones again, or write to an address again."
    matrix_row = "H10"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="try again what was given up")
        parser.add_argument("--forget", metavar="ADDRESS", help="forget that mails to this address came back")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["forget"]:
            released = bounces.forget_bounce(options["forget"])
            self.stdout.write(f"Mails are sent to this address again; {released} that were held go out.")
        if options["again"]:
            self.stdout.write(f"{actions.try_again()} mails are tried again.")
        counts = Outbox.objects.counts()
        self.stdout.write(", ".join(f"{state}: {number}" for state, number in counts.items()))
        self.stdout.write(f"addresses that refuse mails: {Bounced.objects.count()}")
        for mail in Outbox.objects.failed()[:_SHOWN]:
            self.stdout.write(f"{mail.pk}  {mail.made_at:%Y-%m-%d %H:%M}  {mail.to}  {mail.trouble}")
