"""The words by which offers and needs are told apart: what kind, in which form, for how long."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    OFFER = "offer", _("offer")
    NEED = "need", _("need")
    PARTNERS = "partners", _("partner search")


class Format(models.TextChoices):
    CALL = "call", _("a call")
    VISIT = "visit", _("a visit")
    MENTORING = "mentoring", _("mentoring")
    DOCUMENT = "document", _("a document")
    WORKSHOP = "workshop", _("a workshop")
    REVIEW = "review", _("a peer review")
    PROJECT = "project", _("a project together")


class Availability(models.TextChoices):
    NOW = "now", _("now")
    SOME = "some", _("a few hours a month")
    LATER = "later", _("from a later day")
    AWAY = "away", _("not at present")


class Outcome(models.TextChoices):
    HELPED = "helped", _("it helped")
    PARTLY = "partly", _("it helped in part")
    NOTHING = "nothing", _("nothing came of it")
    NEVER = "never", _("it did not take place")


HOLDS = timedelta(days=365)
"""How long an offer or need without a day stands before it closes by itself."""
LONGEST = timedelta(days=3 * 365)
ANSWER_WITHIN = timedelta(days=14)
"""How long the other side is asked for."""
ASK_AFTER = timedelta(days=30)
"""After the last day of an exchange, its result is asked for."""
ASK_AGAIN = timedelta(days=60)
ASK_MOST = 3
