"""The words by which guided reviews are told apart: what kind, how it stands, what became of a recommendation."""

import calendar
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewKind(models.TextChoices):
    """The values are those of `peers.words.Format`: the exchange with each peer has the same form."""

    REVIEW = "review", _("peer review")
    VISIT = "visit", _("study visit")
    MENTORING = "mentoring", _("mentoring pair")


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    CALLING = "calling", _("peers are called for")
    PREPARING = "preparing", _("the call for peers is closed")
    CANCELLED = "cancelled", _("called off")


class Answer(models.TextChoices):
    SENT = "sent", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Progress(models.TextChoices):
    OPEN = "open", _("open")
    DOING = "doing", _("being done")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


FOLLOW_UP_MONTHS = 6
"""So long after the last day the host is asked what changed."""
ASK_AGAIN = timedelta(days=30)
ASK_MOST = 3
MOST_PEERS = 30
MOST_ITEMS = 100
MOST_RECOMMENDATIONS = 60


def months_later(day: date, months: int) -> date:
    """The same day some months later; the last of the month where there is no such day."""
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_before(day: date, months: int) -> date:
    """The last day whose `months_later` is not after this one."""
    begun = months_later(day, -months)
    # A month that is shorter has let several days end on its last one.
    while months_later(begun + timedelta(days=1), months) <= day:
        begun += timedelta(days=1)
    return begun
