"""The words of the log and of reports: what kinds of activities there are, and the states of a report."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    SESSION = "session", _("session")
    COURSE = "course", _("course")
    EXCHANGE = "exchange", _("exchange or peer review")
    ANSWER = "answer", _("published answer")
    PUBLICATION = "publication", _("publication")
    MEETING = "meeting", _("meeting")
    OTHER = "other", _("something else")


class Origin(models.TextChoices):
    """Where a record comes from."""

    HOUSE = "house", _("recorded by the house")
    TYPED = "typed", _("typed")


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    SENT_BACK = "sent_back", _("sent back")
    SUBMITTED = "submitted", _("submitted")
    ACCEPTED = "accepted", _("accepted")


WRITTEN = (State.DRAFT, State.SENT_BACK)
"""While it is written only the body's own people see it (F1)."""
HANDED_IN = (State.SUBMITTED, State.ACCEPTED)
"""What the lead of its consortium and the coordinator see too (F2)."""
