"""How fast one person may add to spaces: each post, file and date is a mail to every member who wants it."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.visitor import Visitor
from koinon.journal.models import Entry

MOST = 40
WITHIN = timedelta(hours=1)
SLOWLY = _(
    "So much has come from you within the hour that more of it would flood the mail of others. Nothing was added; wait a"
    " little, then send it again."
)
_TOLD = ("spaces.post_written", "spaces.files_added", "spaces.date_set", "spaces.date_changed")
"""What the journal calls the deeds that others are told of."""


class TooFast(Exception):
    """This person has added as much within the hour as others can bear."""


def pace(by: Visitor) -> None:
    """`TooFast` where `MOST` such deeds lie within the hour, in all spaces together."""
    done = Entry.objects.filter(actor=f"person:{by.person_id}", verb__in=_TOLD).order_by("-pk")
    times = list(done.values_list("when", flat=True)[MOST - 1 : MOST])
    if times and times[0] > timezone.now() - WITHIN:
        raise TooFast
